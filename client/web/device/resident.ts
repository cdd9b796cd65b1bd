import { base64url, hex } from '../../../crypto/bytes.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { RelayError } from '../../../server/api.ts'
import type { Departures } from '../../device/departures.ts'
import type { Device } from '../../device/device.ts'
import type { Contact } from '../../device/contacts.ts'
import { ClientError } from '../../device/errors.ts'
import type { Wish } from '../../device/groups/groups.ts'
import { isGroup } from '../../device/groups/peers.ts'
import { sleep } from '../../device/sleep.ts'
import { goOnline } from '../../device/online.ts'
import { deviceName } from '../../words/device-name.ts'
import { numberWith, policyLine } from '../../words/trust.ts'
import { visible } from '../../words/visible.ts'
import {
  conversationOfAll,
  conversationWith,
  idForEverybody,
  isToEverybody,
  seenOfAll,
  unreadToEverybody,
} from './conversation.ts'
import { groupsOf } from './groups.ts'
import { outsideOf } from './looking.ts'
import { modeView, whoHasTheKey } from './modes.ts'
import { type Asks, everybody, type InsideView, type NumberView, type PersonView, type View } from './protocol.ts'

const meetWithinMs = 15_000
const lookAgainMs = 250

/** A device that is open in this tab: what the page sees of it, and what it can be asked. */
export interface Resident {
  view(): View
  people(names: readonly string[]): void
  open(user: string | null): void
  seen(row: number): void
  /** Resolves when it is kept. @throws ClientError */
  write(given: Asks['write']['ask']): Promise<void>
  /** Resolves when it is kept. @throws ClientError */
  react(given: Asks['react']['ask']): Promise<void>
  /** Resolves when it is kept. @throws ClientError */
  deleteForAll(given: Asks['deleteForAll']['ask']): Promise<void>
  /** @returns what stands for it @throws ClientError */
  found(title: string, people: readonly string[]): Promise<string>
  /** @throws ClientError */
  change(group: string, wish: Wish): Promise<void>
  number(user: string): NumberView
  /** @throws ClientError where another number is there than was shown */
  confirm(user: string): void
  refuse(user: string): void
  differ(user: string): void
  inside(row: number): InsideView
  forget(): number
  stop(): Promise<void>
}

/**
 * @param settled resolves when everything written so far is kept
 * @param changed is called whenever the view may be another
 */
