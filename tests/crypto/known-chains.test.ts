import { describe, expect, it } from 'vitest'
import {
  advance,
  type ChainPlace,
  createKnownChains,
  type KnownChains,
  openAt,
} from '../../crypto/access/known-chains.ts'
import { encodeContent } from '../../crypto/content.ts'
import type { Envelope } from '../../crypto/envelope.ts'
import { createAccount } from '../../crypto/identity.ts'
import type { AgreementKey, ChainKey, Digest, HeaderKey } from '../../crypto/keys.ts'
import { sealBody } from '../../crypto/message.ts'
import { encryptHeader } from '../../crypto/ratchet.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import type { Direction } from '../../crypto/suite.ts'
import { at } from '../support/at.ts'
import { noSeams, text } from '../support/couple.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'

/*
 * Section 13b: what the holder of a key for session key escrow remembers of the chains between two devices. Here nothing
 * is sealed to anybody: the places are handed over as they are.
 */

const random = seededRandom('known chains')
const alice = createAccount('alice', random).device.record
const bob = createAccount('bob', random).device.record
const policy = { epoch: 1, digest: random(32) as Digest }
const ratchetKey = random(32) as AgreementKey

const nextChainKeyOf = (chainKey: ChainKey) => suite2.stepChain(chainKey).chainKey

/** The beginning of a chain, or a place that is made up. */
const place = (given: Partial<ChainPlace> = {}): ChainPlace => ({
  suite: 2,
  chainKey: random(32) as ChainKey,
  headerKey: random(32) as HeaderKey,
  index: 0,
  transcript: random(32) as Digest,
  direction: 'initiator to responder',
  sender: alice,
  recipient: bob,
  ...given,
})

/** A false chain key, sealed by somebody who uses the true header key. */
const falsePlace = ({ headerKey }: ChainPlace, index = 0) => place({ headerKey, index })

const contentOf = (index: number) => text(`${index}`, random)

/** The message of a chain at an index; its text is the index. */
function sealed(chain: ChainPlace, index: number, content = encodeContent(contentOf(index))): Envelope {
  const at = advance(chain, index)
  const { suite, transcript, direction, headerKey, chainKey, sender, recipient } = at
  const encryptedHeader = encryptHeader({ ratchetKey, previousCount: 0, index }, headerKey, random)
  const context = suite2.context({ ...at, handshake: null, encryptedHeader, policy })
  const where = { context, policy, sender, recipient, chain: { suite, transcript, direction, headerKey, index } }
  return sealBody(
    { messageKey: suite2.stepChain(chainKey).messageKey, chainKey, place: where, seams: noSeams, random },
    (to) => to.bytes(content),
    (body) => ({ policy, handshake: null, encryptedHeader, ...body, ciphertext: body.ciphertext.slice() }),
  )
}

const garbled = (envelope: Envelope): Envelope => ({ ...envelope, ciphertext: turned(envelope.ciphertext, 0) })

/** The places are remembered one after another, so the chain of the last is tried first. */
function knowing(...places: readonly ChainPlace[]): KnownChains {
  const known = createKnownChains()
  for (const here of places) known.remember(here)
  return known
}

const read = (known: KnownChains, envelope: Envelope) => known.open(envelope)?.content.text ?? null
const readAll = (known: KnownChains, chain: ChainPlace, indices: readonly number[]) =>
  indices.map((index) => read(known, sealed(chain, index)))

const chains = (count: number) => Array.from({ length: count }, () => place())
/** Which of these chains open nothing, by their number. */
const forgotten = (known: KnownChains, those: readonly ChainPlace[]) =>
  those.flatMap((chain, i) => (known.open(sealed(chain, 0)) ? [] : [i]))

describe('a place', () => {
  it('leads to each later one, a step of the chain key at a time', () => {
    const from = place({ index: 7 })
    const { chainKey } = from
    expect(advance(from, 7)).toEqual(from)
    expect(advance(from, 8)).toEqual({ ...from, index: 8, chainKey: nextChainKeyOf(chainKey) })
    const third = nextChainKeyOf(nextChainKeyOf(nextChainKeyOf(chainKey)))
    expect(advance(from, 10)).toEqual({ ...from, index: 10, chainKey: third })
  })

  it('opens its own message, and no other', () => {
    const here = place()
    const header = { ratchetKey, previousCount: 0, index: 0 }
    const content = contentOf(0)
    const envelope = sealed(here, 0, encodeContent(content))
    expect(openAt(here, header, envelope)).toEqual({ here, header, content })
    const others: Partial<ChainPlace>[] = [
      { chainKey: nextChainKeyOf(here.chainKey) },
      { transcript: random(32) as Digest },
      { direction: 'responder to initiator' },
    ]
    for (const other of others)
      expect(outcome(() => openAt({ ...here, ...other }, header, envelope))).toBe('not-authentic')
    expect(outcome(() => openAt(here, header, sealed(here, 0, new Uint8Array(1))))).toBe('malformed')
  })
})

