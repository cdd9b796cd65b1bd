import { equal } from '../bytes.ts'
import { type Content, decodeContent } from '../content.ts'
import type { Envelope } from '../envelope.ts'
import { CryptoError } from '../errors.ts'
import type { DeviceRecord } from '../identity.ts'
import type { ChainKey, Digest, HeaderKey } from '../keys.ts'
import { openWithMessageKey } from '../message.ts'
import { decryptHeader, type Header } from '../ratchet.ts'
import { skipLimit } from '../ratchet-state.ts'
import type { Direction, SuiteNumber } from '../suite.ts'
import { suiteNumbered } from '../suites.ts'

/** A sending chain at one index: what opens the message there, and every later one. */
export interface ChainPlace {
  readonly suite: SuiteNumber
  readonly chainKey: ChainKey
  readonly headerKey: HeaderKey
  readonly index: number
  readonly transcript: Digest
  readonly direction: Direction
  readonly sender: DeviceRecord
  readonly recipient: DeviceRecord
}

/** A message that was opened: where, and what it says. */
export interface OpenedMessage {
  readonly here: ChainPlace
  readonly header: Header
  readonly content: Content
}

/**
 * The chains from one device to another that have opened a message. Whatever was sealed without opening one is not
 * believed.
 */
export interface KnownChains {
  /**
   * Opens a message by means of what opened earlier ones, in at most 1,000 steps in all.
   * @returns null for a message of no chain that is known, or from before what is known of it
   * @throws CryptoError `too-far-ahead` | `not-authentic` | `malformed` where its header opens, and it does not
   */
  open(envelope: Envelope): OpenedMessage | null
  /** Takes in a place that has opened a message. */
  remember(here: ChainPlace): void
}

/**
 * As many chains as a recipient's device still takes mail on from one other: 4 sessions with 5 receiving chains each
 * (section 17 of the protocol). The chain that opened something longest ago is dropped first.
 */
const chainsLimit = 20
/** The furthest place, and two behind it that lie apart. Together they reach back as far as a recipient keeps keys. */
const placesLimit = 3

/** One chain, at the places that are remembered of it: the furthest first. */
type Chain = readonly ChainPlace[]

/** @throws CryptoError `not-authentic` | `malformed` */
export function openAt(here: ChainPlace, header: Header, envelope: Envelope): OpenedMessage {
  const { handshake, encryptedHeader, policy } = envelope
  const suite = suiteNumbered(here.suite)
  const context = suite.context({ ...here, handshake, encryptedHeader, policy })
  const { messageKey } = suite.stepChain(here.chainKey)
  return { here, header, content: decodeContent(openWithMessageKey(messageKey, envelope, context)) }
}

/** A chain at a later index. */
export const advance = (from: ChainPlace, index: number): ChainPlace => ({
  ...from,
  chainKey: suiteNumbered(from.suite).chainKeyAfter(from.chainKey, index - from.index),
  index,
})

export function createKnownChains(): KnownChains {
  let chains: readonly Chain[] = []

  return {
    open(envelope) {
      let steps = skipLimit
      let refusal: CryptoError | null = null
      for (const chain of chains) {
        const header = headerIn(envelope, chain)
        const from = header && chain.find(({ index }) => index <= header.index)
        if (!from) continue
        try {
          const ahead = header.index - from.index
          if (ahead > steps) throw new CryptoError('too-far-ahead', `more than ${skipLimit} messages would be skipped`)
          steps -= ahead
          const opened = openAt(advance(from, header.index), header, envelope)
          chains = [withPlace(chain, opened.here), ...chains.filter((other) => other !== chain)]
          return opened
        } catch (error) {
          if (!(error instanceof CryptoError)) throw error
          refusal ??= error
        }
      }
      if (refusal) throw refusal
      return null
    },

    remember(here) {
      const same = chainOf(here, chains)
      const others = chains.filter((chain) => chain !== same)
      chains = [same ? withPlace(same, here) : [here], ...others].slice(0, chainsLimit)
    },
  }
}

const headerIn = ({ suite, encryptedHeader }: Envelope, [place]: Chain): Header | null =>
  place?.suite === suite ? decryptHeader(encryptedHeader, place.headerKey) : null

/**
 * Finds the chain that a place belongs to. The header key alone does not tell, because a sender can seal the true one
 * beside a false chain key. At most 1,000 steps in all; a place beyond them counts as a chain of its own.
 */
function chainOf(here: ChainPlace, chains: readonly Chain[]): Chain | null {
  let steps = skipLimit
  const isOn = (chain: Chain): boolean => {
    const behind = chain.find(({ index }) => index <= here.index)
    const [from, to] = behind ? [behind, here] : [here, chain.at(-1)]
    if (!to || from.suite !== to.suite || !equal(from.headerKey, to.headerKey) || to.index - from.index > steps)
      return false
    steps -= to.index - from.index
    return equal(advance(from, to.index).chainKey, to.chainKey)
  }
  return chains.find(isOn) ?? null
}

/** A place between two others that are kept adds nothing, unless those two are further apart than one may jump. */
function withPlace(chain: Chain, here: ChainPlace): Chain {
  const [furthest, last] = [chain[0], chain.at(-1)]
  if (!furthest || !last || (here.index <= furthest.index && here.index >= last.index)) return chain
  const places = here.index > furthest.index ? [here, ...chain] : [...chain, here]
  const isNeeded = (i: number) => {
    const [before, after] = [places[i - 1], places[i + 1]]
    return !before || !after || before.index - after.index > skipLimit
  }
  return places.filter((_, i) => isNeeded(i)).slice(0, placesLimit)
}
