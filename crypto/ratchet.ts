import { nonceSizeBytes, tagSizeBytes } from './aead.ts'
import { copyPublic, open, put, seal, take, view, within, writerAt } from './arena.ts'
import { decode, equal } from './bytes.ts'
import { CryptoError } from './errors.ts'
import {
  agree,
  type AgreementKey,
  type AgreementPair,
  type AgreementSecret,
  type ChainKey,
  type Digest,
  generateAgreementPair,
  type HeaderKey,
  keySizeBytes,
  type MessageKey,
  putKey,
  type RootKey,
  wipe,
} from './keys.ts'
import type { Random } from './random.ts'
import type { RootSecret, RootStep, Suite } from './suite.ts'
import { suiteNumbered } from './suites.ts'
import {
  keptKeys,
  type KeptKey,
  keptKeysLimit,
  type Place,
  type RatchetState,
  type ReceivingChain,
  receivingChainsLimit,
  secretsLeft,
  skipLimit,
  withChainKey,
  withKept,
  withReceiving,
  withSending,
} from './ratchet-state.ts'

/*
 * The Double Ratchet with header encryption (Double Ratchet specification, revision 4, section 4), with bounded memory.
 * Every function takes a state and returns the next one; the state given is never changed, so an error costs nothing.
 * One addition: each index is tied to the policy epoch of its message, which in the order of sending, along and across
 * chains, may only rise.
 */

const headerSizeBytes = keySizeBytes + 4 + 4
/** nonce (24), then ratchet key (32), previous count (4) and index (4) encrypted, then tag (16): 80 bytes */
export const encryptedHeaderSizeBytes = nonceSizeBytes + headerSizeBytes + tagSizeBytes

export interface Header {
  readonly ratchetKey: AgreementKey
  readonly previousCount: number
  readonly index: number
}

/** The sender opens with a DH step against the recipient's signed prekey. */
export function startAsInitiator(
  suite: Suite,
  rootSecret: RootSecret,
  transcript: Digest,
  signedPrekey: AgreementKey,
  epoch: number,
  random: Random,
): RatchetState {
  const ours = generateAgreementPair(random)
  const first = suite.begin(rootSecret, transcript)
  const step = stepRoot(suite, first.rootKey, agree(ours.secret, signedPrekey))
  wipe(first.rootKey)
  return {
    suite: suite.number,
    rootKey: step.rootKey,
    ours,
    sending: { chainKey: step.chainKey, headerKey: first.initiatorHeaderKey, index: 0 },
    nextSendingHeaderKey: step.nextHeaderKey,
    nextReceivingHeaderKey: first.responderHeaderKey,
    previousCount: 0,
    receiving: [],
    epoch,
  }
}

/** The recipient cannot send until it has received; its first ratchet pair is the signed prekey. */
export function startAsResponder(
  suite: Suite,
  rootSecret: RootSecret,
  transcript: Digest,
  signedPrekey: AgreementPair,
  epoch: number,
): RatchetState {
  const first = suite.begin(rootSecret, transcript)
  return {
    suite: suite.number,
    rootKey: first.rootKey,
    // a copy, because the prekey outlives what this session will wipe
    ours: { secret: signedPrekey.secret.slice() as AgreementSecret, public: signedPrekey.public },
    sending: null,
    nextSendingHeaderKey: first.responderHeaderKey,
    nextReceivingHeaderKey: first.initiatorHeaderKey,
    previousCount: 0,
    receiving: [],
    epoch,
  }
}

/** A root step whose DH output, its argument, is wiped. */
function stepRoot(suite: Suite, rootKey: RootKey, shared: Uint8Array): RootStep {
  const step = suite.stepRoot(rootKey, shared)
  wipe(shared)
  return step
}

export interface SendingStep {
  readonly next: RatchetState
  readonly messageKey: MessageKey
  /** the chain's key at this message; wiped together with it */
  readonly chainKey: ChainKey
  readonly headerKey: HeaderKey
  readonly encryptedHeader: Uint8Array
  /** the message's place, for a sender who may have to give it up */
  readonly place: Place
  /** to be wiped once `next` is stored, the message key among them */
  readonly spent: readonly Uint8Array[]
}

