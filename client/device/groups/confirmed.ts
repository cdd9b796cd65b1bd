import { concat, decode, type Reader, textField, u8 } from '../../../crypto/bytes.ts'
import type { ReceiptStatus } from '../../../crypto/content.ts'
import { nameMaximumBytes } from '../../../crypto/identity.ts'

/** How far a message to a group has come to each of those whom it was for, as their devices say. */
export interface Confirmed {
  /** of whom nothing has been heard */
  readonly waiting: readonly string[]
  readonly delivered: readonly string[]
  readonly read: readonly string[]
}

export const confirmedByNobody = (waiting: readonly string[]): Confirmed => ({ waiting, delivered: [], read: [] })

/** @returns null where that is no news */
export function withReceipt(
  { waiting, delivered, read }: Confirmed,
  user: string,
  status: ReceiptStatus,
): Confirmed | null {
  const without = (names: readonly string[]) => names.filter((name) => name !== user)
  if (status === 'delivered')
    return waiting.includes(user) ? { waiting: without(waiting), delivered: [...delivered, user], read } : null
  return waiting.includes(user) || delivered.includes(user)
    ? { waiting: without(waiting), delivered: without(delivered), read: [...read, user] }
    : null
}

/** What is so for all of them; null while it is not. */
export function statusForAll({ waiting, delivered, read }: Confirmed): ReceiptStatus | null {
  if (waiting.length > 0 || delivered.length + read.length === 0) return null
  return delivered.length > 0 ? 'delivered' : 'read'
}

/** Three lists of at most 64 names, each behind how many there are. */
export const encodeConfirmed = ({ waiting, delivered, read }: Confirmed): Uint8Array =>
  concat(...[waiting, delivered, read].flatMap((names) => [u8(names.length), ...names.map(textField)]))

/** @throws CryptoError `malformed` */
export const decodeConfirmed = (bytes: Uint8Array): Confirmed =>
  decode(bytes, (reader) => ({ waiting: readNames(reader), delivered: readNames(reader), read: readNames(reader) }))

function readNames(reader: Reader): string[] {
  const names: string[] = []
  for (let left = reader.u8(); left > 0; left--) names.push(reader.text(nameMaximumBytes))
  return names
}
