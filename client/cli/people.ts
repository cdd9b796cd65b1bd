import type { Device } from '../device/device.ts'
import { unknownContact } from '../device/contacts.ts'
import { isGroup } from '../device/groups/peers.ts'
import { duration, parseDuration } from '../words/duration.ts'
import { counted } from '../words/counted.ts'
import { peerName } from '../words/peer-name.ts'
import { numberWith } from '../words/trust.ts'
import { Stop } from './exit.ts'

/*
 * What a person can decide about another, for the commands and for the chat: each does it, and returns what is now true,
 * in words.
 */

/** A key that has changed is accepted without comparing anything: the person says so by this command. */
export function acceptChange(device: Device, name: string): string {
  device.acceptChange(name)
  return `you have accepted ${name}'s new account key; it is not verified`
}

/** A key that has changed is turned away: the number was compared and is not theirs. */
export function refuseChange(device: Device, name: string): string {
  device.refuseChange(name)
  return `you have rejected ${name}'s new account key; the old one stays, and is not verified`
}

/**
 * What they write is still received, so that nothing is broken when they are unblocked; it is not kept. Somebody who never got
 * through is blocked too, by the name that the relay gives. @throws ClientError `no-such-contact` for what nobody else is called
 */
export function setBlocked(device: Device, name: string, blocked: boolean): string {
  device.checkName(name)
  device.contacts.setBlocked(name, blocked)
  return blocked ? `${name} is blocked: what they write is no longer shown or kept` : `${name} is no longer blocked`
}

export function setLifetime(device: Device, name: string, time: string): string {
  const seconds = secondsIn(time, `doormat contacts lifetime ${name} 7d`)
  device.contacts.setLifetime(name, seconds)
  if (seconds === 0) return `new messages to ${name} stay`
  return `new messages to ${name} disappear ${duration(seconds)} after they are sent or read`
}

/** @param next a command that would do. @throws Stop */
export function secondsIn(time: string, next: string): number {
  const seconds = parseDuration(time)
  if (seconds === null) throw new Stop('user', `${time} is not a lifetime: give 90s, 5min, 12h, 7d or off`, next)
  return seconds
}

/** Nothing is announced of a conversation any more. On this device alone: nobody is told. @param time how long; for good without it */
export function mute(device: Device, peer: string, time: string | undefined): string {
  checkKnown(device, peer)
  const seconds = time === undefined ? null : parseDuration(time)
  if (seconds === 0 || (seconds === null && time !== undefined))
    throw new Stop(
      'user',
      `${time} is not a time: give 90s, 5min, 8h or 7d`,
      `doormat mute ${peerName(device, peer)} --for 8h`,
    )
  device.mutes.set({ peer, until: seconds === null ? null : Date.now() + seconds * 1000 })
  const name = peerName(device, peer)
  return `${name} is muted${seconds === null ? '' : ` for ${duration(seconds)}`}: what comes is kept, and is not announced`
}

export function unmute(device: Device, peer: string): string {
  checkKnown(device, peer)
  device.mutes.drop(peer)
  return `${peerName(device, peer)} is not muted`
}

function checkKnown(device: Device, peer: string): void {
  if (!isGroup(peer) && !device.contacts.isKnown(peer)) throw unknownContact(peer)
}

/** On this device alone: nobody else is told, and nobody else's copy goes. */
export function forget(device: Device, name: string, id: string | null): string {
  const count = device.conversations.forget(name, id)
  device.store.tidy()
  if (count === 0) throw new Stop('user', 'there is nothing to delete', `doormat history ${name}`)
  return `deleted ${counted(count, 'message')} from this device`
}

/** The person has compared the number that was shown last, and it is the same. @throws Stop where it is another one */
export function confirmNumber(device: Device, name: string): void {
  const { contact, accountKey } = numberWith(device, name)
  if (!device.contacts.wasShown(name, accountKey))
    throw new Stop(
      'untrustedKey',
      `the safety number with ${name} has not been shown yet, or has changed since`,
      `doormat verify ${name}`,
    )
  if (contact.changed) device.acceptChange(name)
  device.contacts.verify(name)
}
