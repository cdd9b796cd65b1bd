import { type Content, groupDigest, type InGroup } from '../../../crypto/content.ts'
import type { Person } from '../../../crypto/fingerprint.ts'
import { type GroupBody, groupSaltSizeBytes, heardMaximum } from '../../../crypto/group-content.ts'
import { isMember, isSamePerson } from '../../../crypto/group-rules.ts'
import { equal, hex } from '../../../crypto/bytes.ts'
import { type AccountKey, type Digest, keySizeBytes } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import type { History } from '../history.ts'
import type { HistorySent } from '../history-entries.ts'
import type { Self } from '../self.ts'
import type { DeviceStore } from '../store.ts'
import { addDue } from './due.ts'
import type { Group, Groups } from './groups.ts'
import type { Holding } from './holding.ts'
import { changesFor, pagesOf } from './news.ts'
import { groupIn, isGroup } from './peers.ts'
import type { Due, GroupRecords } from './records.ts'

/** Something for one person's devices: a message of the history, or news of a group, which are not shown. */
export interface ForDevices {
  readonly message: number | null
  readonly content: Content
}

/** What goes to groups. A message is first given its place in the group, then owed to everybody, then sealed for each. */
export interface GroupSending {
  isWaiting(): boolean
  /** Gives the messages that wait their places, in one transaction. @param hasOwnDevices whether this account has others to write to */
  place(hasOwnDevices: boolean): void
  /** people who are owed something */
  owed(): readonly string[]
  /**
   * Takes out what somebody is owed, the oldest first.
   * @param accountKey whose devices it is for: a message is for nobody but the member
   * @param limit so many at most
   */
  take(user: string, accountKey: AccountKey, limit: number): readonly ForDevices[]
  /** A message as it stands in its group; null for one of no group. */
  contentOf(message: HistorySent): InGroup | null
  /** What was sealed for somebody's devices is owed to them again. */
  owe(user: string, message: number): void
  /** An envelope of a message has been accepted for somebody. @returns whether it is one to a group */
  reached(user: string, message: number): boolean
  /** Whether a message that was sealed for somebody's device is still theirs to have. */
  isFor(person: Person, message: number): boolean
  /** messages that are owed to somebody, and to whom; this account among them, for its own other devices */
  missing(): ReadonlyMap<number, readonly string[]>
  /** messages that have a place, and may still have to be made again */
  placed(): readonly number[]
  /** Nobody of that name exists: nothing is owed to them. */
  letGo(user: string): void
  /** This store has forgotten numbers that it has used: it goes on far above them, and its chains begin anew. */
  rolledBack(): void
  /** Whether anybody has been sent a message who was to be. */
  isReached(message: number): boolean
  /** A message has gone out to everybody: nothing of it has to be made again. */
  settled(message: number): void
}

const placedAtOnce = 64
/** More numbers than an older store can have forgotten in a group. */
const forgottenMaximum = 100_000

interface SendingParts {
  readonly store: DeviceStore
  readonly records: GroupRecords
  readonly groups: Groups
  readonly holding: Holding
  readonly history: History
  readonly self: Self
  readonly random: Random
  readonly clock: () => number
}

