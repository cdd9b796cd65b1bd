import { written } from './arena.ts'
import { decode, fromUtf8, type Reader, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { checkName, nameMaximumBytes } from './identity.ts'
import { type AgreementKey, keySizeBytes } from './keys.ts'
import type { Place } from './ratchet-state.ts'

export const messageIdMaximumBytes = 64
/** The longest text, in bytes of UTF-8. */
export const textMaximumBytes = 64_000
/** How many given-up places one message can report. */
export const abandonedMaximum = 32

/** How many messages one receipt can speak of. */
export const receiptMaximum = 64

interface Common {
  /** chosen by the sender, see `isMessageId`; the same when a message has to be encrypted again: recipients show it once */
  readonly id: string
  /** 1, 2, 3 and on for each device written to: order and gaps; 0 in what is not shown */
  readonly sequence: number
  /** the sender's clock, milliseconds since 1970 */
  readonly sentAt: number
  /** places in the sender's chains that were used and given up: nothing will come there */
  readonly abandoned: readonly Place[]
  /** empty in what is not shown */
  readonly text: string
}

/** So long after it was sent or read, a message is to be forgotten. Absent: never. */
interface Fading {
  readonly lifetimeSeconds?: number
}

export interface TextContent extends Common, Fading {
  readonly kind: 'text'
}

/** Tells the sender's own other devices what this one has sent to somebody. */
export interface CopyContent extends Common, Fading {
  readonly kind: 'copy'
  readonly to: string
}

/** Has no text. It only carries the handshake of a new session. */
export interface ResetContent extends Common {
  readonly kind: 'reset'
}

export type ReceiptStatus = 'delivered' | 'read'

/** Names messages of the other side that have come to this device, or have been read by a person. */
export interface ReceiptContent extends Common {
  readonly kind: 'receipt'
  readonly status: ReceiptStatus
  /** 1 to 64 message ids */
  readonly ids: readonly string[]
}

/** What a message says, inside the encryption. */
export type Content = TextContent | CopyContent | ResetContent | ReceiptContent

/** 1 to 64 printable ASCII characters without spaces. */
export const isMessageId = (text: string): boolean => /^[\x21-\x7e]{1,64}$/.test(text)

/** Of the two kinds of text, one that stays has the first number, and one with a lifetime the third. */
const kinds = { text: 1, reset: 2, fading: 3, copy: 4, receipt: 5 } as const
const statuses = { delivered: 1, read: 2 } as const
const longestLifetimeSeconds = 0xffff_ffff

/** The longest content: what the largest padded size holds besides its length. */
export const contentMaximumBytes = 65_532

/**
 * kind (1 byte), id behind its length, sequence (8), sentAt (8), count (1) and 36 bytes a given-up place; then what the
 * kind asks for: see `writeBody`.
 */
export function writeContent(to: Writer, content: Content): void {
  if (!isMessageId(content.id)) throw new RangeError('not a message id')
  if (content.abandoned.length > abandonedMaximum) throw new RangeError('too many given-up places for one message')
  const fading = content.kind === 'text' && content.lifetimeSeconds !== undefined
  to.u8(kinds[fading ? 'fading' : content.kind])
  to.text(content.id)
  to.u64(content.sequence)
  to.u64(content.sentAt)
  to.u8(content.abandoned.length)
  for (const { ratchetKey, index } of content.abandoned) {
    to.bytes(ratchetKey)
    to.u32(index)
  }
  writeBody(to, content)
}

export const encodeContent = (content: Content): Uint8Array =>
  written(contentMaximumBytes, (to) => writeContent(to, content))

/**
 * A text, or the empty one of a reset, behind its length. Before it, for a text with a lifetime: seconds (4); for a copy:
 * the recipient's name, seconds (4), 0 when it stays. A receipt has status (1), count (1), ids behind their lengths.
 */
function writeBody(to: Writer, content: Content): void {
  if (content.kind === 'receipt') return writeReceipt(to, content)
  if (content.kind !== 'reset') {
    const lifetime = content.lifetimeSeconds ?? 0
    if (!Number.isInteger(lifetime) || lifetime < 0 || lifetime > longestLifetimeSeconds)
      throw new RangeError('a lifetime is a whole number of seconds')
    if (content.kind === 'copy') to.text(checkName(content.to))
    if (content.kind === 'copy' || content.lifetimeSeconds !== undefined) to.u32(lifetime)
  }
  to.text(content.text, textMaximumBytes)
}

function writeReceipt(to: Writer, { status, ids }: ReceiptContent): void {
  if (ids.length === 0 || ids.length > receiptMaximum) throw new RangeError('1 to 64 ids a receipt')
  to.u8(statuses[status])
  to.u8(ids.length)
  for (const id of ids) to.text(id)
}

/** @throws CryptoError `malformed` */
export function decodeContent(bytes: Uint8Array): Content {
  return decode(bytes, (reader) => {
    const kind = readKind(reader)
    const common = {
      id: readId(reader),
      sequence: reader.u64(),
      sentAt: reader.u64(),
      abandoned: readPlaces(reader),
    }
    const content = readBody(reader, kind, common)
    const shown = content.kind === 'text' || content.kind === 'copy'
    if (shown !== content.sequence > 0)
      throw new CryptoError('malformed', 'a sequence that does not belong to its kind')
    return content
  })
}

function readBody(reader: Reader, kind: keyof typeof kinds, common: Omit<Common, 'text'>): Content {
  const { id, sequence, sentAt, abandoned } = common
  const readText = () => fromUtf8(reader.lookField(textMaximumBytes))
  switch (kind) {
    case 'text':
      return { kind, id, sequence, sentAt, abandoned, text: readText() }
    case 'fading': {
      const lifetimeSeconds = reader.u32()
      if (lifetimeSeconds === 0) throw new CryptoError('malformed', 'a lifetime of no time')
      return { kind: 'text', id, sequence, sentAt, abandoned, lifetimeSeconds, text: readText() }
    }
    case 'copy': {
      const to = checkName(reader.text(nameMaximumBytes))
      const lifetimeSeconds = reader.u32()
      const fading = lifetimeSeconds > 0 && { lifetimeSeconds }
      return { kind, id, sequence, sentAt, abandoned, to, ...fading, text: readText() }
    }
    case 'receipt': {
      const { status, ids } = readReceipt(reader)
      return { kind, id, sequence, sentAt, abandoned, status, ids, text: '' }
    }
    case 'reset': {
      if (readText() !== '') throw new CryptoError('malformed', 'a reset that says something')
      return { kind, id, sequence, sentAt, abandoned, text: '' }
    }
  }
}

function readReceipt(reader: Reader): Pick<ReceiptContent, 'status' | 'ids'> {
  const status = keyOf(statuses, reader.u8())
  const count = reader.u8()
  if (!status || count === 0 || count > receiptMaximum) throw new CryptoError('malformed', 'not a receipt')
  return { status, ids: Array.from({ length: count }, () => readId(reader)) }
}

function readKind(reader: Reader): keyof typeof kinds {
  const kind = keyOf(kinds, reader.u8())
  if (!kind) throw new CryptoError('malformed', 'no such kind of message')
  return kind
}

function keyOf<K extends string>(table: Readonly<Record<K, number>>, value: number): K | undefined {
  for (const key in table) if (table[key] === value) return key
  return undefined
}

function readId(reader: Reader): string {
  const id = reader.text(messageIdMaximumBytes)
  if (!isMessageId(id)) throw new CryptoError('malformed', 'not a message id')
  return id
}

function readPlaces(reader: Reader): Place[] {
  const count = reader.u8()
  if (count > abandonedMaximum) throw new CryptoError('malformed', 'too many given-up places')
  const places: Place[] = []
  for (let i = 0; i < count; i++)
    places.push({ ratchetKey: reader.take(keySizeBytes) as AgreementKey, index: reader.u32() })
  return places
}