/** @see Double Ratchet, section 4.4, RatchetEncryptHE */
export function stepSending(state: RatchetState, random: Random): SendingStep {
  const chain = state.sending
  if (!chain) throw new Error('a responder cannot send before it has received')
  const { chainKey, messageKey } = suiteNumbered(state.suite).stepChain(chain.chainKey)
  const place = { ratchetKey: state.ours.public, index: chain.index }
  // written out, as in ratchet-state.ts
  const header = { ratchetKey: place.ratchetKey, previousCount: state.previousCount, index: place.index }
  return {
    next: withSending(state, { chainKey, headerKey: chain.headerKey, index: chain.index + 1 }),
    messageKey,
    chainKey: chain.chainKey,
    headerKey: chain.headerKey,
    encryptedHeader: encryptHeader(header, chain.headerKey, random),
    place,
    spent: [chain.chainKey, messageKey],
  }
}

export const encryptHeader = (header: Header, key: HeaderKey, random: Random): Uint8Array => {
  const nonce = random(nonceSizeBytes)
  return within(() => {
    const address = take(encryptedHeaderSizeBytes)
    const to = writerAt(address, encryptedHeaderSizeBytes)
    to.bytes(nonce)
    to.bytes(header.ratchetKey)
    to.u32(header.previousCount)
    to.u32(header.index)
    seal({ address: address + nonceSizeBytes, sizeBytes: headerSizeBytes }, address, putKey(key))
    return copyPublic(address, encryptedHeaderSizeBytes)
  })
}

/** @returns null when the header is not under this key. @throws CryptoError `malformed` */
export const decryptHeader = (bytes: Uint8Array, key: HeaderKey): Header | null =>
  within(() => {
    if (bytes.length < nonceSizeBytes + tagSizeBytes) return null
    const nonce = put(bytes)
    const sealed = { address: nonce + nonceSizeBytes, sizeBytes: bytes.length - nonceSizeBytes }
    if (!open(sealed, nonce, putKey(key))) return null
    return decode(view(sealed.address, sealed.sizeBytes - tagSizeBytes), (reader) => ({
      ratchetKey: reader.take(keySizeBytes) as AgreementKey,
      previousCount: reader.u32(),
      index: reader.u32(),
    }))
  })

export interface ReceivingStep {
  readonly next: RatchetState
  readonly messageKey: MessageKey
  readonly headerKey: HeaderKey
  readonly index: number
  /** as that of a sending step */
  readonly spent: readonly Uint8Array[]
}

/**
 * Finds the message key for an encrypted header. The header is authentic, the message not yet: adopt `next` only
 * after the message itself has been decrypted.
 * @param encryptedHeader 80 bytes
 * @param epoch the policy epoch the message says it was made in
 * @returns null when no header key of this session opens the header: not a message of this session
 * @throws CryptoError `key-gone` | `too-far-ahead` | `not-authentic` | `bad-key` | `policy-dated-back`
 * @see Double Ratchet, section 4.5, RatchetDecryptHE
 */
export function stepReceiving(
  state: RatchetState,
  encryptedHeader: Uint8Array,
  epoch: number,
  random: Random,
): ReceivingStep | null {
  return (
    stepChains(state, encryptedHeader, epoch, 0, 1) ??
    stepNewChain(state, encryptedHeader, epoch, random) ??
    stepChains(state, encryptedHeader, epoch, 1, receivingChainsLimit)
  )
}

/** Tries a message on these chains, newest first. */
function stepChains(
  state: RatchetState,
  encryptedHeader: Uint8Array,
  epoch: number,
  from: number,
  to: number,
): ReceivingStep | null {
  for (let position = from; position < Math.min(to, state.receiving.length); position++) {
    const chain = at(state, position)
    const header = decryptHeader(encryptedHeader, chain.headerKey)
    if (!header) continue
    if (!equal(header.ratchetKey, chain.ratchetKey))
      throw new CryptoError('not-authentic', 'a header names the ratchet key of another chain')
    return header.index < chain.index
      ? takeKept(state, position, header.index, epoch)
      : takeNew(state, position, header.index, epoch)
  }
  return null
}