describe('what is known of chains', () => {
  it('is nothing at first, and then nothing of any other chain', () => {
    const [one, other] = [place(), place()]
    expect(read(knowing(), sealed(one, 0))).toBeNull()
    expect(read(knowing(other), sealed(one, 0))).toBeNull()
    expect(read(knowing(other, one), sealed(one, 0))).toBe('0')
  })

  it('opens the message at a place and all after it, in any order, and none before', () => {
    const chain = place()
    const known = knowing(advance(chain, 5))
    expect(readAll(known, chain, [4, 5, 9, 7, 5, 10, 4])).toEqual([null, '5', '9', '7', '5', '10', null])
  })

  it('says where a message was, and what it says', () => {
    const chain = place()
    const content = contentOf(3)
    const opened = knowing(chain).open(sealed(chain, 3, encodeContent(content)))
    expect(opened).toEqual({ here: advance(chain, 3), header: { ratchetKey, previousCount: 0, index: 3 }, content })
  })

  it('opens what lies 1,000 messages ahead, and refuses what lies further, until it has come closer', () => {
    const chain = place()
    const known = knowing(chain)
    expect(outcome(() => known.open(sealed(chain, 1001)))).toBe('too-far-ahead')
    expect(readAll(known, chain, [1000, 1001, 2001])).toEqual(['1000', '1001', '2001'])
    expect(outcome(() => known.open(sealed(chain, 3002)))).toBe('too-far-ahead')
  })

  it('refuses a message whose header opens, and whose body does not, and takes nothing in from it', () => {
    const chain = place()
    const known = knowing(chain)
    expect(outcome(() => known.open(garbled(sealed(chain, 1000))))).toBe('not-authentic')
    expect(outcome(() => known.open(sealed(chain, 1000, new Uint8Array(1))))).toBe('malformed')
    expect(outcome(() => known.open(sealed(chain, 1001)))).toBe('too-far-ahead')
    expect(readAll(known, chain, [0])).toEqual(['0'])
  })
})

describe('beside false chains under the true header key, a message', () => {
  it('is opened by its own chain, whichever of them is tried first', () => {
    const chain = place()
    const lies = Array.from({ length: 5 }, () => falsePlace(chain))
    expect(readAll(knowing(chain, ...lies), chain, [0, 3, 2])).toEqual(['0', '3', '2'])
    expect(readAll(knowing(...lies, chain), chain, [0, 3, 2])).toEqual(['0', '3', '2'])
  })

  it('costs 1,000 steps for all of them together', () => {
    const chain = place()
    const known = () => knowing(chain, falsePlace(chain))
    expect(readAll(known(), chain, [500])).toEqual(['500'])
    expect(outcome(() => known().open(sealed(chain, 501)))).toBe('not-authentic')
  })

  it('is opened though it lies too far ahead on one of them: what is not tried costs no steps', () => {
    const chain = place()
    const known = knowing(advance(chain, 1500), falsePlace(chain))
    expect(readAll(known, chain, [1501])).toEqual(['1501'])
  })

  it('is refused for the reason that the first of them gives', () => {
    const chain = place()
    const far = falsePlace(chain)
    const near = falsePlace(chain, 1500)
    const envelope = sealed(chain, 1500)
    expect(outcome(() => knowing(near, far).open(envelope))).toBe('too-far-ahead')
    expect(outcome(() => knowing(far, near).open(envelope))).toBe('not-authentic')
  })

  it('is not tried on the next of them after a mistake of the program, which is no refusal', () => {
    const chain = place()
    // no chain that was decoded goes such a way, so to encode it is a mistake
    const mistaken = { ...falsePlace(chain), direction: 'sideways' as Direction }
    expect(() => knowing(chain, mistaken).open(sealed(chain, 0))).toThrow(RangeError)
  })
})

describe('20 chains', () => {
  it('are remembered, and of 21 the one is forgotten that was remembered first', () => {
    const all = chains(21)
    expect(forgotten(knowing(...all.slice(0, 20)), all)).toEqual([20])
    expect(forgotten(knowing(...all), all)).toEqual([0])
  })

  it('are kept in the order in which they opened something last', () => {
    const all = chains(20)
    const known = knowing(...all)
    expect(readAll(known, at(all, 0), [0])).toEqual(['0'])
    known.remember(advance(at(all, 1), 1))
    known.remember(place())
    known.remember(place())
    expect(forgotten(known, all)).toEqual([2, 3])
  })

  it('stay 20, however often one of them opens something', () => {
    const all = chains(20)
    const known = knowing(...all)
    const busy = at(all, 10)
    for (let i = 0; i < 30; i++) {
      expect(readAll(known, busy, [2 * i])).toEqual([`${2 * i}`])
      known.remember(advance(busy, 2 * i + 1))
    }
    expect(forgotten(known, all.toSpliced(10, 1))).toEqual([])
  })
})

