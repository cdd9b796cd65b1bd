import { Reader, type Writer } from './bytes.ts'
import {
  type AgreementKey,
  type AgreementPair,
  type AgreementSecret,
  type ChainKey,
  type HeaderKey,
  keySizeBytes,
  type MessageKey,
  type RootKey,
} from './keys.ts'
import type { SuiteNumber } from './suite.ts'

/** How many messages one received message may jump over. */
export const skipLimit = 1000
/** How many keys of skipped messages a session keeps; beyond it the oldest are forgotten. */
export const keptKeysLimit = 1000
/** index (4 bytes), message key (32), lowest and highest epoch (4 each) */
const keptKeySizeBytes = 4 + keySizeBytes + 4 + 4
/** How many receiving chains a session remembers: the current one and those before it. */
export const receivingChainsLimit = 5

/** The largest encoding: everything there is, and all keys that are kept. */
export const ratchetMaximumBytes = 1024 + receivingChainsLimit * 256 + keptKeysLimit * keptKeySizeBytes

/** A message that has not come yet: its key, and the epochs between which it must lie when it comes. */
export interface KeptKey {
  readonly index: number
  readonly messageKey: MessageKey
  readonly lowestEpoch: number
  readonly highestEpoch: number
}

export interface ReceivingChain {
  readonly ratchetKey: AgreementKey
  readonly headerKey: HeaderKey
  /** null once the chain has ended: nothing new can come on it */
  readonly chainKey: ChainKey | null
  /** the next index that has not been derived */
  readonly index: number
  readonly kept: readonly KeptKey[]
}

interface SendingChain {
  readonly chainKey: ChainKey
  readonly headerKey: HeaderKey
  readonly index: number
}

export interface RatchetState {
  readonly suite: SuiteNumber
  readonly rootKey: RootKey
  readonly ours: AgreementPair
  readonly sending: SendingChain | null
  readonly nextSendingHeaderKey: HeaderKey
  readonly nextReceivingHeaderKey: HeaderKey
  /** how many messages our previous sending chain had */
  readonly previousCount: number
  /** newest first; at most `receivingChainsLimit` */
  readonly receiving: readonly ReceivingChain[]
  /** the highest epoch of any message received, or of the handshake */
  readonly epoch: number
}

/** A message's place in a session: the sender's ratchet key and the index in its chain. */
export interface Place {
  readonly ratchetKey: AgreementKey
  readonly index: number
}

/*
 * States with one thing in them that is new. They are written out, because a spread here costs as much as the encryption
 * of a short message.
 */

export const withSending = (state: RatchetState, sending: SendingChain): RatchetState => ({
  suite: state.suite,
  rootKey: state.rootKey,
  ours: state.ours,
  sending,
  nextSendingHeaderKey: state.nextSendingHeaderKey,
  nextReceivingHeaderKey: state.nextReceivingHeaderKey,
  previousCount: state.previousCount,
  receiving: state.receiving,
  epoch: state.epoch,
})

export const withReceiving = (
  state: RatchetState,
  receiving: readonly ReceivingChain[],
  epoch = state.epoch,
): RatchetState => ({
  suite: state.suite,
  rootKey: state.rootKey,
  ours: state.ours,
  sending: state.sending,
  nextSendingHeaderKey: state.nextSendingHeaderKey,
  nextReceivingHeaderKey: state.nextReceivingHeaderKey,
  previousCount: state.previousCount,
  receiving,
  epoch,
})

export const withKept = (
  { ratchetKey, headerKey, chainKey, index }: ReceivingChain,
  kept: readonly KeptKey[],
): ReceivingChain => ({ ratchetKey, headerKey, chainKey, index, kept })

/** @param chainKey null for a chain that has ended */
export const withChainKey = (
  { ratchetKey, headerKey, kept }: ReceivingChain,
  chainKey: ChainKey | null,
  index: number,
): ReceivingChain => ({ ratchetKey, headerKey, chainKey, index, kept })