/** Reads the first message of a chain that their new ratchet key begins. */
function stepNewChain(
  state: RatchetState,
  encryptedHeader: Uint8Array,
  epoch: number,
  random: Random,
): ReceivingStep | null {
  const header = decryptHeader(encryptedHeader, state.nextReceivingHeaderKey)
  if (!header) return null
  const turned = turn(state, header, epoch, random)
  const step = takeNew(turned, 0, header.index, epoch)
  return { ...step, spent: [...secretsLeft(state, turned), ...step.spent] }
}

/** Reads a message that was skipped before: its key is used up, and its epoch bounds all that were sent before and after it. */
function takeKept(state: RatchetState, position: number, index: number, epoch: number): ReceivingStep {
  const chain = at(state, position)
  const found = chain.kept.find((kept) => kept.index === index)
  if (!found) throw new CryptoError('key-gone', 'this message has been read, or its key is no longer kept')
  if (epoch < found.lowestEpoch || epoch > found.highestEpoch)
    throw new CryptoError('policy-dated-back', 'a late message carries an epoch out of its turn')
  // chains stand newest first
  const isBefore = (other: KeptKey, of: number) => of > position || (of === position && other.index < index)
  const receiving = state.receiving.map((one, of) => {
    const kept = one.kept.filter((other) => other !== found)
    return withKept(
      one,
      kept.map((other) => (isBefore(other, of) ? noLaterThan(other, epoch) : noEarlierThan(other, epoch))),
    )
  })
  return {
    next: withReceiving(state, receiving),
    messageKey: found.messageKey,
    headerKey: chain.headerKey,
    index,
    spent: [found.messageKey],
  }
}

const noLaterThan = (key: KeptKey, epoch: number): KeptKey => ({
  ...key,
  highestEpoch: Math.min(key.highestEpoch, epoch),
})
const noEarlierThan = (key: KeptKey, epoch: number): KeptKey => ({
  ...key,
  lowestEpoch: Math.max(key.lowestEpoch, epoch),
})

/** Reads the next message of a chain, or a later one; the keys between are kept. */
function takeNew(state: RatchetState, position: number, index: number, epoch: number): ReceivingStep {
  const chain = at(state, position)
  if (!chain.chainKey) throw new CryptoError('not-authentic', 'a message beyond the end its sender gave the chain')
  if (epoch < state.epoch)
    throw new CryptoError('policy-dated-back', 'a message carries an older epoch than one before it')
  const skipped = skipTo(state, chain, chain.chainKey, index, epoch)
  const { chainKey, messageKey } = suiteNumbered(state.suite).stepChain(skipped.chainKey)
  wipeBetween(chain.chainKey, skipped.chainKey)
  const grown = replaceChain(state, position, withChainKey(skipped, chainKey, index + 1), epoch)
  const next = boundKept(grown)
  const forgotten = next === grown ? [] : secretsLeft(grown, next)
  return {
    next,
    messageKey,
    headerKey: chain.headerKey,
    index,
    // the chain key, too, where it is the first of a new chain and no state was ever stored with it
    spent: [chain.chainKey, messageKey, ...forgotten],
  }
}

