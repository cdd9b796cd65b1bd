import emojiExpression from 'emoji-regex'
import { decode, type Reader, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { type GroupBody, readGroupBody, writeGroupBody } from './group-content.ts'
import { checkName, nameMaximumBytes } from './identity.ts'
import { type MessageName, readMessageId, readMessageName, writeMessageId, writeMessageName } from './message-name.ts'

/*
 * An afterword is what is said of a message that has been sent before: a reaction to it, or that its author deletes it for everybody.
 */

/** How many messages one deletion can name. */
export const deletionMaximum = 64
/** The longest emoji there is (Unicode 16) has 35 bytes of UTF-8. */
export const emojiMaximumBytes = 64

/** One emoji of somebody on a message: the last one stands, and an empty one takes it back. */
export interface Reaction {
  readonly kind: 'reaction'
  readonly of: MessageName
  /** one emoji, or empty */
  readonly emoji: string
}

/** Names messages of whoever says it, and of nobody else. */
export interface Deletion {
  readonly kind: 'deletion'
  /** 1 to 64 message ids */
  readonly ids: readonly string[]
}

export type Afterword = Reaction | Deletion

/** Where an afterword belongs: between its sender and its recipient, in a conversation of the sender's that a copy tells of, or in a group. */
export type AfterwordPlace = { readonly to?: string } | GroupBody

const numbers = { reaction: 8, deletion: 9 } as const
const places = { here: 0, copy: 1, group: 2 } as const

/** Whether a text is exactly one emoji, as far as this version knows them. */
export const isEmoji = (text: string): boolean => text.match(emojiExpression())?.[0] === text

export const afterwordNumber = ({ kind }: Afterword): number => numbers[kind]

export const isAfterwordNumber = (number: number): boolean => number === numbers.reaction || number === numbers.deletion

/**
 * Where it belongs (1: 0 here, 1 a copy, 2 in a group), with the recipient's name, or where it stands in the group; then for a reaction a message's name and
 * the emoji, for a deletion count (1) and ids.
 */
export function writeAfterword(to: Writer, place: AfterwordPlace, said: Afterword): void {
  if ('group' in place) {
    to.u8(places.group)
    writeGroupBody(to, place)
  } else if (place.to !== undefined) {
    to.u8(places.copy)
    to.text(checkName(place.to))
  } else to.u8(places.here)
  writeSaid(to, said)
}

/** Without where it belongs: what a device remembers of one. */
export function writeSaid(to: Writer, said: Afterword): void {
  if (said.kind === 'reaction') {
    if (said.emoji !== '' && !isEmoji(said.emoji)) throw new RangeError('not one emoji')
    writeMessageName(to, said.of)
    return to.text(said.emoji)
  }
  if (said.ids.length === 0 || said.ids.length > deletionMaximum) throw new RangeError('1 to 64 ids a deletion')
  to.u8(said.ids.length)
  for (const id of said.ids) writeMessageId(to, id)
}

/** @param number of its kind. @throws CryptoError `malformed` */
export function readAfterword(
  reader: Reader,
  number: number,
): { readonly place: AfterwordPlace; readonly said: Afterword } {
  const place = readPlace(reader)
  return { place, said: readSaid(reader, number) }
}

function readPlace(reader: Reader): AfterwordPlace {
  const place = reader.u8()
  if (place === places.here) return {}
  if (place === places.copy) return { to: checkName(reader.text(nameMaximumBytes)) }
  if (place === places.group) return readGroupBody(reader)
  throw new CryptoError('malformed', 'an afterword that belongs nowhere')
}

function readSaid(reader: Reader, number: number): Afterword {
  if (number === numbers.reaction) {
    const of = readMessageName(reader)
    const emoji = reader.text(emojiMaximumBytes)
    if (emoji !== '' && !isEmoji(emoji)) throw new CryptoError('malformed', 'a reaction that is not one emoji')
    return { kind: 'reaction', of, emoji }
  }
  const count = reader.u8()
  if (count === 0 || count > deletionMaximum) throw new CryptoError('malformed', 'not a deletion')
  return { kind: 'deletion', ids: Array.from({ length: count }, () => readMessageId(reader)) }
}

/** The number of its kind (1 byte), and itself. */
export function writeNumbered(to: Writer, said: Afterword): void {
  to.u8(afterwordNumber(said))
  writeSaid(to, said)
}

/** @throws CryptoError `malformed` */
export const readNumbered = (bytes: Uint8Array): Afterword =>
  decode(bytes, (reader) => {
    const number = reader.u8()
    if (!isAfterwordNumber(number)) throw new CryptoError('malformed', 'not an afterword')
    return readSaid(reader, number)
  })
