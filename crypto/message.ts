import { nonceSizeBytes, tagSizeBytes } from './aead.ts'
import { type Address, copy, layOut, open, seal, type Span, view, within } from './arena.ts'
import { equal, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { type Stanza, stanzasMaximumBytes, writeStanzas } from './envelope.ts'
import { deriveAt, deriveOver, labels, labelSizeBytes, messageKeyOf, mustEqual, writeLabel } from './kdf.ts'
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
import { buckets, unpad, writePadded } from './padding.ts'
import type { Random } from './random.ts'
import type { ChainInput, MessageSeams, Offer, StanzaInput } from './seams.ts'

/** The body of one message as it stands in an envelope. */
export interface SealedBody {
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
 *                 24         associated data: 32, ...    a bucket, 16
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

const beforeNonceBytes = labelSizeBytes(labels.commitment) + 4
const laidMaximumBytes =
  beforeNonceBytes + nonceSizeBytes + 4 + keySizeBytes + stanzasMaximumBytes + 4 + Math.max(...buckets) + tagSizeBytes

/** @param writeCiphertext the ciphertext with its tag, or the padded content and 16 bytes of room */
function layOutBody(
  nonce: Uint8Array,
  context: Digest,
  stanzas: readonly Stanza[],
  writeCiphertext: (to: Writer) => void,
): Laid {
  let associatedEnd = 0
  let bodyBegin = 0
  const covered = layOut(laidMaximumBytes, (to) => {
    writeLabel(to, labels.commitment)
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
  const nonceBegin = covered.address + beforeNonceBytes
  const associatedBegin = nonceBegin + nonce.length + 4
  return {
    covered,
    nonce: nonceBegin,
    associated: { address: associatedBegin, sizeBytes: associatedEnd - associatedBegin },
    body: { address: bodyBegin, sizeBytes: covered.address + covered.sizeBytes - bodyBegin },
  }
}

/** Keyed BLAKE2b-256 over nonce, associated data and the whole ciphertext with its tag. Only the two ends can make it. */
const commit = (messageKey: Address, { covered }: Laid): Digest =>
  keyAt<Digest>(deriveOver(covered, deriveAt(labels.commitmentKey, messageKey)))

/** One message's offer to a mode, and the end of it. */
interface Offering {
  readonly offer: Offer
  /** Wipes the keys that were offered, if a mode has asked. */
  readonly withdraw: () => void
}

/** A mode is given copies of all but the commitment key: what it does with them touches no message. */
function offering(messageKey: MessageKey, keyAddress: Address, encryptionKey: Address, place: BodyPlace): Offering {
  let made: StanzaInput | null = null
  let isOver = false
  const make = (): StanzaInput => ({
    encryptionKey: keyAt<EncryptionKey>(encryptionKey),
    seed: within(() => keyAt<StanzaSeed>(deriveAt(labels.stanzaSeed, keyAddress))),
    context: place.context,
    policy: place.policy,
    sender: place.sender,
    recipient: place.recipient,
    chain: {
      transcript: place.chain.transcript,
      headerKey: place.chain.headerKey,
      index: place.chain.index,
      begins: (chainKey) => equal(messageKeyOf(chainKey), messageKey),
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
 * @param finish makes of the body what shall stay: its ciphertext lies in the arena, and is wiped afterwards
 * @throws RangeError for a longer content
 */
export const sealBody = <T>(
  { messageKey, chainKey, place, seams, random }: Sealing,
  write: (to: Writer) => void,
  finish: (body: SealedBody) => T,
): T =>
  within(() => {
    const keyAddress = putKey(messageKey)
    const encryptionKey = deriveAt(labels.encryptionKey, keyAddress)
    const { offer, withdraw } = offering(messageKey, keyAddress, encryptionKey, place)
    try {
      const stanzas = seams.outgoing(offer, chainKey)
      const nonce = random(nonceSizeBytes)
      const laid = layOutContent(nonce, place.context, stanzas, write)
      sealLaid(laid, encryptionKey)
      return finish({
        stanzas,
        nonce,
        commitment: commit(keyAddress, laid),
        ciphertext: view(laid.body.address, laid.body.sizeBytes),
      })
    } finally {
      withdraw()
    }
  })

const layOutContent = (
  nonce: Uint8Array,
  context: Digest,
  stanzas: readonly Stanza[],
  write: (to: Writer) => void,
): Laid =>
  layOutBody(nonce, context, stanzas, (to) => {
    writePadded(to, write)
    to.zeros(tagSizeBytes)
  })

function sealLaid({ body: { address, sizeBytes }, nonce, associated }: Laid, encryptionKey: Address): void {
  seal({ address, sizeBytes: sizeBytes - tagSizeBytes }, nonce, encryptionKey, associated)
}

/**
 * The commitment is checked first: one ciphertext can be made to open under two encryption keys, but not under two
 * commitment keys as well; and whoever has only the encryption key cannot make it.
 * @param read takes from the content what shall stay: it lies in the arena, and is wiped afterwards
 * @throws CryptoError `not-authentic` | `stanza-refused` | `malformed`
 */
export const openBody = <T>(
  messageKey: MessageKey,
  body: SealedBody,
  place: BodyPlace,
  seams: MessageSeams,
  read: (content: Uint8Array) => T,
): T =>
  within(() => {
    const keyAddress = putKey(messageKey)
    const laid = layOutSealed(body, place.context)
    mustEqual(commit(keyAddress, laid), body.commitment, 'the message is not what its sender committed to')
    const encryptionKey = deriveAt(labels.encryptionKey, keyAddress)
    const { offer, withdraw } = offering(messageKey, keyAddress, encryptionKey, place)
    try {
      seams.incoming(offer, body.stanzas)
      return read(openLaid(laid, encryptionKey))
    } finally {
      withdraw()
    }
  })

const layOutSealed = ({ nonce, stanzas, ciphertext }: Omit<SealedBody, 'commitment'>, context: Digest): Laid =>
  layOutBody(nonce, context, stanzas, (to) => to.bytes(ciphertext))

/** @returns the content, where it lies */
function openLaid({ body, nonce, associated }: Laid, encryptionKey: Address): Uint8Array {
  if (body.sizeBytes < tagSizeBytes || !open(body, nonce, encryptionKey, associated))
    throw new CryptoError('not-authentic', 'the message does not open')
  return unpad(view(body.address, body.sizeBytes - tagSizeBytes))
}

/**
 * What an encryption key alone opens. Without the commitment key nobody can tell who wrote it: for the ends this comes
 * after the commitment, for the holder of an escrow key it is all there is.
 * @throws CryptoError `not-authentic` | `malformed`
 */
export const openWithEncryptionKey = (
  encryptionKey: EncryptionKey,
  body: Omit<SealedBody, 'commitment'>,
  context: Digest,
): Uint8Array => within(() => openLaid(layOutSealed(body, context), putKey(encryptionKey)).slice())

/** The same for whoever has the whole message key, and does not ask who wrote it. @throws as `openWithEncryptionKey` */
export const openWithMessageKey = (
  messageKey: MessageKey,
  body: Omit<SealedBody, 'commitment'>,
  context: Digest,
): Uint8Array =>
  within(() => {
    const encryptionKey = deriveAt(labels.encryptionKey, putKey(messageKey))
    return openLaid(layOutSealed(body, context), encryptionKey).slice()
  })

/**
 * The reverse: encrypts another content under the same nonce and stanzas.
 * @returns the ciphertext; nobody has committed to it
 */
export const sealWithEncryptionKey = (
  encryptionKey: EncryptionKey,
  { nonce, stanzas }: Pick<SealedBody, 'nonce' | 'stanzas'>,
  context: Digest,
  write: (to: Writer) => void,
): Uint8Array =>
  within(() => {
    const laid = layOutContent(nonce, context, stanzas, write)
    sealLaid(laid, putKey(encryptionKey))
    return copy(laid.body.address, laid.body.sizeBytes)
  })
