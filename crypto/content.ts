import { type Afterword, afterwordNumber, isAfterwordNumber, readAfterword, writeAfterword } from './afterword.ts'
import { written } from './arena.ts'
import type { Attachment } from './attachment.ts'
import { decode, fromUtf8, type Reader, utf8, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { type Extension, type Extensions, readExtensions, writeExtensions } from './extensions.ts'
import {
  digestOfBody,
  type GroupBody,
  groupTextMaximumBytes,
  type News,
  readGroupBody,
  readNews,
  writeGroupBody,
  writeNews,
} from './group-content.ts'
import { checkName, nameMaximumBytes } from './identity.ts'
import { type AccountKey, type AgreementKey, type DeviceId, type Digest, keySizeBytes } from './keys.ts'
import { type MessageName, readMessageId, writeMessageId } from './message-name.ts'
import type { Place } from './ratchet-state.ts'

/** The longest text, in bytes of UTF-8. */
export const textMaximumBytes = 64_000
/** The longest text beside an attachment. */
export const captionMaximumBytes = 60_000
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
  /** what a later version has added and this one does not know; absent where there is nothing */
  readonly further?: readonly Extension[]
}

/** So long after it was sent or read, a message is to be forgotten. Absent: never. */
interface Fading {
  readonly lifetimeSeconds?: number
}

/** A file that belongs to the text, and the message that it answers. */
interface Attaching {
  readonly attachment?: Attachment
  readonly answers?: MessageName
}

export interface TextContent extends Common, Fading, Attaching {
  readonly kind: 'text'
}

