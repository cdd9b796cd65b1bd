import { safetyNumber } from '../../../crypto/fingerprint.ts'
import { hex } from '../../../crypto/bytes.ts'
import { type Contact, unknownContact } from '../../contacts.ts'
import type { Device } from '../../device.ts'
import { deviceIn } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../terminal.ts'
import { safeJson } from '../visible.ts'

export interface ContactFlags {
  readonly home: string
  readonly json?: boolean
  readonly confirm?: boolean
}

const trustOf = ({ verified, changed }: Contact) => (changed ? 'key changed' : verified ? 'verified' : 'not verified')

export function contacts(flags: ContactFlags): void {
  withDevice(flags.home, (device) => {
    const known = device.contacts.all()
    if (known.length === 0 && !flags.json) tell('no contacts yet; the first message makes one')
    for (const contact of known) {
      const { user, list } = contact
      if (flags.json)
        print(
          safeJson({ user, trust: trustOf(contact), devices: list.devices.length, accountKey: hex(list.accountKey) }),
        )
      else
        print(
          `${user}  ${trustOf(contact)}  ${list.devices.length === 1 ? '1 device' : `${list.devices.length} devices`}`,
        )
    }
  })
}

/** A key that has changed is accepted without comparing anything: the person says so by this command. */
export function accept(name: string, flags: ContactFlags): void {
  withDevice(flags.home, (device) => {
    device.acceptChange(name)
    print(`${name}'s new account key is accepted, and not verified`)
  })
}

/** A key that has changed is turned away: the number was compared and is not theirs. */
export function refuse(name: string, flags: ContactFlags): void {
  withDevice(flags.home, (device) => {
    device.refuseChange(name)
    print(`${name}'s new account key is refused; the one known before stays, and is not verified`)
  })
}

export function verify(name: string, flags: ContactFlags): void {
  withDevice(flags.home, (device) => {
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
    print('')
    for (let i = 0; i < 24; i += 6) print(`  ${number.words.slice(i, i + 6).join(' ')}`)
    if (policy) print(`\n  access policy, epoch ${policy.policy.epoch}: ${hex(policy.reference.digest).slice(0, 16)}`)
    print(`\n${name}: ${trust}. Compare with what ${name} sees, by voice or side by side.`)
    if (!flags.confirm) print(`If they are the same: doormat verify ${name} --confirm`)
    if (contact.changed && !flags.confirm) print(`If they are not: doormat contacts refuse ${name}`)
  })
}

function withDevice(home: string, work: (device: Device) => void): void {
  const device = deviceIn(home)
  try {
    work(device)
  } finally {
    device.store.close()
  }
}
