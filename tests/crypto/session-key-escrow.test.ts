import { describe, expect, it } from 'vitest'
import { sessionKeyEscrow, stanzaSizeBytes } from '../../crypto/access/session-key-escrow.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { noMode, readings, recorded, underMode, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { altered } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refused } from '../support/refusal.ts'

const textsOf = (read: ReturnType<typeof readings>) => read.map(({ content }) => content.text)
const garbled = (bytes: Uint8Array) =>
  altered(bytes, ({ stanzas }) => ({
    stanzas: stanzas.map(({ modeId, payload }) => ({ modeId, payload: payload.map(() => 7) })),
  }))

/** A reader, and what it makes of one envelope: its text, null for nothing, or why not. */
function readerOf(secrets: Parameters<typeof readings>[1]) {
  const reader = sessionKeyEscrow.reader(secrets.map(({ bytes }) => bytes))
  return {
    reader,
    read: (...[from, to, bytes]: Parameters<typeof recorded>) =>
      reader.read(recorded(from, to, bytes), decodeEnvelope(bytes))?.content.text ?? null,
  }
}

describe('session key escrow', () => {
  it('adds a stanza of one size to every message, whatever the names', () => {
    const { alice } = underMode(sessionKeyEscrow, 'sizes')
    const [stanza] = decodeEnvelope(alice.send('hello')).stanzas
    expect([stanzaSizeBytes(2), stanza?.payload.length]).toEqual([1575, 1575])
  })

  it('opens every later message of a chain with what one of it gave away, and none before', () => {
    const { parameters, secrets } = sessionKeyEscrow.setup(seededRandom('later'))
    const { alice, bob, sendIn } = underModes([noMode, { id: sessionKeyEscrow.id, parameters }, noMode], 'later')
    const before = sendIn(1, alice, 'before')
    const sealed = sendIn(2, alice, 'sealed')
    const after = ['after', 'long after'].map((text) => sendIn(3, alice, text))
    for (const bytes of [before, sealed, ...after]) bob.receive(bytes)
    const evidence = [before, sealed, ...after].map((bytes) => recorded(alice, bob, bytes))
    // the last two were sent when the mode was no longer in force: the chain goes on until the other side has answered
    expect(textsOf(readings(sessionKeyEscrow, secrets, evidence))).toEqual(['sealed', 'after', 'long after'])
    const answer = sendIn(3, bob, 'an answer')
    alice.receive(answer)
    const turned = sendIn(3, alice, 'a new chain')
    const next = [recorded(bob, alice, answer), recorded(alice, bob, turned)]
    expect(textsOf(readings(sessionKeyEscrow, secrets, [...evidence, ...next]))).toEqual([
      'sealed',
      'after',
      'long after',
    ])
  })

  it('reads on where a later stanza is garbage, as long as the chain is the same', () => {
    const { alice, bob, secrets } = underMode(sessionKeyEscrow, 'garbage')
    const { read } = readerOf(secrets)
    const [first, second] = [alice.send('first'), alice.send('second')]
    expect(outcome(() => read(alice, bob, garbled(second)))).toBe('not-authentic')
    expect(read(alice, bob, first)).toBe('first')
    // with garbage in place of its stanza the associated data are others, and so it does not open either
    expect(outcome(() => read(alice, bob, garbled(second)))).toBe('not-authentic')
    expect(read(alice, bob, second)).toBe('second')
  })

  it('opens an earlier message too, once that has shown its own key, in whatever order', () => {
    const { alice, bob, secrets } = underMode(sessionKeyEscrow, 'order')
    const { read } = readerOf(secrets)
    const sent = ['one', 'two', 'three'].map((text) => alice.send(text))
    expect([2, 0, 1].map((i) => read(alice, bob, at(sent, i)))).toEqual(['three', 'one', 'two'])
  })

  it('has a recipient take a late message, whose chain key it no longer has, and refuse one with another chain key', () => {
    let swap: 'own' | 'earlier' = 'own'
    let earlier: readonly unknown[] = []
    const { alice, bob } = underMode(sessionKeyEscrow, 'late', (complying) => ({
      ...complying,
      outgoing(offer, chainKey) {
        // the right coins around the chain key of another place
        if (swap === 'earlier') return complying.outgoing(offer, earlier[0] as typeof chainKey)
        earlier = [chainKey.slice()]
        return complying.outgoing(offer, chainKey)
      },
    }))
    const [first, second] = [alice.send('first'), alice.send('second')]
    expect(bob.receive(second).text).toBe('second')
    expect(bob.receive(first).text).toBe('first')
    swap = 'earlier'
    expect(refused(bob, alice.send('sealed wrongly'))).toBe('stanza-refused')
  })

  it('lets its holder write the next message of a chain, and the genuine one then fails', () => {
    const { alice, bob, secrets } = underMode(sessionKeyEscrow, 'forgery')
    const { reader, read } = readerOf(secrets)
    const first = alice.send('meet me at nine')
    bob.receive(first)
    expect(read(alice, bob, first)).toBe('meet me at nine')
    const record = recorded(alice, bob, first)
    const forged = reader.forge(record, decodeEnvelope(first), 'meet me at midnight', seededRandom('forger'))
    expect(bob.receive(forged ?? new Uint8Array()).text).toBe('meet me at midnight')
    expect(refused(bob, alice.send('and bring the papers'))).toBe('key-gone')
    expect(bob.receive(alice.send('are you there?')).text).toBe('are you there?')
  })
})