export function takeResidence(
  device: Device,
  departures: Departures,
  settled: () => Promise<void>,
  changed: () => void,
): Resident {
  const { store, contacts, history, conversations, policies } = device
  const me = device.self.device.record.user
  const online = goOnline(device, departures.relay, systemRandom, Date.now)
  let inRoom: readonly string[] = []
  let open: string | null = null
  const stopping = new AbortController()

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      changed()
      await online.changed()
    }
  }
  void watch()

  function trustIn(contact: Contact | undefined): PersonView['trust'] {
    if (!contact) return 'new'
    if (contact.changed) return 'key changed'
    if (contacts.isDifferent(contact.user)) return 'numbers differ'
    return contact.verified ? 'verified' : 'not verified'
  }

  /** Everybody that the host's list has, and everybody who has written. */
  function people(): readonly PersonView[] {
    const unread = new Map(conversations.all().map((one) => [one.user, one.unread]))
    const known = new Map(contacts.all().map((contact) => [contact.user, contact]))
    const names = [...new Set([...inRoom, ...known.keys()])].filter((name) => name !== me).sort()
    return names.map((user) => {
      const contact = known.get(user)
      return {
        user,
        trust: trustIn(contact),
        unread: unread.get(user) ?? 0,
        devices: contact?.list.devices.length ?? 0,
      }
    })
  }

  /** Until the account key of somebody in the room is known. */
  async function acquaint(user: string): Promise<void> {
    const end = Date.now() + meetWithinMs
    if (!contacts.isKnown(user)) device.meet(user)
    while (!contacts.isKnown(user)) {
      if (Date.now() > end)
        throw new ClientError('no-such-contact', `the server has not said which key ${user} has: try again`)
      await Promise.race([online.changed(), sleep(lookAgainMs)])
    }
  }

  /** @throws ClientError where the message is not there any more */
  function named(row: number) {
    const message = history.message(row)
    if (!message) throw new ClientError('no-such-message', 'that message is not here any more')
    return { peer: message.peer, name: device.afterwords.nameOf(message) }
  }

  /** Whom a message to everybody went to, and who may have it still. */
  const peersUnder = (id: string) =>
    store.tables.history
      .beginning(id)
      .filter((copy) => copy.direction === 'out' && copy.id === id)
      .flatMap(({ row }) => history.message(row)?.peer ?? [])
      .filter((peer) => !contacts.isBlocked(peer))

  const entriesOf = (user: string) => (user === everybody ? conversationOfAll(device) : conversationWith(device, user))

  return {
    view() {
      const head = policies.head()
      const { fault, state } = online
      const isUsual = fault instanceof RelayError && ['unreachable', 'too-many', 'too-slow'].includes(fault.code)
      const everyone = people()
      return {
        me,
        connection: state,
        trouble: fault && !isUsual ? troubleIn(fault) : null,
        mode: { ...modeView(head), epoch: head?.policy.epoch ?? 0 },
        people: everyone,
        groups: groupsOf(device),
        unreadToEverybody: unreadToEverybody(device),
        unsent: [...history.unsentByPerson().values()].reduce((sum, count) => sum + count, 0),
        open: open === null ? null : { user: open, entries: entriesOf(open) },
      }
    },
    people(names) {
      inRoom = names
      changed()
    },
    open(user) {
      if (user !== null && user !== everybody && !isGroup(user)) device.checkName(user)
      open = user
      changed()
    },
    seen(row) {
      if (open === null) return
      if (open !== everybody) return conversations.markRead(open, row)
      for (const { user } of conversations.all().filter(({ unread }) => unread > 0)) {
        const last = seenOfAll(device, user)
        if (last !== null) conversations.markRead(user, Math.min(last, row))
      }
    },
    async write({ to, text, answers }) {
      if (to === everybody) {
        const others = people().map(({ user }) => user)
        if (others.length === 0) throw new ClientError('no-such-contact', 'nobody else is in the room yet')
        device.sendToMany(others, text, idForEverybody(hex(systemRandom(12))))
      } else device.write(to, text, undefined, answers == null ? undefined : named(answers).name)
      changed()
      await settled()
    },
    async react({ row, emoji }) {
      const { peer, name } = named(row)
      device.react(peer, name, emoji)
      changed()
      await settled()
    },
    async deleteForAll({ row }) {
      const { peer, name } = named(row)
      if (!isToEverybody(name.id)) device.deleteForAll(peer, [name.id])
      else store.transaction(() => peersUnder(name.id).forEach((one) => device.deleteForAll(one, [name.id])))
      store.tidy()
      changed()
      await settled()
    },
    async found(title, names) {
      for (const name of names) await acquaint(name)
      const { peer } = device.groups.found(title)
      for (const user of names) device.groups.change(peer, { kind: 'add', user })
      changed()
      await settled()
      return peer
    },
    async change(group, wish) {
      if (wish.kind === 'add') await acquaint(wish.user)
      device.groups.change(group, wish)
      changed()
      await settled()
    },
    number(user) {
      const { contact, accountKey, number } = numberWith(device, user)
      contacts.noteShown(user, accountKey)
      return {
        user,
        ...number,
        isVerified: contact.verified,
        isChanged: contact.changed !== null,
        policy: policyLine(device),
        devices: devicesWith(device, contact),
      }
    },
    confirm(user) {
      const { contact, accountKey } = numberWith(device, user)
      if (!contacts.wasShown(user, accountKey))
        throw new ClientError('no-such-contact', `the safety number with ${user} is another one by now: compare again`)
      if (contact.changed) device.acceptChange(user)
      contacts.verify(user)
      changed()
    },
    refuse(user) {
      device.refuseChange(user)
      changed()
    },
    differ(user) {
      contacts.noteDifferent(user)
      changed()
    },
    inside(row) {
      const message = history.message(row)
      return {
        envelope: outsideOf(departures.of(row)),
        readableBy:
          message?.epoch == null
            ? 'It has not left this phone yet: only you can read it.'
            : whoHasTheKey(
                policies.at(message.epoch),
                isGroup(message.peer) ? 'the others in the group' : message.peer,
              ),
      }
    },
    forget() {
      const all = [...contacts.all().map(({ user }) => user), ...device.groups.all().map(({ peer }) => peer)]
      const forgotten = all.reduce((sum, peer) => sum + conversations.forget(peer, null), 0)
      store.tidy()
      changed()
      return forgotten
    },
    async stop() {
      stopping.abort()
      await online.stop()
    },
  }
}

function devicesWith({ self }: Device, { list, changed }: Contact): NumberView['devices'] {
  const here = deviceName(self.device.record)
  const theirs = (changed ?? list).devices.map((record) => ({ name: deviceName(record), whose: 'theirs' as const }))
  const ours = self.list.devices.map(deviceName)
  return [...theirs, ...ours.map((name) => ({ name, whose: name === here ? ('this' as const) : ('ours' as const) }))]
}

/** What is for the host to mend, and what the page will come to by itself. */
const troubleIn = (fault: Error): string =>
  fault instanceof ClientError && fault.code === 'wrong-relay'
    ? 'The host has begun a new round. Everything of the last one is deleted, here too, in a moment.'
    : fault instanceof RelayError && fault.code === 'internal'
      ? 'The host’s laptop cannot take what you write: perhaps its disk is full. Tell the host. It stays here, and goes out when it can.'
      : visible(fault.message)

/** A name for a tab or a device, that no other has. */
export const newId = (): string => base64url(systemRandom(16))
