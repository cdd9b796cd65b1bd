import type { Reader, Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { checkName, nameMaximumBytes } from './identity.ts'

export const messageIdMaximumBytes = 64

/** 1 to 64 printable ASCII characters without spaces. */
export const isMessageId = (text: string): boolean => /^[\x21-\x7e]{1,64}$/.test(text)

/** Whoever sends a message chooses its id, which is unique only among theirs: so another message is named by both. */
export interface MessageName {
  /** the name of the account that wrote it */
  readonly author: string
  readonly id: string
}

/** @throws RangeError for what is no id */
export function writeMessageId(to: Writer, id: string): void {
  if (!isMessageId(id)) throw new RangeError('not a message id')
  to.text(id)
}

/** @throws CryptoError `malformed` */
export function readMessageId(reader: Reader): string {
  const id = reader.text(messageIdMaximumBytes)
  if (!isMessageId(id)) throw new CryptoError('malformed', 'not a message id')
  return id
}

/** Its author's name and its id, each behind its length. */
export function writeMessageName(to: Writer, { author, id }: MessageName): void {
  to.text(checkName(author))
  writeMessageId(to, id)
}

/** @throws CryptoError `malformed` */
export const readMessageName = (reader: Reader): MessageName => ({
  author: checkName(reader.text(nameMaximumBytes)),
  id: readMessageId(reader),
})
