import { describe, expect, it } from 'vitest'
import { ghostDevice } from '../../crypto/access/ghost-device.ts'
import { keySubstitution, middle } from '../../crypto/access/key-substitution.ts'
import type { AccessMode } from '../../crypto/access/mode.ts'
import { type Puppet, puppetOf, streamOf } from '../../crypto/access/puppet.ts'
import type { Tap, TapAddress, TapLine } from '../../crypto/access/tap.ts'
import { concat, textField, u32, u8, utf8 } from '../../crypto/bytes.ts'
import type { Content } from '../../crypto/content.ts'
import { decodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import { createDevice, proveDevice } from '../../crypto/identity.ts'
import { type DeviceId, generateAgreementPair } from '../../crypto/keys.ts'
import { withDevice } from '../../crypto/linking.ts'
import { decodeHandshake, senderOf } from '../../crypto/pqxdh.ts'
import { createPrekey, encodeBundle, isKem, openBundle } from '../../crypto/prekeys.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { answerSession, decrypt, encrypt, openSession, type Session } from '../../crypto/session.ts'
import { at } from '../support/at.ts'
import { answeringKeys, inTheFuture, noSeams, person, policyChain, type TestPerson, text } from '../support/couple.ts'
import { verdict } from '../support/decoding.ts'
import { altered, handshakeIn, turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'

/* Section 13e: what a relay does that stands in the middle. Here the relay is a `TapLine` by hand; tests/device has whole ones. */

const random = seededRandom('substitution')
const seed = random(32)
const { reference } = policyChain(random).head
const [alice, bob] = [person('alice', random), person('bob', random)]
const people = new Map([alice, bob].map((one) => [one.device.record.user, one]))
const anything: MessageSeams = { ...noSeams, outgoing: () => [{ modeId: 'none', payload: utf8('as asked') }] }

interface Submitted {
  readonly from: TapAddress
  readonly to: TapAddress
  readonly bytes: Uint8Array
}

/** A relay that keeps what it is told, and counts the bundles that it hands out. */
function relay(given: Partial<TapLine> = {}) {
  const submitted: Submitted[] = []
  const state = { bundles: 0 }
  const line: TapLine = {
    signedList: async (user) => people.get(user)?.signedList ?? null,
    areAcquainted: async () => false,
    async bundle({ user }) {
      state.bundles += 1
      const prekeys = people.get(user)?.prekeys
      return prekeys ? encodeBundle(prekeys) : null
    },
    policy: () => ({ reference, seams: anything }),
    submit: async (from, to, bytes) => void submitted.push({ from, to, bytes }),
    now: () => 1_700_000_000_000,
    ...given,
  }
  return { line, submitted, state }
}

function bundleOf(puppet: Puppet) {
  const all = puppet.prekeys()
  const [signed, oneTime, kem] = (['signed', 'one-time', 'KEM one-time'] as const).map((wanted) =>
    all.find(({ kind }) => kind === wanted),
  )
  if (!signed || !oneTime || !kem || isKem(signed) || isKem(oneTime) || !isKem(kem)) throw new Error('no such prekeys')
  return openBundle(encodeBundle({ signed, oneTime, kem }), puppet.device.record, 1)
}

const addressOf = ({ device: { record } }: TestPerson | Puppet): TapAddress => ({
  user: record.user,
  device: record.id,
})

/** Somebody who writes to the impostor of somebody else, whose keys they were given. */
function writer(from: TestPerson, to: string, tap: Tap) {
  const impostor = puppetOf(seed, to)
  const { record } = impostor.device
  let session = openSession(from.device, from.signedList, record, bundleOf(impostor), reference, 1, random)
  return async (content: Content): Promise<void> => {
    const { next, envelope } = encrypt(session, from.device.record, content, reference, noSeams, random)
    session = next
    await tap.take?.(addressOf(from), addressOf(impostor), envelope)
  }
}

/** The one for whom it was meant, and reads what the impostor of its sender has passed on. */
function recipient(self: TestPerson) {
  let session: Session | null = null
  return (bytes: Uint8Array) => {
    const envelope = decodeEnvelope(bytes)
    if (!session) {
      const handshake = handshakeIn(envelope)
      session = answerSession(self.device, answeringKeys(self, handshake), senderOf(handshake), handshake)
    }
    const opened = decrypt(session, self.device.record, envelope, noSeams, random)
    if (!opened) throw new Error('the header does not open')
    session = opened.next
    return { content: opened.content, envelope, theirs: session.theirs }
  }
}

const saying = (body: string): Content => ({ ...text(body, random), sequence: 7 })
const common = { id: 'an-id', sentAt: 1_700_000_000_000, text: '' }
const receipt: Content = { ...common, kind: 'receipt', sequence: 0, abandoned: [], status: 'read', ids: ['a1'] }

describe('somebody in the middle', () => {
  it('reads what comes for an impostor, and passes it on from the impostor of its sender', async () => {
    const { line, submitted } = relay()
    const tap = middle(seed, [], false, line)
    const write = writer(alice, 'bob', tap)
    const read = recipient(bob)
    const place = { ratchetKey: alice.device.record.identityKey, index: 3 }
    const first = { ...saying('one'), abandoned: [place] }
    const said = [first, receipt, saying('two')]
    for (const content of said) await write(content)
    const impostor = puppetOf(seed, 'alice')
    expect(submitted.map(({ from, to }) => [from, to])).toEqual(said.map(() => [addressOf(impostor), addressOf(bob)]))
    const passed = submitted.map(({ bytes }) => read(bytes))
    // a number for each device, and places of chains that the recipient does not have are left out
    expect(passed.map(({ content }) => content)).toEqual([
      { ...first, sequence: 1, abandoned: [] },
      receipt,
      { ...at(said, 2), sequence: 2 },
    ])
    expect(at(passed, 0).theirs).toEqual(impostor.device.record)
    for (const { envelope } of passed) {
      expect(envelope.policy).toEqual(reference)
      expect(envelope.stanzas.map(({ payload }) => payload)).toEqual([utf8('as asked')])
    }
  })

  it('draws what it needs for that from a stream of the device and the envelope', async () => {
    const { line, submitted } = relay()
    const tap = middle(seed, [], false, line)
    const came: Uint8Array[] = []
    const listening: Tap = {
      ...tap,
      async take(from, to, envelope) {
        came.push(envelope)
        await tap.take?.(from, to, envelope)
      },
    }
    const write = writer(alice, 'bob', listening)
    for (const body of ['one', 'two']) await write(saying(body))
    const [first, second] = came.map((envelope) => streamOf(seed, utf8('passed on'), bob.device.record.id, envelope))
    const [opening, next] = submitted.map(({ bytes }) => decodeEnvelope(bytes))
    if (!first || !second || !opening || !next) throw new Error('two messages come, and two are passed on')
    const { ephemeralKey, startedAt } = decodeHandshake(opening.handshake ?? new Uint8Array())
    expect([ephemeralKey, startedAt]).toEqual([generateAgreementPair(first).public, line.now()])
    const nonces = ({ encryptedHeader, nonce }: Envelope) => [encryptedHeader.slice(0, 24), nonce]
    // of a new session: the coins and the first ratchet secret, 32 bytes each
    for (let i = 0; i < 2; i++) first(32)
    expect(nonces(opening)).toEqual([first(24), first(24)])
    expect(nonces(next)).toEqual([second(24), second(24)])
  })

  it('passes on in the session that is there, and asks for keys only where there is none', async () => {
    const { line, submitted, state } = relay()
    const tap = middle(seed, [], false, line)
    const [fromAlice, fromBob] = [writer(alice, 'bob', tap), writer(bob, 'alice', tap)]
    await fromBob(saying('hello Alice'))
    expect(state.bundles).toBe(1)
    for (const body of ['hello Bob', 'and again']) await fromAlice(saying(body))
    expect(state.bundles).toBe(1)
    expect(submitted.map(({ bytes }) => decodeEnvelope(bytes).handshake !== null)).toEqual([true, false, false])
  })

  it('passes on nothing that a puppet has no part in: a reset, a copy, mail for a genuine device', async () => {
    const { line, submitted } = relay()
    const tap = middle(seed, [], false, line)
    const write = writer(alice, 'bob', tap)
    await write({ ...common, kind: 'reset', sequence: 0, abandoned: [] })
    await write({ ...common, kind: 'copy', sequence: 1, abandoned: [], to: 'carol', text: 'to Carol' })
    const session = openSession(
      alice.device,
      alice.signedList,
      bob.device.record,
      openBundle(encodeBundle(bob.prekeys), bob.device.record, 1),
      reference,
      1,
      random,
    )
    const { envelope } = encrypt(session, alice.device.record, saying('genuine'), reference, noSeams, random)
    await tap.take?.(addressOf(alice), addressOf(bob), envelope)
    expect(submitted).toEqual([])
    await write(saying('to Bob'))
    expect(submitted).toHaveLength(1)
  })

  it('passes on to each device of the recipient that has keys, each with numbers of its own', async () => {
    const { list, signedList, accountSecret, device: first } = bob
    const second = createDevice('bob', list.accountKey, random(32) as DeviceId, random)
    const both = withDevice(signedList, second.record, proveDevice(second), accountSecret)
    const kinds = ['signed', 'one-time', 'KEM one-time'] as const
    const [signed, oneTime, kem] = kinds.map((kind, i) => createPrekey(kind, i + 1, inTheFuture, second, random))
    if (!signed || !oneTime || !kem || isKem(signed) || isKem(oneTime) || !isKem(kem))
      throw new Error('no such prekeys')
    const bundles = new Map([
      [first.record.id.join(), encodeBundle(bob.prekeys)],
      [second.record.id.join(), encodeBundle({ signed, oneTime, kem })],
    ])
    const sentTo = async (without?: DeviceId) => {
      const bundle = async ({ device }: TapAddress) =>
        device === without ? null : (bundles.get(device.join()) ?? null)
      const { line, submitted } = relay({ signedList: async () => both, bundle })
      const write = writer(alice, 'bob', middle(seed, [], false, line))
      for (const body of ['one', 'two']) await write(saying(body))
      return submitted
    }
    const ids = [first.record.id, second.record.id].toSorted((one, other) => Buffer.compare(one, other))
    const all = await sentTo()
    expect(all.map(({ to }) => to.device)).toEqual([...ids, ...ids])
    const read = recipient(bob)
    const toFirst = all.filter(({ to }) => to.device.join() === first.record.id.join())
    expect(toFirst.map(({ bytes }) => read(bytes).content.sequence)).toEqual([1, 2])
    for (const missing of [first.record.id, second.record.id]) {
      bundles.delete(missing.join())
      const rest = (await sentTo()).map(({ to }) => to.device.join())
      expect(rest).toEqual(bundles.size === 1 ? [...bundles.keys(), ...bundles.keys()] : [])
    }
  })

  it('passes on nothing to a name that nobody has', async () => {
    const { line, submitted } = relay({ signedList: async () => null })
    await writer(alice, 'bob', middle(seed, [], false, line))(saying('to nobody'))
    expect(submitted).toEqual([])
  })
})

/** Whether an answer about the one is another than their own list, when the other asks. */
const isLiedTo = async (tap: Tap, asker: string, user: string) =>
  (await tap.answer(asker, user, new Uint8Array())) !== null

describe('the directory of somebody in the middle', () => {
  it('names impostors to each other, and has the relay keep a mailbox for both', async () => {
    const tap = middle(seed, [], false, relay().line)
    const [ofAlice, ofBob] = ['alice', 'bob'].map((user) => puppetOf(seed, user)) as [Puppet, Puppet]
    for (let i = 0; i < 2; i++) {
      const answer = await tap.answer('alice', 'bob', bob.signedList)
      expect(answer?.list).toEqual(ofBob.signedList)
      expect(answer?.puppets.map(({ record, prekeys }) => [record, prekeys.length])).toEqual([
        [ofBob.device.record, 0],
        [ofAlice.device.record, 0],
      ])
    }
    expect(tap.puppets).toEqual([])
  })

  it('makes bundles of impostors as they are asked for, and of nobody else', () => {
    const tap = middle(seed, [], false, relay().line)
    const ofBob = puppetOf(seed, 'bob')
    const idsIn = (fresh: boolean) => {
      const { signed, oneTime, kem } = openBundle(
        tap.bundle?.(addressOf(ofBob), fresh) as Uint8Array,
        ofBob.device.record,
        1,
      )
      return [signed.id, oneTime?.id ?? null, kem.id]
    }
    expect([idsIn(true), idsIn(false), idsIn(true)]).toEqual([
      [1, 3, 53],
      [1, null, 2],
      [1, 4, 54],
    ])
    for (let turn = 2; turn < 50; turn++) expect(idsIn(true)).toEqual([1, 3 + turn, 53 + turn])
    // nobody is there to make new ones
    expect(idsIn(true)).toEqual([1, 3, 53])
    for (const { user, device } of [addressOf(bob), { ...addressOf(ofBob), user: 'alice' }])
      expect(tap.bundle?.({ user, device }, true)).toBeNull()
  })

  it('lies about targets, and to them, and to nobody about themselves; with no targets about everybody', async () => {
    const some = middle(seed, ['alice', 'bob'], false, relay().line)
    expect(await isLiedTo(some, 'carol', 'alice')).toBe(true)
    expect(await isLiedTo(some, 'alice', 'carol')).toBe(true)
    expect(await isLiedTo(some, 'alice', 'bob')).toBe(true)
    expect(await isLiedTo(some, 'carol', 'dave')).toBe(false)
    expect(await isLiedTo(some, 'alice', 'alice')).toBe(false)
    const all = middle(seed, [], false, relay().line)
    expect(await isLiedTo(all, 'carol', 'dave')).toBe(true)
    expect(await isLiedTo(all, 'carol', 'carol')).toBe(false)
  })

  it('tells people who have written to each other the truth, if it is to spare them', async () => {
    const acquainted = relay({
      areAcquainted: async (one, other) => [one, other].toSorted().join() === 'alice,bob',
    }).line
    const sparing = middle(seed, [], true, acquainted)
    expect(await isLiedTo(sparing, 'alice', 'bob')).toBe(false)
    expect(await isLiedTo(sparing, 'alice', 'carol')).toBe(true)
    expect(await isLiedTo(middle(seed, [], false, acquainted), 'alice', 'bob')).toBe(true)
  })
})

const { tapping } = keySubstitution
if (!tapping) throw new Error('a mode in which the operator has a part')
const magic = utf8('doormat substitution instrument 1\n')
const names = (count: number) => Array.from({ length: count }, (_, i) => `person${i}`)
const instrumentOf = (targets: readonly string[], count = targets.length) =>
  concat(magic, seed, u32(count), ...targets.map(textField))

describe('the instrument of a substitution', () => {
  it('has the seed and the names, and the operator reads too', () => {
    expect(tapping.instrument([seed], ['alice', 'bob'])).toEqual(instrumentOf(['alice', 'bob']))
    expect(tapping.instrument([seed], [])).toEqual(instrumentOf([]))
    for (const targets of [[], ['alice', 'bob'], names(1000)])
      expect(tapping.targets(instrumentOf(targets))).toEqual(targets)
    expect(tapping.operatorLearns).toBe(true)
  })

  it('is made from one key of 32 bytes, for names', () => {
    for (const held of [[], [seed, seed], [seed.slice(1)], [concat(seed, u8(0))]])
      expect(verdict(() => tapping.instrument(held, ['alice']))).toBe('malformed')
    expect(verdict(() => tapping.instrument([seed], ['Alice']))).toBe('malformed')
  })

  it('is refused in any other form, and with more than 1,000 names', () => {
    const read = (bytes: Uint8Array) => verdict(() => tapping.targets(bytes))
    const whole = instrumentOf(['alice', 'bob'])
    const wrong = [
      ...Array.from({ length: whole.length }, (_, size) => whole.slice(0, size)),
      concat(whole, u8(0)),
      concat(turned(magic, 3), whole.slice(magic.length)),
      instrumentOf(['Alice']),
      instrumentOf(names(1001)),
      instrumentOf(['alice'], 2),
    ]
    expect(wrong.map(read)).toEqual(wrong.map(() => 'malformed'))
  })

  it('has a relay lie about those it names, whether or not they have written to each other before', async () => {
    const { line } = relay({ areAcquainted: async () => true })
    const tap = tapping.tap(instrumentOf(['alice']), line)
    expect((await tap.answer('bob', 'alice', alice.signedList))?.list).toEqual(puppetOf(seed, 'alice').signedList)
    expect(await isLiedTo(tap, 'bob', 'carol')).toBe(false)
  })
})

describe('key substitution', () => {
  it('reads nothing in a session that an impostor has opened itself, where a ghost, which opens none, says what is missing', () => {
    const impostor = puppetOf(seed, 'bob')
    const session = openSession(
      alice.device,
      alice.signedList,
      impostor.device.record,
      bundleOf(impostor),
      reference,
      1,
      random,
    )
    const { envelope } = encrypt(session, alice.device.record, saying('hello'), reference, noSeams, random)
    const { record } = alice.device
    const ends = { fromUser: 'alice', fromDevice: record.id, toUser: 'bob', toDevice: impostor.device.record.id }
    const read = (mode: AccessMode, bytes: Uint8Array) =>
      mode.reader([seed]).read({ time: 0, ...ends, bytes }, decodeEnvelope(bytes))?.content.text ?? null
    const withoutHandshake = altered(envelope, { handshake: null })
    expect([keySubstitution, ghostDevice].map((mode) => read(mode, envelope))).toEqual(['hello', 'hello'])
    expect(read(keySubstitution, withoutHandshake)).toBeNull()
    expect(verdict(() => read(ghostDevice, withoutHandshake))).toBe('no-session')
    const garbled = envelope.with(-1, 1 ^ (envelope.at(-1) ?? 0))
    expect(verdict(() => read(keySubstitution, garbled))).toBe('not-authentic')
  })

  it('has no parameters and one secret of 32 bytes, and adds nothing to a message', () => {
    const { parameters, secrets } = keySubstitution.setup(seededRandom('set up'))
    expect([parameters.length, secrets.length, at(secrets, 0).bytes]).toEqual([0, 1, seededRandom('set up')(32)])
    expect(verdict(() => keySubstitution.join(parameters))).toBe('accepted')
    expect(verdict(() => keySubstitution.join(u8(1)))).toBe('malformed')
    expect(keySubstitution.remembers).toBe(true)
  })
})