/**
 * Whether a place counts as a chain of its own: then the oldest of 20 has to go.
 * @param before chains that are known, each with its places; the last is tried first
 */
function isOwnChain(before: readonly (readonly ChainPlace[])[], here: ChainPlace): boolean {
  const oldest = place()
  const known = knowing(oldest, ...chains(19 - before.length), ...before.flat(), here)
  return forgotten(known, [oldest]).length > 0
}

describe('two places', () => {
  const chain = place()
  const on = (index: number) => advance(chain, index)

  it('are of one chain if steps lead from the one to the other, whichever came first', () => {
    for (const there of [10, 11, 300, 1010]) {
      expect([there, isOwnChain([[on(10)]], on(there))]).toEqual([there, false])
      expect([there, isOwnChain([[on(there)]], on(10))]).toEqual([there, false])
    }
  })

  it('are of two chains if more than 1,000 steps lie between them', () => {
    expect(isOwnChain([[on(10)]], on(1011))).toBe(true)
    expect(isOwnChain([[on(1011)]], on(10))).toBe(true)
  })

  it('are of two chains if only their header keys are the same', () => {
    for (const index of [0, 5, 10, 15]) {
      const lie = falsePlace(chain, index)
      expect(isOwnChain([[on(10)]], lie)).toBe(true)
      expect(readAll(knowing(on(10), lie), chain, [10, 20])).toEqual(['10', '20'])
    }
  })

  it('are of two chains if only their chain keys are', () => {
    const elsewhere = { ...on(15), headerKey: random(32) as HeaderKey }
    expect(isOwnChain([[on(10)]], elsewhere)).toBe(true)
    expect(readAll(knowing(on(10), elsewhere), chain, [10, 20])).toEqual(['10', '20'])
  })

  it('are looked for on chains under the same header key in 1,000 steps for all of them together', () => {
    const known = [[on(500)], [falsePlace(chain, 400)]]
    expect(isOwnChain(known, on(950))).toBe(false)
    expect(isOwnChain(known, on(951))).toBe(true)
  })

  it('are looked for from the nearest that is known', () => {
    const known = [[on(1300), on(2000)], [falsePlace(chain, 1400)]]
    expect(isOwnChain(known, on(2000))).toBe(false)
    expect(isOwnChain(known, on(1999))).toBe(true)
  })
})

describe('of one chain', () => {
  const chain = place()
  const on = (index: number) => advance(chain, index)

  it('a place before those that are known opens earlier messages, and no fewer of the later ones', () => {
    const known = knowing(on(10))
    expect(readAll(known, chain, [5])).toEqual([null])
    known.remember(on(4))
    expect(readAll(known, chain, [3, 5, 11, 5, 4])).toEqual([null, '5', '11', '5', '4'])
  })

  it('a place between two that are known adds nothing, and takes none away', () => {
    expect(readAll(knowing(on(10), on(4), on(7)), chain, [5, 8, 11, 4])).toEqual(['5', '8', '11', '4'])
    expect(readAll(knowing(on(10), on(4), on(4), on(10)), chain, [5, 8, 11, 4])).toEqual(['5', '8', '11', '4'])
  })

  it('the three places that are kept reach back at least 1,000 messages behind the furthest', () => {
    const known = knowing(chain)
    expect(readAll(known, chain, [1000, 2000, 3000])).toEqual(['1000', '2000', '3000'])
    expect(readAll(known, chain, [999, 1000, 1001, 1999, 2001])).toEqual([null, '1000', '1001', '1999', '2001'])
  })

  it('a place is kept between two others only if they lie more than 1,000 messages apart', () => {
    // 0 stays only if 500 has gone
    expect(readAll(knowing(chain, on(500), on(1000), on(1500)), chain, [100])).toEqual(['100'])
    // and 2,000 only if 2,100 has
    expect(readAll(knowing(on(2000), on(2100), on(2200), on(2300)), chain, [2050])).toEqual(['2050'])
    // without 1,000 nothing would lead from 0 to 1,400
    expect(readAll(knowing(chain, on(1000), on(1500)), chain, [1400, 100])).toEqual(['1400', '100'])
  })
})
