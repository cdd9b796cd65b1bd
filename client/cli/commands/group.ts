import type { Device } from '../../device/device.ts'
import type { Group, Wish } from '../../device/groups/groups.ts'
import type { Online } from '../../device/online.ts'
import { counted } from '../../words/counted.ts'
import { groupLines, onHold, roleOf, standingOf, weakSessions } from '../../words/group.ts'
import { peerName } from '../../words/peer-name.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { lookInto, whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../output.ts'
import { secondsIn } from '../people.ts'
import { checkPerson } from '../person.ts'
import { soon, untilOnline } from '../waiting.ts'

interface GroupFlags {
  readonly home: string
  readonly json?: boolean
}

const patienceMs = 10_000

export const newGroup = (title: string, people: readonly string[], flags: GroupFlags): Promise<void> =>
  whileOnline(flags.home, async (device, connection) => {
    const others = [...new Set(people)].filter((user) => user !== device.self.device.record.user)
    for (const user of others) await acquaint(device, connection, user)
    const { peer } = device.groups.found(title)
    for (const user of others) device.groups.change(peer, { kind: 'add', user })
    await untilTold(device, connection)
    const group = device.groups.get(peer)
    if (group) report(device, group, flags.json ?? false)
  })

export function list(flags: GroupFlags): Promise<void> {
  return lookInto(flags.home, async (device) => {
    const all = device.groups.all()
    if (all.length === 0 && !flags.json) tell("you are in no group yet: doormat group new 'Reading circle' bob carol")
    for (const group of all)
      if (flags.json) print(safeJson(jsonOf(device, group)))
      else
        print(
          [
            `+${visible(group.now.title)}`,
            group.peer.slice(1, 9),
            counted(group.now.members.length, 'person', 'people'),
            ...aboutStanding[standingOf(group)],
            ...(device.mutes.get(group.peer) ? ['muted'] : []),
            ...(group.isOnHold ? [onHold] : []),
          ].join('  '),
        )
  })
}

export const show = (words: string, flags: GroupFlags): Promise<void> =>
  lookInto(flags.home, async (device) => report(device, called(device, words), flags.json ?? false))

/** A change by this person; the command ends when it is on its way to all others. */
export function change(words: string, wish: Wish, flags: GroupFlags): Promise<void> {
  return whileOnline(flags.home, async (device, connection) => {
    const { peer } = called(device, words)
    await untilOnline(connection)
    // what others have changed meanwhile is taken in first
    await soon(connection)
    if (wish.kind === 'add') await acquaint(device, connection, wish.user)
    device.groups.change(peer, wish)
    await untilTold(device, connection)
    const group = device.groups.get(peer)
    if (group) report(device, group, flags.json ?? false)
  })
}

export const setLifetime = (words: string, time: string, flags: GroupFlags): Promise<void> =>
  change(words, { kind: 'lifetime', seconds: secondsIn(time, `doormat group lifetime ${words} 7d`) }, flags)

const called = (device: Device, words: string): Group =>
  device.groups.called(words.startsWith('+') ? words.slice(1) : words)

/** Until the account key of somebody is known, whom this device may never have met. */
async function acquaint(device: Device, connection: Online, user: string): Promise<void> {
  checkPerson(user)
  if (device.contacts.isKnown(user)) return
  const before = device.history.lastRow()
  const end = performance.now() + patienceMs
  device.meet(user)
  while (!device.contacts.isKnown(user)) {
    const told = device.history.after(before, user, 10).some(({ kind }) => kind === 'not-sent')
    if (told) throw new Stop('user', `the relay knows nobody called ${user}`)
    if (performance.now() > end) throw new Stop('relay', `${user} cannot be asked for: the relay does not answer`)
    await soon(connection)
  }
}

const aboutStanding = {
  accepted: [],
  request: ['request: answer, or leave it'],
  leaving: ['you are leaving it'],
  left: ['you are not in it any more'],
} as const

/** Until everybody has been sent what is new, who can be reached now; the others are sent it when they can. */
async function untilTold(device: Device, connection: Online): Promise<void> {
  const end = performance.now() + patienceMs
  const isLeft = () =>
    device.groups.isWithdrawing() || device.groupSending.owed().length + device.outbox.addresses().length > 0
  while (isLeft() && performance.now() < end) {
    if (connection.fault) throw connection.fault
    await soon(connection)
  }
  if (device.groups.isWithdrawing()) tell('this takes effect once all that was sent to you has come')
  const late = device.groupSending.owed()
  if (late.length > 0) tell(`${late.join(', ')} cannot be reached yet: what has changed goes out when they can`)
}

function jsonOf(device: Device, group: Group): object {
  return {
    id: group.peer.slice(1),
    title: group.now.title,
    lifetimeSeconds: group.now.lifetimeSeconds,
    changes: group.order.standing.length,
    muted: device.mutes.get(group.peer) !== null,
    isOnHold: group.isOnHold,
    standing: standingOf(group),
    people: group.now.members.map((person) => ({ user: person.user, role: roleOf(group, person) })),
    number: device.groups.number(group.peer).join(' '),
    weakSessions: weakSessions(device, group),
  }
}

function report(device: Device, group: Group, json: boolean): void {
  if (json) return print(safeJson(jsonOf(device, group)))
  for (const line of [peerName(device, group.peer), ...groupLines(device, group)]) print(line)
}
