import { nonceSizeBytes, tagSizeBytes } from './aead.ts'
import { type Address, copy, layOut, lend, open, seal, type Span, within } from './arena.ts'
import { equal, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { type Stanza, stanzasMaximumBytes, writeStanzas } from './envelope.ts'
import { deriveAt, deriveOver, type Label, labelSizeBytes, mustEqual, writeLabel } from './kdf.ts'
import {
  type ChainKey,
  type Digest,
  type EncryptionKey,
  keyAt,
  keySizeBytes,
  type MessageKey,
  putKey,
  type StanzaSeed,
  wipe,
} from './keys.ts'
import { paddedMaximumBytes, unpad, writePadded } from './padding.ts'
import type { Random } from './random.ts'
import type { ChainInput, MessageSeams, Offer, StanzaInput } from './seams.ts'
import type { Suite, SuiteNumber } from './suite.ts'
import { suiteNumbered } from './suites.ts'

/** The body of one message as it stands in an envelope. */
export interface SealedBody {
  readonly suite: SuiteNumber
  readonly stanzas: readonly Stanza[]
  /** 24 bytes, random: should a rolled-back store use a message key twice, the two ciphertexts still share no keystream */
  readonly nonce: Uint8Array
  readonly commitment: Digest
  readonly ciphertext: Uint8Array
}

/** Where a body belongs: what a seam learns of it besides its keys. */
export type BodyPlace = Omit<StanzaInput, 'encryptionKey' | 'seed' | 'chain'> & {
  readonly chain: Omit<ChainInput, 'begins'>
}

/*
 * Both ends lay out in the arena, once, what the commitment covers, and use its parts where they lie:
 *
 *   label | length, nonce | length, context, stanzas | length, ciphertext with its tag
 *                 24         associated data: 32, ...     a size, 16
 *
 * A sender writes the padded content in the place of the ciphertext and seals it there; a recipient opens it there. So
 * stripping or swapping a stanza breaks the message, and the plaintext is nowhere else.
 */
interface Laid {
  /** all of it: what the commitment is over */
  readonly covered: Span
  readonly nonce: Address
  readonly associated: Span
  /** the ciphertext with its tag */
  readonly body: Span
}

const beforeNonceBytes = (label: Label) => labelSizeBytes(label) + 4
/** what follows the label, and the length of the nonce */
const restMaximumBytes = nonceSizeBytes + 4 + keySizeBytes + stanzasMaximumBytes + 4 + paddedMaximumBytes + tagSizeBytes

/** @param writeCiphertext the ciphertext with its tag, or the padded content and 16 bytes of room */
function layOutBody(
  { commitment: label }: Suite,
  nonce: Uint8Array,
  context: Digest,
  stanzas: readonly Stanza[],
  writeCiphertext: (to: Writer) => void,
): Laid {
  let associatedEnd = 0
  let bodyBegin = 0
  const covered = layOut(beforeNonceBytes(label) + restMaximumBytes, (to) => {
    writeLabel(to, label)
    to.field(nonce)
    to.fieldOf(() => {
      to.bytes(context)
      writeStanzas(to, stanzas)
      associatedEnd = to.offset
    })
    to.fieldOf(() => {
      bodyBegin = to.offset
      writeCiphertext(to)
    })
  })
  const nonceBegin = covered.address + beforeNonceBytes(label)
  const associatedBegin = nonceBegin + nonce.length + 4
  return {
    covered,
    nonce: nonceBegin,
    associated: { address: associatedBegin, sizeBytes: associatedEnd - associatedBegin },
    body: { address: bodyBegin, sizeBytes: covered.address + covered.sizeBytes - bodyBegin },
  }
}

/** Keyed BLAKE2b-256 over nonce, associated data and the whole ciphertext with its tag. Only the two ends can make it. */
const commit = (commitmentKey: Address, { covered }: Laid): Digest => keyAt<Digest>(deriveOver(covered, commitmentKey))

/** One message's offer to a mode, and the end of it. */
interface Offering {
  readonly offer: Offer
  /** Wipes the keys that were offered, if a mode has asked. */
  readonly withdraw: () => void
}

/**
 * A mode is given copies of all but the commitment key: what it does with them touches no message. A view would show the
 * commitment key too, which may lie beside the encryption key.
 */
function offering(messageKey: MessageKey, keyAddress: Address, encryptionKey: Address, place: BodyPlace): Offering {
  const suite = suiteNumbered(place.chain.suite)
  let made: StanzaInput | null = null
  let isOver = false
  const make = (): StanzaInput => ({
    encryptionKey: keyAt<EncryptionKey>(encryptionKey),
    seed: within(() => keyAt<StanzaSeed>(deriveAt(suite.stanzaSeed, keyAddress))),
    context: place.context,
    policy: place.policy,
    sender: place.sender,
    recipient: place.recipient,
    chain: {
      suite: place.chain.suite,
      transcript: place.chain.transcript,
      direction: place.chain.direction,
      headerKey: place.chain.headerKey,
      index: place.chain.index,
      begins(chainKey) {
        const step = suite.stepChain(chainKey)
        const isSame = equal(step.messageKey, messageKey)
        wipe(step.chainKey, step.messageKey)
        return isSame
      },
    },
  })
  return {
    offer() {
      if (isOver) throw new Error('a message is offered only while it is made or read')
      return (made ??= make())
    },
    withdraw() {
      isOver = true
      if (made) wipe(made.encryptionKey, made.seed)
    },
  }
}

/** What it takes to seal a body besides its content. */
export interface Sealing {
  readonly messageKey: MessageKey
  /** the sending chain's at this message, for a mode that asks for it */
  readonly chainKey: ChainKey
  readonly place: BodyPlace
  readonly seams: MessageSeams
  readonly random: Random
}

/**
 * @param write the content, up to 65,532 bytes, before padding
 * @param finish makes of the body what shall stay: its ciphertext lies in the arena, and is wiped afterwards; see `lend`
 * @throws RangeError for a longer content
 */
export const sealBody = <T>(
  { messageKey, chainKey, place, seams, random }: Sealing,
  write: (to: Writer) => void,
  finish: (body: SealedBody) => T,
): T =>
  within(() => {
    const suite = suiteNumbered(place.chain.suite)
    const keyAddress = putKey(messageKey)
    const { encryptionKey, commitmentKey } = suite.bodyKeysAt(keyAddress)
    const { offer, withdraw } = offering(messageKey, keyAddress, encryptionKey, place)
    try {
      const stanzas = seams.outgoing(offer, chainKey)
      const nonce = random(nonceSizeBytes)
      const laid = layOutContent(suite, nonce, place.context, stanzas, write)
      sealLaid(laid, encryptionKey)
      const commitment = commit(commitmentKey, laid)
      return lend(laid.body, (ciphertext) => finish({ suite: suite.number, stanzas, nonce, commitment, ciphertext }))
    } finally {
      withdraw()
    }
  })

const layOutContent = (
  suite: Suite,
  nonce: Uint8Array,
  context: Digest,
  stanzas: readonly Stanza[],
  write: (to: Writer) => void,
): Laid =>
  layOutBody(suite, nonce, context, stanzas, (to) => {
    writePadded(to, suite.paddedSizes, write)
    to.zeros(tagSizeBytes)
  })

function sealLaid({ body: { address, sizeBytes }, nonce, associated }: Laid, encryptionKey: Address): void {
  seal({ address, sizeBytes: sizeBytes - tagSizeBytes }, nonce, encryptionKey, associated)
}

/**
 * The commitment is checked first: one ciphertext can be made to open under two encryption keys, but not under two
 * commitment keys as well; and whoever has only the encryption key cannot make it.
 * @param body of the suite that its place has
 * @param read takes from the content what shall stay: it lies in the arena, and is wiped afterwards; see `lend`
 * @throws CryptoError `not-authentic` | `stanza-refused` | `malformed`
 */
export const openBody = <T>(
  messageKey: MessageKey,
  body: Omit<SealedBody, 'suite'>,
  place: BodyPlace,
  seams: MessageSeams,
  read: (content: Uint8Array) => T,
): T =>
  within(() => {
    const suite = suiteNumbered(place.chain.suite)
    const keyAddress = putKey(messageKey)
    const { encryptionKey, commitmentKey } = suite.bodyKeysAt(keyAddress)
    const laid = layOutSealed(suite, body, place.context)
    mustEqual(commit(commitmentKey, laid), body.commitment, 'the message is not what its sender committed to')
    const { offer, withdraw } = offering(messageKey, keyAddress, encryptionKey, place)
    try {
      seams.incoming(offer, body.stanzas)
      return openLaid(suite, laid, encryptionKey, read)
    } finally {
      withdraw()
    }
  })

const layOutSealed = (
  suite: Suite,
  { nonce, stanzas, ciphertext }: Pick<SealedBody, 'nonce' | 'stanzas' | 'ciphertext'>,
  context: Digest,
): Laid => layOutBody(suite, nonce, context, stanzas, (to) => to.bytes(ciphertext))

/** @param read the content, where it lies */
function openLaid<T>(
  { paddedSizes }: Suite,
  { body, nonce, associated }: Laid,
  encryptionKey: Address,
  read: (content: Uint8Array) => T,
): T {
  if (body.sizeBytes < tagSizeBytes || !open(body, nonce, encryptionKey, associated))
    throw new CryptoError('not-authentic', 'the message does not open')
  const padded = { address: body.address, sizeBytes: body.sizeBytes - tagSizeBytes }
  return lend(padded, (bytes) => read(unpad(bytes, paddedSizes)))
}

const copied = (content: Uint8Array) => content.slice()

/**
 * What an encryption key alone opens. Without the commitment key nobody can tell who wrote it: for the ends this comes
 * after the commitment, for the holder of an escrow key it is all there is.
 * @throws CryptoError `not-authentic` | `malformed`
 */
export const openWithEncryptionKey = (
  encryptionKey: EncryptionKey,
  body: Omit<SealedBody, 'commitment'>,
  context: Digest,
): Uint8Array =>
  within(() => {
    const suite = suiteNumbered(body.suite)
    return openLaid(suite, layOutSealed(suite, body, context), putKey(encryptionKey), copied)
  })

/** The same for whoever has the whole message key, and does not ask who wrote it. @throws as `openWithEncryptionKey` */
export const openWithMessageKey = (
  messageKey: MessageKey,
  body: Omit<SealedBody, 'commitment'>,
  context: Digest,
): Uint8Array =>
  within(() => {
    const suite = suiteNumbered(body.suite)
    const { encryptionKey } = suite.bodyKeysAt(putKey(messageKey))
    return openLaid(suite, layOutSealed(suite, body, context), encryptionKey, copied)
  })

/** What opens a body, from its message key. */
export const encryptionKeyOf = (suite: SuiteNumber, messageKey: MessageKey): EncryptionKey =>
  within(() => keyAt<EncryptionKey>(suiteNumbered(suite).bodyKeysAt(putKey(messageKey)).encryptionKey))

/**
 * The reverse: encrypts another content under the same nonce and stanzas.
 * @returns the ciphertext; nobody has committed to it
 */
export const sealWithEncryptionKey = (
  encryptionKey: EncryptionKey,
  { suite, nonce, stanzas }: Pick<SealedBody, 'suite' | 'nonce' | 'stanzas'>,
  context: Digest,
  write: (to: Writer) => void,
): Uint8Array =>
  within(() => {
    const laid = layOutContent(suiteNumbered(suite), nonce, context, stanzas, write)
    sealLaid(laid, putKey(encryptionKey))
    return copy(laid.body.address, laid.body.sizeBytes)
  })