export function createGroupSending(parts: SendingParts): GroupSending {
  const { store, records, groups, holding, history, self, random, clock } = parts
  const { id: device, user: ourName, accountKey } = self.device.record
  const { history: entries } = store.tables
  const me: Person = { user: ourName, accountKey }

  function contentOf(message: HistorySent): InGroup | null {
    const body = isGroup(message.peer) ? records.body(message.row) : null
    if (!body) return null
    const { id, sentAt, text, lifetimeSeconds } = message
    if (message.kind === 'afterword')
      return { kind: 'group afterword', id, sequence: 0, sentAt, abandoned: [], text, ...body, said: message.said }
    const { attachment, answers } = message
    return {
      kind: 'group',
      id,
      sequence: 0,
      sentAt,
      abandoned: [],
      text,
      ...body,
      ...(lifetimeSeconds > 0 && { lifetimeSeconds }),
      ...(attachment && { attachment }),
      ...(answers && { answers }),
    }
  }

  const lastOwn = (peer: string) => records.said(peer, { user: ourName, device }).at(-1)

  function nextPlace(peer: string): Pick<GroupBody, 'counter' | 'previous'> {
    const last = lastOwn(peer)
    return { counter: (last?.counter ?? 0) + 1, previous: last?.digest ?? (new Uint8Array(keySizeBytes) as Digest) }
  }

  /** One that was sealed before, in sessions that are lost now, keeps its place. */
  function settle(group: Group, message: HistorySent): void {
    if (!records.body(message.row)) {
      if (message.kind === 'message') history.setRecipients(message.row, groups.othersAt(group.peer, group.now.head))
      records.setBody(message.row, {
        group: groupIn(group.peer),
        head: group.now.head,
        ...nextPlace(group.peer),
        salt: random(groupSaltSizeBytes),
        heard: records
          .speakers(group.peer)
          .filter((one) => !equal(one.device, device))
          .slice(0, heardMaximum)
          .flatMap((one) => records.said(group.peer, one).at(-1) ?? []),
      })
      const content = contentOf(message)
      if (content)
        records.note(group.peer, ourName, {
          device,
          counter: content.counter,
          digest: groupDigest(content, accountKey, device),
        })
    }
    history.setState(message.row, 'sealed', null)
  }

  function placeIn(peer: string, hasOwnDevices: boolean): void {
    const group = groups.get(peer)
    const messages = history.waitingFor(peer, placedAtOnce)
    if (!group?.isOurs) return messages.forEach(({ row }) => refuse(peer, row))
    for (const message of messages) settle(group, message)
    const others = groups.othersAt(peer, group.now.head)
    const dues = messages.map(({ row }): Due => ({ peer, kind: 'message', row }))
    for (const user of hasOwnDevices ? [...others, ourName] : others) addDue(records, user, ...dues)
    if (others.length === 0) for (const { row } of messages) records.setReached(row)
  }

  /** Before a rollback of this store it may have reached somebody. */
  function refuse(peer: string, row: number): void {
    if (records.isReached(row)) return history.setState(row, 'sent', null)
    history.setState(row, 'failed', null)
    history.notice('not-sent', peer, { text: 'not-in-the-group' })
  }

  const unseen = (peer: string) => ({
    kind: 'news' as const,
    group: groupIn(peer),
    id: hex(random(8)),
    sequence: 0,
    sentAt: clock(),
    abandoned: [],
    text: '',
  })

  function contentsOf(due: Due, person: Person): readonly ForDevices[] {
    const group = groups.get(due.peer)
    if (due.kind === 'ask')
      return [{ message: null, content: { ...unseen(due.peer), asks: true, changes: [], lists: [] } }]
    const record = records.get(due.peer)
    if (!group || !record) return []
    if (due.kind === 'news')
      return pagesOf(changesFor(group, record, person, due.since), record.lists).map((page) => ({
        message: null,
        content: { ...unseen(due.peer), asks: false, ...page },
      }))
    const message = history.sent(due.row)
    const content = message && contentOf(message)
    const isTheirs = isSamePerson(person, me) || isMember(group.now, person)
    return content && isTheirs ? [{ message: due.row, content }] : []
  }

  /** Groups that messages wait for, and could go to. */
  const ready = () => entries.waitingPeople().filter((peer) => isGroup(peer) && !holding.isOnHold(peer))

  return {
    contentOf,
    isWaiting: () => ready().length > 0,
    place(hasOwnDevices) {
      const peers = ready()
      if (peers.length > 0) store.transaction(() => peers.forEach((peer) => placeIn(peer, hasOwnDevices)))
    },
    owed: () => records.duePeople(),
    take: (user, theirs, limit) =>
      store.transaction(() => {
        const all = records.due(user)
        const taken: ForDevices[] = []
        let used = 0
        for (const due of all) {
          const contents = contentsOf(due, { user, accountKey: theirs })
          if (taken.length > 0 && taken.length + contents.length > limit) break
          taken.push(...contents)
          used += 1
        }
        records.setDue(user, all.slice(used))
        return taken
      }),
    owe(user, message) {
      const peer = history.sent(message)?.peer
      if (peer && records.body(message)) addDue(records, user, { peer, kind: 'message', row: message })
    },
    reached(user, message) {
      if (!records.isPlaced(message)) return false
      if (user !== ourName) records.setReached(message)
      return true
    },
    isFor({ user, accountKey: theirs }, message) {
      const group = groups.get(history.sent(message)?.peer ?? '')
      const isMine = user === ourName && equal(theirs, accountKey)
      return isMine || (group !== null && isMember(group.now, { user, accountKey: theirs }))
    },
    missing: () => records.missing(),
    placed: () => records.placed(),
    letGo: (user) => records.setDue(user, []),
    rolledBack() {
      for (const peer of records.peers())
        records.note(peer, ourName, {
          device,
          counter: (lastOwn(peer)?.counter ?? 0) + forgottenMaximum,
          digest: random(keySizeBytes) as Digest,
        })
    },
    isReached: (message) => records.isReached(message),
    settled: (message) => records.dropBody(message),
  }
}