export const keptKeys = (state: RatchetState): number =>
  state.receiving.reduce((sum, chain) => sum + chain.kept.length, 0)

function* secretsIn({ rootKey, ours, sending, ...state }: RatchetState): Generator<Uint8Array> {
  yield* [rootKey, ours.secret, state.nextSendingHeaderKey, state.nextReceivingHeaderKey]
  if (sending) yield* [sending.chainKey, sending.headerKey]
  for (const { chainKey, headerKey, kept } of state.receiving) {
    yield headerKey
    if (chainKey) yield chainKey
    for (const { messageKey } of kept) yield messageKey
  }
}

/** The secrets that a state holds and the next one does not, to be wiped once that is stored; it shares all others. */
export function secretsLeft(state: RatchetState, next: RatchetState): Uint8Array[] {
  const held = new Set(secretsIn(next))
  return [...secretsIn(state)].filter((secret) => !held.has(secret))
}

/** The state as it is stored, without its suite; canonical, and secret through and through. */
export function writeRatchet(to: Writer, state: RatchetState): void {
  const { sending } = state
  to.bytes(state.rootKey)
  to.bytes(state.ours.secret)
  to.bytes(state.ours.public)
  to.u8(sending ? 1 : 0)
  if (sending) {
    to.bytes(sending.chainKey)
    to.bytes(sending.headerKey)
    to.u32(sending.index)
  }
  to.bytes(state.nextSendingHeaderKey)
  to.bytes(state.nextReceivingHeaderKey)
  to.u32(state.previousCount)
  to.u32(state.epoch)
  to.u8(state.receiving.length)
  for (const chain of state.receiving) writeChain(to, chain)
}

function writeChain(to: Writer, { ratchetKey, headerKey, chainKey, index, kept }: ReceivingChain): void {
  to.bytes(ratchetKey)
  to.bytes(headerKey)
  to.u8(chainKey ? 1 : 0)
  if (chainKey) to.bytes(chainKey)
  to.u32(index)
  to.fieldOf(() => {
    for (const key of kept) {
      to.u32(key.index)
      to.bytes(key.messageKey)
      to.u32(key.lowestEpoch)
      to.u32(key.highestEpoch)
    }
  })
}

export function readRatchet(reader: Reader, suite: SuiteNumber): RatchetState {
  const key = <T extends Uint8Array>() => reader.take(keySizeBytes) as T
  const rootKey = key<RootKey>()
  const ours = { secret: key<AgreementSecret>(), public: key<AgreementKey>() }
  const sending = reader.flag() ? { chainKey: key<ChainKey>(), headerKey: key<HeaderKey>(), index: reader.u32() } : null
  const nextSendingHeaderKey = key<HeaderKey>()
  const nextReceivingHeaderKey = key<HeaderKey>()
  const [previousCount, epoch, count] = [reader.u32(), reader.u32(), reader.u8()]
  const receiving = Array.from({ length: count }, (): ReceivingChain => ({
    ratchetKey: key(),
    headerKey: key(),
    chainKey: reader.flag() ? key<ChainKey>() : null,
    index: reader.u32(),
    kept: readKept(reader.lookField(keptKeysLimit * keptKeySizeBytes)),
  }))
  return {
    suite,
    rootKey,
    ours,
    sending,
    nextSendingHeaderKey,
    nextReceivingHeaderKey,
    previousCount,
    receiving,
    epoch,
  }
}

function readKept(bytes: Uint8Array): KeptKey[] {
  const reader = new Reader(bytes)
  const kept: KeptKey[] = []
  while (reader.offset < bytes.length) {
    kept.push({
      index: reader.u32(),
      messageKey: reader.take(keySizeBytes) as MessageKey,
      lowestEpoch: reader.u32(),
      highestEpoch: reader.u32(),
    })
  }
  return kept
}
