import type { Device } from '../device/device.ts'
import { duration, parseDuration } from '../words/duration.ts'
import { numberWith } from '../words/trust.ts'
import { Stop } from './exit.ts'

/*
 * What a person can decide about another, for the commands and for the chat: each does it, and returns what is now true,
 * in words.
 */

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
