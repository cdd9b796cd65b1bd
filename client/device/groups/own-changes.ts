import { equal } from '../../../crypto/bytes.ts'
import type { Person } from '../../../crypto/fingerprint.ts'
import { changed, isMember, isSamePerson } from '../../../crypto/group-rules.ts'
import { type Deed, signChange, type SignedChange, type Spoken } from '../../../crypto/membership.ts'
import type { Contacts } from '../contacts.ts'
import { ClientError } from '../errors.ts'
import type { History } from '../history.ts'
import type { Self } from '../self.ts'
import { withList } from './changes.ts'
import { checkTitle, isAboutSomebody, lowers, refusal, wordsOf } from './deeds.ts'
import { addDue } from './due.ts'
import type { Group, Wish } from './groups.ts'
import type { GroupRecords } from './records.ts'

/** What this device changes in groups, and what it owes to others and tells its person of it. */
export interface OwnChanges {
  /** @throws ClientError `no-such-contact` | `not-allowed` | `bad-text` */
  deedOf(group: Group, wish: Wish): Deed
  /** @param group null to found one. @throws ClientError `not-allowed` */
  make(group: Group | null, deed: Deed): SignedChange
  /** Keeps a change of ours, and owes it to everybody who is in the group before or after it; to whoever is new, all of them. */
  keep(peer: string, signed: SignedChange): void
  /** Where it is not allowed, it is left. */
  tryToMake(peer: string, deed: Deed): void
  /** What of ours has fallen, by another's change at the same time, is done again where it still can be. */
  again(peer: string, fallen: readonly SignedChange[], fresh: readonly SignedChange[]): void
  /** Whoever is in it no more is owed no message any more. */
  letGo(peer: string): void
  /** Lines about what has changed; beyond some, how many more there are. */
  tell(peer: string, changes: readonly SignedChange[], how: 'done' | 'undone'): void
}

interface OwnChangesParts {
  readonly records: GroupRecords
  readonly self: Self
  readonly contacts: Contacts
  readonly history: History
  /** @throws ClientError `no-such-group` */
  readonly must: (peer: string) => Group
  readonly get: (peer: string) => Group | null
  /** is called when something is to go out */
  readonly wake: () => void
}

const linesMaximum = 16

export function createOwnChanges(parts: OwnChangesParts): OwnChanges {
  const { records, self, contacts, history, must, get, wake } = parts
  const { user, accountKey } = self.device.record
  const me: Person = { user, accountKey }

  function personCalled({ now }: Group, wish: Wish & { readonly user: string }): Person {
    const member = now.members.find((one) => one.user === wish.user)
    if (member) return member
    if (wish.kind !== 'add') throw new ClientError('no-such-contact', `${wish.user} is not in ${now.title}`)
    const theirs = contacts.accountKeyOf(wish.user)
    if (!theirs) throw new ClientError('no-such-contact', `you have no contact called ${wish.user}`)
    if (contacts.isChanged(wish.user))
      throw new ClientError('not-allowed', `${wish.user}'s account key has changed`, `doormat verify ${wish.user}`)
    return { user: wish.user, accountKey: theirs }
  }

  function deedOf(group: Group, wish: Wish): Deed {
    if (wish.kind === 'leave') return { kind: 'leave', spoken: spokenBy(group.peer, me) }
    if (wish.kind === 'rename') return { kind: 'rename', title: checkTitle(wish.title) }
    if (wish.kind === 'lifetime') return wish
    const person = personCalled(group, wish)
    if (wish.kind !== 'remove') return { kind: wish.kind, ...person }
    return { kind: 'remove', ...person, spoken: spokenBy(group.peer, person) }
  }

  /** What this device has heard of somebody, one message after the other: whatever else they say they have said is not shown. */
  function spokenBy(peer: string, { user: name }: Person): readonly Spoken[] {
    return records
      .speakers(peer)
      .filter((one) => one.user === name)
      .slice(0, 64)
      .flatMap((speaker) => {
        const from = records.heardFrom(peer, speaker)
        const to = records.said(peer, speaker).at(-1)?.counter
        return from === null || to === undefined ? [] : { device: speaker.device, from, to }
      })
  }

  function make(group: Group | null, deed: Deed): SignedChange {
    const signed = signChange(
      {
        group: group && group.now.group,
        number: group ? group.now.number + 1 : 0,
        parent: group && group.now.head,
        author: me,
        device: self.device.record.id,
        listNumber: self.list.number,
        deed,
      },
      self.device,
    )
    if (!changed(group?.now ?? null, signed)) throw refusal(group?.now ?? null, deed, me)
    return signed
  }

  function keep(peer: string, signed: SignedChange): void {
    const record = records.get(peer) ?? { changes: [], lists: [], isAccepted: true }
    const before = get(peer)?.now.members ?? []
    records.put(peer, {
      ...record,
      changes: [...record.changes, signed.bytes],
      lists: withList(record.lists, self.signedList),
    })
    const after = must(peer).now.members
    for (const person of [...before, ...after.filter((one) => !before.some((other) => isSamePerson(one, other)))])
      if (!isSamePerson(person, me))
        addDue(records, person.user, {
          peer,
          kind: 'news',
          since: before.some((one) => isSamePerson(one, person)) ? signed.digest : null,
        })
    if (self.others().length > 0) addDue(records, user, { peer, kind: 'news', since: signed.digest })
    tell(peer, [signed], 'done')
    letGo(peer)
    wake()
  }

  function letGo(peer: string): void {
    const members = new Set(must(peer).now.members.map((one) => one.user))
    for (const name of records.duePeople()) {
      if (name === user || members.has(name)) continue
      const due = records.due(name)
      const left = due.filter((one) => one.peer !== peer || one.kind !== 'message')
      if (left.length < due.length) records.setDue(name, left)
    }
  }

  function tell(peer: string, changes: readonly SignedChange[], how: 'done' | 'undone'): void {
    const told = changes.filter(({ change }) => change.deed.kind !== 'refresh')
    for (const { change } of told.slice(0, linesMaximum)) history.notice('group', peer, { text: wordsOf(change, how) })
    if (told.length > linesMaximum) history.notice('group', peer, { text: 'more', count: told.length - linesMaximum })
  }

  function again(peer: string, fallen: readonly SignedChange[], fresh: readonly SignedChange[]): void {
    const ours = fallen.filter(({ change }) => equal(change.device, self.device.record.id))
    for (const { change } of ours) {
      const { deed } = change
      if (!isAboutSomebody(deed)) continue
      // whom somebody has sent away since, or taken an office, is not let in or raised again by this
      const since = [...fresh, ...fallen.filter((one) => one.change.number > change.number)]
      const isRaising = deed.kind === 'add' || deed.kind === 'promote'
      if (!isRaising || !since.some((one) => lowers(one.change, deed))) tryToMake(peer, deed)
      // they have been told that they are in it
      if (deed.kind === 'add' && !isMember(must(peer).now, deed))
        addDue(records, deed.user, { peer, kind: 'news', since: null })
    }
  }

  function tryToMake(peer: string, deed: Deed): void {
    try {
      keep(peer, make(must(peer), deed))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
    }
  }

  return { deedOf, make, keep, tryToMake, again, letGo, tell }
}
