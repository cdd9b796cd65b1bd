import { describe, expect, it } from 'vitest'
import type { ModeSecret } from '../../crypto/access/mode.ts'
import { type Point, scalarFrom, times } from '../../crypto/access/ristretto.ts'
import { combine, respond } from '../../crypto/access/split-custodians.ts'
import { setupShares, splitEscrow } from '../../crypto/access/split-escrow.ts'
import { decodeSplitKey, encodeShare, encodeSplitKey } from '../../crypto/access/split-key.ts'
import { type Request, sealSplit, takeApart, unwrap } from '../../crypto/access/split-request.ts'
import { concat, hex } from '../../crypto/bytes.ts'
import { decodeContent } from '../../crypto/content.ts'
import { decodeEnvelope, type Stanza } from '../../crypto/envelope.ts'
import { openWithEncryptionKey } from '../../crypto/message.ts'
import type { MessageSeams, Offer, StanzaInput } from '../../crypto/seams.ts'
import { complyingWith, converse, noMode, readings, recorded, underMode, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { combinations } from '../support/combinations.ts'
import { couple } from '../support/couple.ts'
import { seededRandom } from '../support/random.ts'
import { outcome, refusalOf } from '../support/refusal.ts'
import { commitmentIn, privateKeyFrom, requestOf, sealedBetween, somebody, underSplit } from '../support/split.ts'

const setUp = splitEscrow.setup(seededRandom('set up'))
const readerOf = (secrets: readonly ModeSecret[]) => splitEscrow.reader(secrets.map(({ bytes }) => bytes))

describe('split escrow', () => {
  it('publishes 194 bytes, gives 227 to each of five custodians, and adds 176 to a message', () => {
    const { alice } = underMode(splitEscrow, 'sizes')
    expect(setUp.parameters).toHaveLength(194)
    expect(setUp.secrets.map(({ bytes }) => bytes.length)).toEqual([227, 227, 227, 227, 227])
    expect(decodeEnvelope(alice.send('hello')).stanzas.map(({ payload }) => payload.length)).toEqual([176])
  })

  it('lets no state open anything by itself, and none keep the others from it', () => {
    const { needed } = decodeSplitKey(setUp.parameters)
    const of = (state: string) => setUp.secrets.filter(({ jurisdiction }) => jurisdiction === state).length
    const states = new Set(setUp.secrets.map(({ jurisdiction }) => jurisdiction))
    expect(needed).toBe(3)
    for (const state of states) {
      expect(of(state)).toBeLessThan(needed)
      expect(setUp.secrets.length - of(state)).toBeGreaterThanOrEqual(needed)
    }
  })

  it.each([
    [1, 1],
    [1, 2],
    [2, 2],
    [2, 16],
  ])('is read by %i of %i, and not by one fewer', (needed, custodians) => {
    const { alice, bob, secrets } = underSplit(needed, custodians, `${needed} of ${custodians}`)
    const { sent, evidence } = converse(alice, bob)
    const texts = (some: readonly ModeSecret[]) =>
      readings(splitEscrow, some, evidence).map(({ content }) => content.text)
    expect(texts(secrets.slice(-needed))).toEqual(sent.map(({ text }) => text))
    expect(texts(secrets.slice(0, needed - 1))).toEqual([])
  })

  it('is not set up for more than there are, for nobody, or for more than 16', () => {
    for (const [needed, custodians] of [
      [2, 1],
      [6, 5],
      [0, 1],
      [0, 0],
      [1, 17],
    ] as const)
      expect(outcome(() => setupShares(needed, somebody(custodians), seededRandom('none')))).toBe('malformed')
  })

  it('takes only parameters of a key that is split as it says', () => {
    const { parameters } = setUp
    const zeroed = parameters.map((byte, i) => (i < 34 && i > 1 ? 0 : byte))
    expect(outcome(() => splitEscrow.join(parameters))).toBe('accepted')
    expect(outcome(() => splitEscrow.join(zeroed))).toBe('bad-key')
    expect(outcome(() => splitEscrow.join(parameters.with(0, 2)))).toBe('bad-key')
    expect(outcome(() => splitEscrow.join(parameters.with(0, 6)))).toBe('malformed')
  })

  it('has its private key nowhere: three shares are as good, but nothing puts them together', () => {
    const { alice, bob, shares, splitKey } = underSplit(3, 5, 'nowhere')
    const sealed = takeApart(splitKey, requestOf(alice, bob, alice.send('hello')))
    const open = (some: typeof shares) => outcome(() => unwrap(times(privateKeyFrom(some), sealed.element), sealed))
    for (const some of combinations(shares, 3)) expect(open(some)).toBe('accepted')
    for (const some of combinations(shares, 2)) expect(open(some)).toBe('not-authentic')
  })

  it('seals each message with coins of its own, to nobody but its people', () => {
    const { splitKey } = underSplit(2, 3, 'coins')
    const stanzas = [
      sealedBetween(splitKey, 'alice', 'bob', 'one'),
      sealedBetween(splitKey, 'alice', 'bob', 'two'),
      sealedBetween(splitKey, 'bob', 'alice', 'one'),
    ].map(({ request }) => request.stanza)
    expect(sealedBetween(splitKey, 'alice', 'bob', 'one').request.stanza).toEqual(stanzas[0])
    for (const [i, j] of [
      [0, 32],
      [32, 64],
      [64, 96],
      [96, 176],
    ])
      expect(new Set(stanzas.map((stanza) => stanza.subarray(i, j).join())).size).toBe(3)
  })
})

describe('a sender whose store was put back, so that one seed meets two messages', () => {
  const { splitKey } = underSplit(2, 3, 'put back')
  const { input } = sealedBetween(splitKey, 'alice', 'bob')
  const somebodyElse = sealedBetween(splitKey, 'alice', 'carol').input.recipient
  const others: Partial<StanzaInput>[] = [
    { encryptionKey: seededRandom('another')(32) as StanzaInput['encryptionKey'] },
    { context: seededRandom('another')(32) as StanzaInput['context'] },
    { policy: { ...input.policy, epoch: 2 } },
    { recipient: somebodyElse },
  ]
  const parts = (change: Partial<StanzaInput>) => {
    const stanza = sealSplit(splitKey.key, { ...input, ...change })
    const element = stanza.slice(0, 32) as Point
    return { element, commitment: commitmentIn(stanza.subarray(32, 96), element) }
  }

  it('seals neither with the same coins, nor proves it with the same nonce, nor takes one for the other', () => {
    const all = [{}, ...others].map(parts).flatMap(({ element, commitment }) => [hex(element), hex(commitment)])
    expect(new Set(all).size).toBe(10)
  })
})

describe('custodians, asked about a message that was sent', () => {
  it('open it for whoever has the envelope, without any of them giving a share away', () => {
    const { alice, bob, shares, splitKey } = underSplit(3, 5, 'asked')
    const bytes = alice.send('hello')
    const [request, envelope] = [requestOf(alice, bob, bytes), decodeEnvelope(bytes)]
    const fromAlice = ({ from }: Request) => from === 'alice'
    const answers = [4, 0, 2].map((i) => ({ custodian: i + 1, bytes: respond(at(shares, i), request, fromAlice) }))
    const { encryptionKey, context } = combine(splitKey, request, answers)
    const content = decodeContent(openWithEncryptionKey(encryptionKey, envelope, context))
    expect(content).toEqual(bob.receive(bytes))
    expect(content.text).toBe('hello')
  })
})

describe('somebody with shares', () => {
  const { alice, bob, parameters, secrets, shares, splitKey } = underSplit(3, 5, 'somebody')
  const inForce = [{ id: splitEscrow.id, parameters }]
  const otherKey = underSplit(1, 1, 'their own').splitKey.key
  /** Two who agree on what to do instead of complying. */
  const pairUnder = (rogue: (complying: MessageSeams) => MessageSeams) =>
    couple('rogues', rogue(complyingWith(inForce)), inForce)
  const bytes = alice.send('hello')
  const record = recorded(alice, bob, bytes)
  const envelope = decodeEnvelope(bytes)
  const three = secrets.slice(0, 3)

  it('may have the same ones twice, or more than enough', () => {
    for (const some of [[...three, ...three], secrets, secrets.toReversed()])
      expect(readerOf(some).read(record, envelope)?.content.text).toBe('hello')
    const twice = [at(secrets, 0), at(secrets, 1), at(secrets, 1), at(secrets, 0)]
    expect(outcome(() => readerOf(twice).read(record, envelope))).toBe('not-authentic')
  })

  it('tries with too few, and is told that they do not open it', () => {
    for (const some of [...combinations(secrets, 1), ...combinations(secrets, 2)])
      expect(refusalOf(() => readerOf(some).read(record, envelope))).toContain(
        'not-authentic: these shares do not open',
      )
    expect(readerOf([]).read(record, envelope)).toBeNull()
    expect(readerOf([]).forge(record, envelope, 'forged', seededRandom('none'))).toBeNull()
  })

  it('is told that shares of different keys are no shares of one', () => {
    const other = setupShares(3, somebody(5), seededRandom('another')).secrets
    expect(refusalOf(() => readerOf([...three, at(other, 3)]))).toBe(
      'malformed: the shares are of different keys, and open nothing together',
    )
  })

  it('is told whose share is false, before any message is tried', () => {
    const false2 = encodeShare({ ...at(shares, 1), secret: scalarFrom(new Uint8Array(64).fill(3)) })
    const held = [at(secrets, 0).bytes, false2, at(secrets, 2).bytes]
    expect(refusalOf(() => splitEscrow.reader(held))).toBe(
      'bad-key: the share of custodian 2 was altered: it does not match the public values that it carries',
    )
    for (const bytes of [
      new Uint8Array(),
      new Uint8Array(32),
      at(secrets, 0).bytes.subarray(1),
      encodeSplitKey(splitKey),
    ])
      expect(['malformed', 'bad-key']).toContain(outcome(() => splitEscrow.reader([bytes])))
  })

  it('reads nothing where the relay says that somebody else sent or got it', () => {
    const reader = readerOf(three)
    for (const wrong of [{ fromUser: 'carol' }, { toUser: 'carol' }, { fromUser: 'bob', toUser: 'alice' }])
      expect(outcome(() => reader.read({ ...record, ...wrong }, envelope))).toBe('not-authentic')
    const dated = { ...envelope, policy: { ...envelope.policy, epoch: 2 } }
    expect(outcome(() => reader.read(record, dated))).toBe('not-authentic')
  })

  it('says of a stanza that it is not its own, or that it is and is broken', () => {
    const reader = readerOf(three)
    const read = (stanzas: (typeof envelope)['stanzas']) => outcome(() => reader.read(record, { ...envelope, stanzas }))
    const [{ payload }] = envelope.stanzas as [(typeof envelope)['stanzas'][0]]
    const own = (bytes: Uint8Array) => [{ modeId: splitEscrow.id, payload: bytes }]
    expect(read([])).toBe('no header key')
    expect(read([{ modeId: 'another-mode', payload }])).toBe('no header key')
    expect(read(own(payload.map(() => 0)))).toBe('bad-key')
    expect(read(own(payload.map(() => 255)))).toBe('bad-key')
    expect(read(own(concat(payload, payload)))).toBe('malformed')
    expect(read(own(concat(payload.subarray(0, 96), new Uint8Array(80))))).toBe('not-authentic')
    expect(read(own(decodeEnvelope(alice.send('another')).stanzas[0]?.payload ?? payload))).toBe('not-authentic')
  })

  it('opens what custodians would refuse: without a proof the shares themselves are still the key', () => {
    const withoutProof = ({ modeId, payload }: Stanza) => ({
      modeId,
      payload: payload.map((byte, i) => (i > 31 && i < 96 ? 0 : byte)),
    })
    const rogue = pairUnder(({ outgoing }) => ({
      outgoing: (offer, chainKey) => outgoing(offer, chainKey).map(withoutProof),
      incoming: () => undefined,
    }))
    const sent = rogue.alice.send('without a proof')
    const request = requestOf(rogue.alice, rogue.bob, sent)
    expect(outcome(() => respond(at(shares, 0), request, () => true))).toBe('not-authentic')
    const [reading] = readings(splitEscrow, three, [recorded(rogue.alice, rogue.bob, sent)])
    expect(reading?.content.text).toBe('without a proof')
  })

  it.each<[string, (input: StanzaInput) => Uint8Array]>([
    ['garbage', () => seededRandom('garbage')(176)],
    ['the identity', () => new Uint8Array(176)],
    [
      'another key, well sealed',
      (input) => sealSplit(splitKey.key, { ...input, encryptionKey: input.context as never }),
    ],
    [
      "their own message under others' names",
      (input) => sealSplit(splitKey.key, { ...input, sender: input.recipient }),
    ],
    ['to a key of their own', (input) => sealSplit(otherKey, input)],
  ])('reads nothing of two people who both seal %s, and a complying recipient refuses it', (_what, seal) => {
    const rogue = () => ({
      outgoing: (offer: Offer) => [{ modeId: splitEscrow.id, payload: seal(offer()) }],
      incoming: () => undefined,
    })
    const pair = pairUnder(rogue)
    const sent = pair.alice.send('between us')
    expect(splitEscrow.join(parameters).admit(decodeEnvelope(sent).stanzas, 2)).toBe(true)
    expect(readings(splitEscrow, secrets, [recorded(pair.alice, pair.bob, sent)])).toEqual([])
    const { alice: liar, bob: honest } = underModes(inForce, 'one rogue', rogue)
    expect(outcome(() => honest.receive(liar.send('hello')))).toBe('stanza-refused')
    expect(pair.bob.receive(sent).text).toBe('between us')
  })

  it('opens what was sent while that key was in force', () => {
    const keys = ['first', 'second'].map((seed) => setupShares(2, somebody(3), seededRandom(seed)))
    const inForce = keys.map(({ parameters }) => ({ id: splitEscrow.id, parameters }))
    const people = underModes([...inForce, noMode], 'keys')
    const evidence = [1, 2, 2, 3].map((epoch) => {
      const sent = people.sendIn(epoch, people.alice, `in epoch ${epoch}`)
      people.bob.receive(sent)
      return recorded(people.alice, people.bob, sent)
    })
    const texts = keys.map((key) => readings(splitEscrow, key.secrets, evidence).map(({ content }) => content.text))
    expect(texts).toEqual([['in epoch 1'], ['in epoch 2', 'in epoch 2']])
  })
})
