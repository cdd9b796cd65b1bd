import { describe, expect, it } from 'vitest'
import type { AccessMode } from '../../crypto/access/mode.ts'
import { decodeEnvelope, type Stanza } from '../../crypto/envelope.ts'
import { converse, noMode, readings, recorded, tampered, underMode, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { combinations } from '../support/combinations.ts'
import { altered, turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refused } from '../support/refusal.ts'

/** What a mode says of itself, to be tried. */
export interface Promises {
  /** of the messages of its epochs, what somebody with all its secrets reads */
  readonly holderReads: 'everything' | 'nothing'
  /** what becomes of the holder's best attempt at putting words into somebody's mouth, at a client that complies */
  readonly forgery: 'accepted' | 'refused' | 'not to be begun'
  /** how many stanzas each message carries */
  readonly stanzas: number
  /** where any so many of its secrets read what all do, and fewer nothing: how many */
  readonly needed?: number
}

/** What every access mode owes, whatever it is. */
export function accessModeSuite(mode: AccessMode, promises: Promises): void {
  const expected = <T>(all: readonly T[]) => (promises.holderReads === 'everything' ? [...all] : [])

  describe(`the access mode ${mode.id}`, () => {
    it('sets itself up from its Random alone, each time otherwise', () => {
      const setUp = (seed: string) => mode.setup(seededRandom(seed))
      expect(setUp('a')).toEqual(setUp('a'))
      for (const [i, { bytes }] of setUp('a').secrets.entries()) expect(setUp('b').secrets[i]?.bytes).not.toEqual(bytes)
    })

    it('names every secret once, with a holder and a jurisdiction', () => {
      const { secrets } = mode.setup(seededRandom('names'))
      expect(new Set(secrets.map(({ name }) => name)).size).toBe(secrets.length)
      for (const { name, holder, jurisdiction } of secrets) expect([name, holder, jurisdiction]).not.toContain('')
    })

    it('takes no parameters of another size', () => {
      const { parameters } = mode.setup(seededRandom('parameters'))
      const wrong = [new Uint8Array(parameters.length + 1), parameters.subarray(0, -1), new Uint8Array()]
      expect(outcome(() => mode.join(parameters))).toBe('accepted')
      for (const bytes of wrong.filter(({ length }) => length !== parameters.length))
        expect(outcome(() => mode.join(bytes))).toBe('malformed')
    })

    it('lets a conversation go on as without it, and past the relay', () => {
      const { alice, bob, parameters } = underMode(mode, 'conversation')
      const { evidence, read } = converse(alice, bob)
      expect(read).toEqual(['the second', 'the first, and late', 'a reply', 'a turn'])
      for (const { bytes } of evidence) {
        const { stanzas, suite } = decodeEnvelope(bytes)
        expect(stanzas).toHaveLength(promises.stanzas)
        expect(mode.join(parameters).admit(stanzas, suite)).toBe(true)
      }
    })

    it(`lets its holder read ${promises.holderReads}, and that as it was sent`, () => {
      const { alice, bob, secrets } = underMode(mode, 'holder')
      const { sent, evidence } = converse(alice, bob)
      const read = readings(mode, secrets, evidence)
      expect(read.map(({ content }) => content.text)).toEqual(expected(sent.map(({ text }) => text)))
      expect(read.map(({ recorded }) => recorded)).toEqual(expected(evidence))
      expect(read.map(({ modeId, epoch }) => [modeId, epoch])).toEqual(expected(sent.map(() => [mode.id, 1])))
    })

    it('lets a thief with a copy of the secrets read what the holder reads, and the holder read on', () => {
      const { alice, bob, secrets } = underMode(mode, 'thief')
      const { evidence } = converse(alice, bob)
      const copies = secrets.map((secret) => ({ ...secret, bytes: Uint8Array.from(secret.bytes) }))
      const byHolder = readings(mode, secrets, evidence)
      expect(readings(mode, copies, evidence)).toEqual(byHolder)
      expect(readings(mode, secrets, evidence)).toEqual(byHolder)
    })

    it(`has its holder's forgeries ${promises.forgery}`, () => {
      const { alice, bob, secrets } = underMode(mode, 'forgery')
      const reader = mode.reader(secrets.map(({ bytes }) => bytes))
      const attempt = (bytes: Uint8Array) => {
        const record = recorded(alice, bob, bytes)
        reader.read(record, decodeEnvelope(bytes))
        return reader.forge(record, decodeEnvelope(bytes), 'nobody wrote this', seededRandom('a forger'))
      }
      const first = alice.send('first')
      attempt(first)
      bob.receive(first)
      const second = alice.send('second, still on its way')
      const forged = attempt(second)
      expect(forged === null).toBe(promises.forgery === 'not to be begun')
      if (forged && promises.forgery === 'accepted') expect(bob.receive(forged).text).toBe('nobody wrote this')
      if (forged && promises.forgery === 'refused') expect(refused(bob, forged)).toBe('not-authentic')
      expect(bob.receive(second).text).toBe('second, still on its way')
    })

    it('lets an outsider read nothing, even one who holds other secrets of this mode', () => {
      const { alice, bob } = underMode(mode, 'outsider')
      const { evidence } = converse(alice, bob)
      const { secrets } = mode.setup(seededRandom('another holder'))
      expect(evidence).toHaveLength(5)
      expect(readings(mode, secrets, evidence)).toEqual([])
    })

    it('takes a guess for no secret, or reads nothing with it', () => {
      const { alice, bob, secrets } = underMode(mode, 'guess')
      const { evidence } = converse(alice, bob)
      const guesses = secrets.map(({ bytes }) => turned(bytes, 8 * bytes.length - 9))
      for (const bytes of [new Uint8Array(32), ...guesses]) {
        const guess = { name: 'a guess', holder: 'nobody', jurisdiction: 'nowhere', bytes }
        const what = outcome(() => expect(readings(mode, [guess], evidence)).toEqual([]))
        expect(['accepted', 'malformed', 'bad-key']).toContain(what)
      }
    })

    const { needed } = promises
    if (needed !== undefined)
      it(`lets any ${needed} of its secrets read everything, and any ${needed - 1} nothing`, () => {
        const { alice, bob, secrets } = underMode(mode, 'some')
        expect(secrets.map(({ bytes }) => mode.needed?.(bytes) ?? 1)).toEqual(secrets.map(() => needed))
        const { sent, evidence } = converse(alice, bob)
        const all = sent.map(({ text }) => text)
        const read = (some: typeof secrets) => readings(mode, some, evidence).map(({ content }) => content.text)
        for (const some of combinations(secrets, needed)) expect(read(some)).toEqual(all)
        for (const some of combinations(secrets, needed - 1)) expect(read(some)).toEqual([])
      })

    it('lets its holder read the messages of its own epochs, and of no other', () => {
      const { secrets, parameters } = mode.setup(seededRandom('switched'))
      const { alice, bob, sendIn } = underModes([noMode, { id: mode.id, parameters }, noMode], 'switched')
      const late = recorded(alice, bob, sendIn(1, alice, 'before, and late'))
      const evidence = [1, 2, 2, 3].map((epoch, i) => {
        const [from, to] = i % 2 === 0 ? [alice, bob] : [bob, alice]
        const bytes = sendIn(epoch, from, `message ${i} in epoch ${epoch}`)
        expect(to.receive(bytes).text).toBe(`message ${i} in epoch ${epoch}`)
        return recorded(from, to, bytes)
      })
      expect(bob.receive(late.bytes).text).toBe('before, and late')
      const texts = readings(mode, secrets, [late, ...evidence]).map(({ content }) => content.text)
      expect(texts).toEqual(expected(['message 1 in epoch 2', 'message 2 in epoch 2']))
    })

    it('has the relay look for its stanzas and their shape, for it can open nothing', () => {
      const { alice, parameters } = underMode(mode, 'relay')
      const [{ stanzas, suite }, other] = [decodeEnvelope(alice.send('one')), decodeEnvelope(alice.send('other'))]
      const seams = mode.join(parameters)
      const sameShape = (others: readonly Stanza[]) =>
        others.length === stanzas.length &&
        others.every((one, i) => one.modeId === stanzas[i]?.modeId && one.payload.length === stanzas[i].payload.length)
      for (const instead of tampered(stanzas, other.stanzas))
        expect(seams.admit(instead, suite)).toBe(sameShape(instead))
      const longer = ({ modeId, payload }: Stanza) => ({ modeId, payload: new Uint8Array(payload.length + 1) })
      expect(seams.admit(stanzas.map(longer), suite)).toBe(stanzas.length === 0)
    })

    it('has a complying recipient refuse stanzas that were tampered with in flight', () => {
      const { alice, bob } = underMode(mode, 'in flight')
      bob.receive(alice.send('first'))
      const [genuine, other] = [alice.send('second'), alice.send('third')]
      const { stanzas } = decodeEnvelope(genuine)
      for (const instead of tampered(stanzas, decodeEnvelope(other).stanzas))
        expect(refused(bob, altered(genuine, { stanzas: instead }))).toBe('not-authentic')
      expect(bob.receive(genuine).text).toBe('second')
    })

    it('has a complying recipient refuse what a client that does not comply sends instead', () => {
      let way = -1
      let before: readonly Stanza[] = []
      const { alice, bob } = underMode(mode, 'rogue', (complying) => ({
        ...complying,
        outgoing(offer, chainKey) {
          const stanzas = complying.outgoing(offer, chainKey)
          const instead = way < 0 ? stanzas : at(tampered(stanzas, before), way)
          before = stanzas
          return instead
        },
      }))
      bob.receive(alice.send('complying'))
      const { length } = tampered(before, before)
      for (way = 0; way < length; way++) expect(refused(bob, alice.send('instead'))).toBe('stanza-refused')
      way = -1
      expect(bob.receive(alice.send('complying again')).text).toBe('complying again')
    })

    if (promises.stanzas === 0) return

    it('has a complying recipient refuse stanzas made for another epoch', () => {
      const { inForce } = underMode(mode, 'epochs')
      const { alice, bob, chain, sendIn } = underModes([inForce, inForce], 'epochs', (complying) => ({
        ...complying,
        outgoing: (offer, chainKey) =>
          complying.outgoing(() => ({ ...offer(), policy: at(chain.links, 0).reference }), chainKey),
      }))
      const before = sendIn(1, alice, 'before')
      bob.receive(before)
      const after = sendIn(2, alice, 'after')
      expect(refused(bob, altered(after, { stanzas: decodeEnvelope(before).stanzas }))).toBe('not-authentic')
      expect(refused(bob, after)).toBe('stanza-refused')
    })
  })
}