/** Takes in their new ratchet key: the current receiving chain ends where they say, and both chains begin anew. */
function turn(state: RatchetState, header: Header, epoch: number, random: Random): RatchetState {
  const [current, ...older] = state.receiving
  const behind = current ? header.previousCount - current.index : header.previousCount
  if (behind < 0) throw new CryptoError('not-authentic', 'a chain ends before a message already read')
  if (!current && behind > 0) throw new CryptoError('not-authentic', 'a first chain says that another came before it')
  if (behind + header.index > skipLimit) throw tooFarAhead()
  const skipped = current?.chainKey && skipTo(state, current, current.chainKey, header.previousCount, epoch)
  if (skipped) wipeBetween(current.chainKey, skipped.chainKey)
  const ended = skipped ? [withChainKey(skipped, null, skipped.index)] : []
  const suite = suiteNumbered(state.suite)
  const received = stepRoot(suite, state.rootKey, agree(state.ours.secret, header.ratchetKey))
  const ours = generateAgreementPair(random)
  const sent = stepRoot(suite, received.rootKey, agree(ours.secret, header.ratchetKey))
  wipe(received.rootKey)
  const begun: ReceivingChain = {
    ratchetKey: header.ratchetKey,
    headerKey: state.nextReceivingHeaderKey,
    chainKey: received.chainKey,
    index: 0,
    kept: [],
  }
  return {
    suite: state.suite,
    rootKey: sent.rootKey,
    ours,
    sending: { chainKey: sent.chainKey, headerKey: state.nextSendingHeaderKey, index: 0 },
    nextSendingHeaderKey: sent.nextHeaderKey,
    nextReceivingHeaderKey: received.nextHeaderKey,
    previousCount: state.sending?.index ?? 0,
    receiving: [begun, ...ended, ...older].slice(0, receivingChainsLimit),
    epoch: state.epoch,
  }
}

/** Derives the keys up to an index and keeps them. Their messages must lie between the session's epoch and the given one. */
function skipTo(
  state: RatchetState,
  chain: ReceivingChain,
  from: ChainKey,
  index: number,
  highestEpoch: number,
): ReceivingChain & { readonly chainKey: ChainKey } {
  if (index - chain.index > skipLimit) throw tooFarAhead()
  const { ratchetKey, headerKey } = chain
  const { epoch: lowestEpoch } = state
  const suite = suiteNumbered(state.suite)
  const kept = [...chain.kept]
  let chainKey = from
  for (let skipped = chain.index; skipped < index; skipped++) {
    const step = suite.stepChain(chainKey)
    kept.push({ index: skipped, messageKey: step.messageKey, lowestEpoch, highestEpoch })
    wipeBetween(from, chainKey)
    chainKey = step.chainKey
  }
  return { ratchetKey, headerKey, chainKey, index, kept }
}

/** Wipes a chain key that no state holds. The first one still belongs to the given state, and stays. */
function wipeBetween(first: ChainKey, chainKey: ChainKey): void {
  if (chainKey !== first) wipe(chainKey)
}

const tooFarAhead = () => new CryptoError('too-far-ahead', `more than ${skipLimit} messages would be skipped`)

/** Forgets the oldest kept keys beyond the limit: those of the oldest chain first, lowest index first. */
function boundKept(state: RatchetState): RatchetState {
  if (keptKeys(state) <= keptKeysLimit) return state
  let room = keptKeysLimit
  const receiving = state.receiving.map((chain) => {
    const kept = chain.kept.length > room ? chain.kept.slice(chain.kept.length - room) : chain.kept
    room -= kept.length
    return withKept(chain, kept)
  })
  return withReceiving(state, receiving)
}

/** Forgets the keys of messages that their sender has given up. */
export function abandon(
  state: RatchetState,
  places: readonly Place[],
): { next: RatchetState; spent: readonly Uint8Array[] } {
  if (places.length === 0) return { next: state, spent: [] }
  const spent: Uint8Array[] = []
  const receiving = state.receiving.map((chain) => {
    const kept = chain.kept.filter((one) => {
      const given = places.some((place) => place.index === one.index && equal(place.ratchetKey, chain.ratchetKey))
      if (given) spent.push(one.messageKey)
      return !given
    })
    return withKept(chain, kept)
  })
  return { next: withReceiving(state, receiving), spent }
}

function at(state: RatchetState, position: number): ReceivingChain {
  const chain = state.receiving[position]
  if (!chain) throw new Error('no such receiving chain')
  return chain
}

const replaceChain = (
  state: RatchetState,
  position: number,
  chain: ReceivingChain,
  epoch = state.epoch,
): RatchetState => withReceiving(state, state.receiving.with(position, chain), epoch)
