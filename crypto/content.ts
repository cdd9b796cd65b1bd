import { concat, decode, field, fromUtf8, type Reader, textField, u32, u64, u8, utf8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { type AgreementKey, keySizeBytes } from './keys.ts'
import type { Place } from './ratchet-state.ts'

export const messageIdMaximumBytes = 64
/** The longest text, in bytes of UTF-8. */
export const textMaximumBytes = 64_000
/** How many given-up places one message can report. */
export const abandonedMaximum = 32

/** What a message says, inside the encryption. `reset` says nothing: it only carries the handshake of a new session. */
export interface Content {
  readonly kind: 'text' | 'reset'
  /** chosen by the sender, see `isMessageId`; the same when a message has to be encrypted again: recipients show it once */
  readonly id: string
  /** 1, 2, 3 and on for each device written to: order and gaps; 0 in a reset */
  readonly sequence: number
  /** the sender's clock, milliseconds since 1970 */
  readonly sentAt: number
  /** places in the sender's chains that were used and given up: nothing will come there */
  readonly abandoned: readonly Place[]
  readonly text: string
}

/** 1 to 64 printable ASCII characters without spaces. */
export const isMessageId = (text: string): boolean => /^[\x21-\x7e]{1,64}$/.test(text)

const kinds = { text: 1, reset: 2 } as const

/** kind (1 byte), id behind its length, sequence (8), sentAt (8), count (1) and 36 bytes a given-up place, text behind its length. */
export function encodeContent(content: Content): Uint8Array {
  const text = utf8(content.text)
  if (!isMessageId(content.id)) throw new RangeError('not a message id')
  if (text.length > textMaximumBytes) throw new RangeError(`a text is at most ${textMaximumBytes} bytes`)
  if (content.abandoned.length > abandonedMaximum) throw new RangeError('too many given-up places for one message')
  return concat(
    u8(kinds[content.kind]),
    textField(content.id),
    u64(content.sequence),
    u64(content.sentAt),
    u8(content.abandoned.length),
    ...content.abandoned.map((place) => concat(place.ratchetKey, u32(place.index))),
    field(text),
  )
}

/** @throws CryptoError `malformed` */
export function decodeContent(bytes: Uint8Array): Content {
  const content = decode(bytes, (reader) => ({
    kind: readKind(reader),
    id: readId(reader),
    sequence: reader.u64(),
    sentAt: reader.u64(),
    abandoned: readPlaces(reader),
    text: fromUtf8(reader.field(textMaximumBytes)),
  }))
  const isReset = content.sequence === 0 && content.text === ''
  if (content.kind === 'reset' ? !isReset : content.sequence === 0)
    throw new CryptoError('malformed', 'a sequence or a body that does not belong to its kind')
  return content
}

function readId(reader: Reader): string {
  const id = reader.text(messageIdMaximumBytes)
  if (!isMessageId(id)) throw new CryptoError('malformed', 'not a message id')
  return id
}

function readKind(reader: Reader): Content['kind'] {
  const byte = reader.u8()
  if (byte === kinds.text) return 'text'
  if (byte === kinds.reset) return 'reset'
  throw new CryptoError('malformed', 'no such kind of message')
}

function readPlaces(reader: Reader): Place[] {
  const count = reader.u8()
  if (count > abandonedMaximum) throw new CryptoError('malformed', 'too many given-up places')
  return Array.from({ length: count }, () => ({
    ratchetKey: reader.take(keySizeBytes) as AgreementKey,
    index: reader.u32(),
  }))
}
