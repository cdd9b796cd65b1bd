import { renderUnicodeCompact } from 'uqr'
import { hex } from '../../../crypto/bytes.ts'
import type { Contact } from '../../device/contacts.ts'
import type { Device } from '../../device/device.ts'
import { addressee, checkAddressee } from '../addressee.ts'
import { deviceIn } from '../context.ts'
import { duration } from '../../words/duration.ts'
import * as people from '../people.ts'
import { print, tell } from '../output.ts'
import { checkPerson } from '../person.ts'
import { isYes, openQuestions } from '../questions.ts'
import { counted } from '../../words/counted.ts'
import { safeJson } from '../../words/visible.ts'
import { digitLines, numberWith, policyLine, trustOf, wordLines } from '../../words/trust.ts'

export interface ContactFlags {
  readonly home: string
  readonly json?: boolean
  readonly confirm?: boolean
}

const standingOf = ({ accepted, blocked }: Contact) => (blocked ? 'blocked' : accepted ? 'accepted' : 'request')

export function contacts(flags: ContactFlags): Promise<void> {
  return withDevice(flags.home, (device) => {
    const known = device.contacts.all()
    const strangers = device.contacts.blockedStrangers()
    if (known.length + strangers.length === 0 && !flags.json)
      tell('no contacts yet: you get one with the first message that you send or receive')
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
            muted: device.mutes.get(user) !== null,
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
            ...(device.mutes.get(user) ? ['muted'] : []),
            ...(contact.lifetimeSeconds > 0 ? [`messages stay ${duration(contact.lifetimeSeconds)}`] : []),
          ].join('  '),
        )
    }
    for (const user of strangers) {
      const nothing = { devices: 0, lifetimeSeconds: 0, muted: false, accountKey: null }
      print(
        flags.json
          ? safeJson({ user, trust: 'not known', standing: 'blocked', ...nothing })
          : `${user}  not known  blocked`,
      )
    }
  })
}

export const accept = (name: string, flags: ContactFlags): Promise<void> =>
  withPerson(name, flags.home, (device) => print(people.acceptChange(device, name)))

export const refuse = (name: string, flags: ContactFlags): Promise<void> =>
  withPerson(name, flags.home, (device) => print(people.refuseChange(device, name)))

export const block = (name: string, blocked: boolean, flags: ContactFlags): Promise<void> =>
  withPerson(name, flags.home, (device) => print(people.setBlocked(device, name, blocked)))

export const lifetime = (name: string, time: string, flags: ContactFlags): Promise<void> =>
  withPerson(name, flags.home, (device) => print(people.setLifetime(device, name, time)))

interface MuteFlags extends ContactFlags {
  readonly for?: string
}

/** A person, or a group. */
export function mute(words: string, flags: MuteFlags): Promise<void> {
  checkAddressee(words)
  return withDevice(flags.home, (device) => print(people.mute(device, addressee(device, words), flags.for)))
}

export function unmute(words: string, flags: ContactFlags): Promise<void> {
  checkAddressee(words)
  return withDevice(flags.home, (device) => print(people.unmute(device, addressee(device, words))))
}

interface ForgetFlags extends ContactFlags {
  readonly id?: string
  readonly yes?: boolean
}

/** What goes is gone on this device, so a person says yes to it first. */
export async function forget(name: string, flags: ForgetFlags): Promise<void> {
  checkAddressee(name)
  await withDevice(flags.home, async (device) => {
    const id = flags.id ?? null
    const peer = addressee(device, name)
    const count = device.conversations.forgettable(peer, id)
    if (count > 0 && !flags.yes && !(await agrees(name, count, flags))) return print('nothing was deleted')
    print(people.forget(device, peer, id))
  })
}

async function agrees(name: string, count: number, { id }: ForgetFlags): Promise<boolean> {
  const questions = openQuestions(
    id === undefined ? `doormat forget ${name} --yes` : `doormat forget ${name} --id ${id} --yes`,
  )
  try {
    const what = `${counted(count, 'message')} with ${name}`
    return isYes(await questions.ask(`Delete ${what} from this device? They cannot be brought back. [y/N] `))
  } finally {
    questions.close()
  }
}

/** The number is shown as on a terminal of that width. */
const columns = 80

export function verify(name: string, flags: ContactFlags): Promise<void> {
  return withPerson(name, flags.home, (device) => {
    const { contact, accountKey, number } = numberWith(device, name)
    if (flags.confirm) people.confirmNumber(device, name)
    const policy = device.policies.head()
    const trust = trustOf(device.contacts.get(name) ?? contact)
    device.contacts.noteShown(name, accountKey)
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
    for (const line of digitLines(number, columns)) print(`  ${line}`)
    if (process.stdout.isTTY) print(`\n${renderUnicodeCompact(number.digits.join(''), { border: 1 })}`)
    print('')
    for (const line of wordLines(number, columns)) print(`  ${line}`)
    if (policy) print(`\n  ${policyLine(device)}`)
    print(`\n${name}: ${trust}. Compare with what ${name} sees, by voice or side by side.`)
    if (!flags.confirm) print(`If they are the same: doormat verify ${name} --confirm`)
    if (contact.changed && !flags.confirm) print(`If they are not: doormat contacts refuse ${name}`)
  })
}

async function withPerson(name: string, home: string, work: (device: Device) => unknown): Promise<void> {
  checkPerson(name)
  await withDevice(home, work)
}

async function withDevice(home: string, work: (device: Device) => unknown): Promise<void> {
  const device = await deviceIn(home)
  try {
    await work(device)
  } finally {
    device.store.close()
  }
}
