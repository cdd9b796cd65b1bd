import { renderUnicodeCompact } from 'uqr'
import { safetyNumber } from '../../../crypto/fingerprint.ts'
import { hex } from '../../../crypto/bytes.ts'
import { type Contact, unknownContact } from '../../contacts.ts'
import type { Device } from '../../device.ts'
import { deviceIn } from '../context.ts'
import { duration, parseDuration } from '../duration.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../terminal.ts'
import { safeJson } from '../visible.ts'

export interface ContactFlags {
  readonly home: string
  readonly json?: boolean
  readonly confirm?: boolean
}

const standingOf = ({ accepted, blocked }: Contact) => (blocked ? 'blocked' : accepted ? 'accepted' : 'request')
const trustOf = ({ verified, changed }: Contact) => (changed ? 'key changed' : verified ? 'verified' : 'not verified')

export function contacts(flags: ContactFlags): Promise<void> {
  return withDevice(flags.home, (device) => {
    const known = device.contacts.all()
    if (known.length === 0 && !flags.json) tell('no contacts yet; the first message makes one')
    for (const contact of known) {
      const { user, list } = contact
      if (flags.json)
        print(
          safeJson({
            user,
            trust: trustOf(contact),
            standing: standingOf(contact),
            devices: list.devices.length,
            lifetimeSeconds: contact.lifetimeSeconds,
            accountKey: hex(list.accountKey),
          }),
        )
      else
        print(
          [
            user,
            trustOf(contact),
            list.devices.length === 1 ? '1 device' : `${list.devices.length} devices`,
            ...(standingOf(contact) === 'accepted' ? [] : [standingOf(contact)]),
            ...(contact.lifetimeSeconds > 0 ? [`messages stay ${duration(contact.lifetimeSeconds)}`] : []),
          ].join('  '),
        )
    }
  })
}

/** A key that has changed is accepted without comparing anything: the person says so by this command. */
export function accept(name: string, flags: ContactFlags): Promise<void> {
  return withDevice(flags.home, (device) => {
    device.acceptChange(name)
    print(`${name}'s new account key is accepted, and not verified`)
  })
}

/** A key that has changed is turned away: the number was compared and is not theirs. */
export function refuse(name: string, flags: ContactFlags): Promise<void> {
  return withDevice(flags.home, (device) => {
    device.refuseChange(name)
    print(`${name}'s new account key is refused; the one known before stays, and is not verified`)
  })
}

/** What they write is still received, so that nothing is broken when they are unblocked; it is not kept. */
export function block(name: string, blocked: boolean, flags: ContactFlags): Promise<void> {
  return withDevice(flags.home, (device) => {
    device.contacts.setBlocked(name, blocked)
    print(blocked ? `nothing that ${name} writes is shown or kept from now on` : `${name} is not blocked any more`)
  })
}

export async function lifetime(name: string, time: string, flags: ContactFlags): Promise<void> {
  const seconds = parseDuration(time)
  if (seconds === null)
    throw new Stop('user', `${time} is no time: 90s, 5min, 12h, 7d, or off`, `doormat contacts lifetime ${name} 7d`)
  await withDevice(flags.home, (device) => {
    device.contacts.setLifetime(name, seconds)
    if (seconds === 0) print(`what is written to ${name} from now on stays`)
    else print(`what is written to ${name} from now on disappears ${duration(seconds)} after it is sent or read`)
  })
}

/** On this device alone: nobody else is told, and nobody else's copy goes. */
export function forget(name: string, flags: ContactFlags & { readonly id?: string }): Promise<void> {
  return withDevice(flags.home, (device) => {
    const count = device.conversations.forget(name, flags.id ?? null)
    device.store.tidy()
    if (count === 0) throw new Stop('user', 'there is nothing to forget', `doormat history ${name}`)
    print(count === 1 ? '1 message forgotten here' : `${count} messages forgotten here`)
  })
}

export function verify(name: string, flags: ContactFlags): Promise<void> {
  return withDevice(flags.home, (device) => {
    const contact = device.contacts.get(name)
    if (!contact) throw unknownContact(name)
    const theirs = (contact.changed ?? contact.list).accountKey
    const { record } = device.self.device
    const number = safetyNumber(
      { user: record.user, accountKey: record.accountKey },
      { user: name, accountKey: theirs },
    )
    if (flags.confirm) {
      if (!device.contacts.wasShown(name, theirs))
        throw new Stop(
          'untrustedKey',
          `the safety number with ${name} has not been shown yet, or is another one by now`,
          `doormat verify ${name}`,
        )
      if (contact.changed) device.acceptChange(name)
      device.contacts.verify(name)
    }
    const policy = device.policies.head()
    const trust = trustOf(device.contacts.get(name) ?? contact)
    device.contacts.noteShown(name, theirs)
    if (flags.json) {
      return print(
        safeJson({
          user: name,
          trust,
          digits: number.digits.join(''),
          words: number.words,
          epoch: policy?.policy.epoch ?? null,
          policy: policy && hex(policy.reference.digest),
        }),
      )
    }
    if (contact.changed && !flags.confirm) print(`${name}'s account key HAS CHANGED. This is the new safety number:\n`)
    for (let i = 0; i < 12; i += 4) print(`  ${number.digits.slice(i, i + 4).join(' ')}`)
    if (process.stdout.isTTY) print(`\n${renderUnicodeCompact(number.digits.join(''), { border: 1 })}`)
    print('')
    for (let i = 0; i < 24; i += 6) print(`  ${number.words.slice(i, i + 6).join(' ')}`)
    if (policy) print(`\n  access policy, epoch ${policy.policy.epoch}: ${hex(policy.reference.digest).slice(0, 16)}`)
    print(`\n${name}: ${trust}. Compare with what ${name} sees, by voice or side by side.`)
    if (!flags.confirm) print(`If they are the same: doormat verify ${name} --confirm`)
    if (contact.changed && !flags.confirm) print(`If they are not: doormat contacts refuse ${name}`)
  })
}

async function withDevice(home: string, work: (device: Device) => void): Promise<void> {
  const device = await deviceIn(home)
  try {
    work(device)
  } finally {
    device.store.close()
  }
}
