import { hex } from '../../crypto/bytes.ts'
import { type SafetyNumber, safetyNumber } from '../../crypto/fingerprint.ts'
import type { AccountKey, Digest } from '../../crypto/keys.ts'
import { type Contact, unknownContact } from '../device/contacts.ts'
import type { Device } from '../device/device.ts'
import { duration, parseDuration } from '../words/duration.ts'
import { Stop } from './exit.ts'

/*
 * What a person can decide about another, for the commands and for the chat: each does it, and returns what is now true,
 * in words.
 */

export const trustOf = ({ verified, changed }: Contact): string =>
  changed ? 'key changed' : verified ? 'verified' : 'not verified'

/** A key that has changed is accepted without comparing anything: the person says so by this command. */
export function acceptChange(device: Device, name: string): string {
  device.acceptChange(name)
  return `${name}'s new account key is accepted, and not verified`
}

/** A key that has changed is turned away: the number was compared and is not theirs. */
export function refuseChange(device: Device, name: string): string {
  device.refuseChange(name)
  return `${name}'s new account key is refused; the one known before stays, and is not verified`
}

/**
 * What they write is still received, so that nothing is broken when they are unblocked; it is not kept. Somebody who never got
 * through is blocked too, by the name that the relay gives. @throws ClientError `no-such-contact` for what nobody else is called
 */
export function setBlocked(device: Device, name: string, blocked: boolean): string {
  device.checkName(name)
  device.contacts.setBlocked(name, blocked)
  return blocked ? `nothing that ${name} writes is shown or kept from now on` : `${name} is not blocked any more`
}

export function setLifetime(device: Device, name: string, time: string): string {
  const seconds = parseDuration(time)
  if (seconds === null)
    throw new Stop('user', `${time} is no time: 90s, 5min, 12h, 7d, or off`, `doormat contacts lifetime ${name} 7d`)
  device.contacts.setLifetime(name, seconds)
  if (seconds === 0) return `what is written to ${name} from now on stays`
  return `what is written to ${name} from now on disappears ${duration(seconds)} after it is sent or read`
}

/** On this device alone: nobody else is told, and nobody else's copy goes. */
export function forget(device: Device, name: string, id: string | null): string {
  const count = device.conversations.forget(name, id)
  device.store.tidy()
  if (count === 0) throw new Stop('user', 'there is nothing to forget', `doormat history ${name}`)
  return count === 1 ? '1 message forgotten here' : `${count} messages forgotten here`
}

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

/** The person has compared the number that was shown last, and it is the same. @throws Stop where it is another one */
export function confirmNumber(device: Device, name: string): void {
  const { contact, accountKey } = numberWith(device, name)
  if (!device.contacts.wasShown(name, accountKey))
    throw new Stop(
      'untrustedKey',
      `the safety number with ${name} has not been shown yet, or is another one by now`,
      `doormat verify ${name}`,
    )
  if (contact.changed) device.acceptChange(name)
  device.contacts.verify(name)
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
