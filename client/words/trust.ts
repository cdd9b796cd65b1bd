import { hex } from '../../crypto/bytes.ts'
import { type SafetyNumber, safetyNumber } from '../../crypto/fingerprint.ts'
import type { AccountKey, Digest } from '../../crypto/keys.ts'
import { type Contact, unknownContact } from '../device/contacts.ts'
import type { Device } from '../device/device.ts'

export const trustOf = ({ verified, changed }: Contact): string =>
  changed ? 'key changed' : verified ? 'verified' : 'not verified'

/** The safety number with somebody: of their new account key, if it has changed. */
export interface NumberWith {
  readonly contact: Contact
  readonly accountKey: AccountKey
  readonly number: SafetyNumber
}

/** @throws ClientError `no-such-contact` */
export function numberWith(device: Device, name: string): NumberWith {
  const contact = device.contacts.get(name)
  if (!contact) throw unknownContact(name)
  const { accountKey } = contact.changed ?? contact.list
  const { record } = device.self.device
  const ours = { user: record.user, accountKey: record.accountKey }
  return { contact, accountKey, number: safetyNumber(ours, { user: name, accountKey }) }
}

const rowsOf = (items: readonly string[], count: number) =>
  Array.from({ length: Math.ceil(items.length / count) }, (_, i) => items.slice(i * count, (i + 1) * count).join(' '))

/** @param width in terminal columns, 36 at least */
export const digitLines = ({ digits }: SafetyNumber, width: number): string[] => rowsOf(digits, width >= 60 ? 4 : 6)

/** In rows no wider than that. @param width in terminal columns */
export function wordLines({ words }: SafetyNumber, width: number): string[] {
  const inRows = [6, 4, 3].map((count) => rowsOf(words, count))
  return inRows.find((rows) => rows.every((row) => row.length <= width)) ?? rowsOf(words, 2)
}

/** 160 bits of a digest whose maker may choose what it is over: with fewer, two policies could be found that look the same. */
const headWords = (digest: Digest) => (hex(digest.subarray(0, 20)).match(/.{8}/g) ?? []).join(' ')

/** What to compare beside the number: a relay could show two people different policies. */
export function policyLine(device: Device): string | null {
  const head = device.policies.head()
  return head && `access policy, epoch ${head.policy.epoch}: ${headWords(head.reference.digest)}`
}