/** Tells the sender's own other devices what this one has sent to somebody. */
export interface CopyContent extends Common, Fading, Attaching {
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

/** A text to all members of a group: the same for each of their devices, but for sequence and given-up places. */
export interface GroupContent extends Common, Fading, Attaching, GroupBody {
  readonly kind: 'group'
}

/** Changes of a group's membership, and whether others are asked for. */
export interface NewsContent extends Common, News {
  readonly kind: 'news'
}

/** A reaction, or a deletion for everybody. With `to` it tells the sender's own other devices what was said to somebody. */
export interface AfterwordContent extends Common {
  readonly kind: 'afterword'
  readonly said: Afterword
  readonly to?: string
}

/** The same in a group. */
export interface GroupAfterwordContent extends Common, GroupBody {
  readonly kind: 'group afterword'
  readonly said: Afterword
}

/** What is said in a group, and chained there. */
export type InGroup = GroupContent | GroupAfterwordContent

/** Of a kind that a later version has added: kept and told of, and never acted on. */
export interface UnknownContent extends Common {
  readonly kind: 'unknown'
  /** 10 to 255 */
  readonly number: number
  /** what stands where the others have body and extensions */
  readonly body: Uint8Array
}

/** What a message says, inside the encryption. */
export type Content =
  | TextContent
  | CopyContent
  | ResetContent
  | ReceiptContent
  | GroupContent
  | NewsContent
  | AfterwordContent
  | GroupAfterwordContent
  | UnknownContent

/** Of the two kinds of text, one that stays has the first number, and one with a lifetime the third. */
const kinds = { text: 1, reset: 2, fading: 3, copy: 4, receipt: 5, group: 6, news: 7 } as const
const statuses = { delivered: 1, read: 2 } as const
const longestLifetimeSeconds = 0xffff_ffff

/** The longest content: what the largest padded size holds besides its length. */
export const contentMaximumBytes = 65_532

/**
 * kind (1 byte), id behind its length, sequence (8), sentAt (8), count (1) and 36 bytes a given-up place; then what the
 * kind asks for: see `writeBody`; then extensions.
 */
export function writeContent(to: Writer, content: Content): void {
  if (content.abandoned.length > abandonedMaximum) throw new RangeError('too many given-up places for one message')
  to.u8(numberOf(content))
  writeMessageId(to, content.id)
  to.u64(content.sequence)
  to.u64(content.sentAt)
  to.u8(content.abandoned.length)
  for (const { ratchetKey, index } of content.abandoned) {
    to.bytes(ratchetKey)
    to.u32(index)
  }
  if (content.kind === 'unknown') return to.bytes(content.body)
  writeBody(to, content)
  writeExtensions(to, content)
}

function numberOf(content: Content): number {
  if (content.kind === 'unknown') return content.number
  if (content.kind === 'afterword' || content.kind === 'group afterword') return afterwordNumber(content.said)
  return kinds[content.kind === 'text' && content.lifetimeSeconds !== undefined ? 'fading' : content.kind]
}

export const encodeContent = (content: Content): Uint8Array =>
  written(contentMaximumBytes, (to) => writeContent(to, content))

/**
 * A text, or the empty one of a reset, behind its length. Before it, for a text with a lifetime: seconds (4); for a copy:
 * the recipient's name, seconds (4), 0 when it stays; for a group: where it stands there, and seconds. A receipt has status (1),
 * count (1), ids behind their lengths.
 */
function writeBody(to: Writer, content: Exclude<Content, UnknownContent>): void {
  if (content.kind === 'receipt') return writeReceipt(to, content)
  if (content.kind === 'news') return writeNews(to, content)
  if (content.kind === 'afterword' || content.kind === 'group afterword')
    return writeAfterword(to, content, content.said)
  if (content.kind !== 'reset') {
    const lifetime = content.lifetimeSeconds ?? 0
    if (!Number.isInteger(lifetime) || lifetime < 0 || lifetime > longestLifetimeSeconds)
      throw new RangeError('a lifetime is a whole number of seconds')
    if (content.kind === 'copy') to.text(checkName(content.to))
    if (content.kind === 'group') writeGroupBody(to, content)
    if (content.kind !== 'text' || content.lifetimeSeconds !== undefined) to.u32(lifetime)
  }
  to.text(content.text, longestText(content))
}

const longestText = (content: Content): number => {
  if (content.kind === 'group') return groupTextMaximumBytes
  return 'attachment' in content && content.attachment ? captionMaximumBytes : textMaximumBytes
}

/** What everybody in a group should have got alike, in one value: all but sequence and given-up places. */
export const groupDigest = (content: InGroup, accountKey: AccountKey, device: DeviceId): Digest =>
  digestOfBody(accountKey, device, encodeContent({ ...content, sequence: 0, abandoned: [] }))

function writeReceipt(to: Writer, { status, ids }: ReceiptContent): void {
  if (ids.length === 0 || ids.length > receiptMaximum) throw new RangeError('1 to 64 ids a receipt')
  to.u8(statuses[status])
  to.u8(ids.length)
  for (const id of ids) writeMessageId(to, id)
}

/** @throws CryptoError `malformed` */
export function decodeContent(bytes: Uint8Array): Content {
  return decode(bytes, (reader) => {
    const number = reader.u8()
    const common = {
      id: readMessageId(reader),
      sequence: reader.u64(),
      sentAt: reader.u64(),
      abandoned: readPlaces(reader),
    }
    const content = readKnown(reader, number, common)
    if (!content) return readUnknown(reader, number, common, bytes.length)
    if (isShown(content) !== content.sequence > 0)
      throw new CryptoError('malformed', 'a sequence that does not belong to its kind')
    return reader.offset === bytes.length ? content : extended(content, readExtensions(reader, bytes.length))
  })
}

/** Those that are shown, and counted. */
const shown: ReadonlySet<Content['kind']> = new Set(['text', 'copy', 'group', 'afterword', 'group afterword'])
const isShown = ({ kind }: Content): boolean => shown.has(kind)
const isText = ({ kind }: Content): boolean => kind === 'text' || kind === 'copy' || kind === 'group'

/** @returns null for a kind that this version does not know */
function readKnown(reader: Reader, number: number, common: Omit<Common, 'text'>): Content | null {
  if (isAfterwordNumber(number)) {
    const { place, said } = readAfterword(reader, number)
    const content = { ...common, said, text: '' }
    return 'group' in place
      ? { kind: 'group afterword', ...content, ...place }
      : { kind: 'afterword', ...content, ...place }
  }
  const kind = keyOf(kinds, number)
  return kind === undefined ? null : readBody(reader, kind, common)
}

function readUnknown(reader: Reader, number: number, common: Omit<Common, 'text'>, end: number): UnknownContent {
  if (number === 0) throw new CryptoError('malformed', 'no such kind of message')
  return { kind: 'unknown', number, ...common, text: '', body: reader.take(end - reader.offset) }
}

function extended<C extends Content>(content: C, extensions: Extensions): C {
  const { attachment, answers } = extensions
  if (attachment && (!isText(content) || utf8(content.text).length > captionMaximumBytes))
    throw new CryptoError('malformed', 'an attachment that does not belong to its kind')
  if (answers && !isText(content)) throw new CryptoError('malformed', 'an answer that does not belong to its kind')
  return { ...content, ...extensions }
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
    case 'group': {
      const body = readGroupBody(reader)
      const lifetimeSeconds = reader.u32()
      const fading = lifetimeSeconds > 0 && { lifetimeSeconds }
      const text = fromUtf8(reader.lookField(groupTextMaximumBytes))
      return { kind, id, sequence, sentAt, abandoned, ...body, ...fading, text }
    }
    case 'news':
      return { kind, id, sequence, sentAt, abandoned, ...readNews(reader), text: '' }
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
  return { status, ids: Array.from({ length: count }, () => readMessageId(reader)) }
}

function keyOf<K extends string>(table: Readonly<Record<K, number>>, value: number): K | undefined {
  for (const key in table) if (table[key] === value) return key
  return undefined
}

function readPlaces(reader: Reader): Place[] {
  const count = reader.u8()
  if (count > abandonedMaximum) throw new CryptoError('malformed', 'too many given-up places')
  const places: Place[] = []
  for (let i = 0; i < count; i++)
    places.push({ ratchetKey: reader.take(keySizeBytes) as AgreementKey, index: reader.u32() })
  return places
}
