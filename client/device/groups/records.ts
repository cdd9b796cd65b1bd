import { written } from '../../../crypto/arena.ts'
import { concat, decode, equal, field, hex, type Reader, textField, u32, u64, u8 } from '../../../crypto/bytes.ts'
import { type GroupBody, readGroupBody, type Said, writeGroupBody } from '../../../crypto/group-content.ts'
import { nameMaximumBytes } from '../../../crypto/identity.ts'
import { type AccountKey, type DeviceId, type Digest, keySizeBytes } from '../../../crypto/keys.ts'
import type { DeviceStore } from '../store.ts'

/*
 * What a device remembers of its groups besides their messages: values under names, behind the vault like all others. A group's changes stand in one of
 * them, what its devices have said in one each, and what is still owed to somebody in one for each person.
 */

/** A group's changes, and the device lists that they are checked against. */
export interface GroupRecord {
  /** in the order in which they came; signed */
  readonly changes: readonly Uint8Array[]
  readonly lists: readonly Uint8Array[]
  /** Whether this person has founded it, written to it, or was added by somebody they write to. */
  readonly isAccepted: boolean
}

/** What somebody is still to be sent. */
export type Due =
  | { readonly peer: string; readonly kind: 'message'; readonly row: number }
  /** this change and all that came after it; null for all that there are */
  | { readonly peer: string; readonly kind: 'news'; readonly since: Digest | null }
  | { readonly peer: string; readonly kind: 'ask' }

/** A message to a group that cannot be judged before changes come which it names. */
export interface HeldWord {
  readonly user: string
  readonly accountKey: AccountKey
  readonly device: DeviceId
  readonly epoch: number
  /** encoded */
  readonly content: Uint8Array
}

/** Whoever has said something in a group, by device: the latest first. */
export interface Speaker {
  readonly user: string
  readonly device: DeviceId
}

/** A group that this account is to leave, or to give up its office in. */
export interface Withdrawal {
  readonly peer: string
  readonly isLeaving: boolean
}

export interface GroupRecords {
  peers(): readonly string[]
  get(peer: string): GroupRecord | null
  put(peer: string, record: GroupRecord): void
  /** up to which row of the history a person has been shown; 0 at first */
  readRow(peer: string): number
  setReadRow(peer: string, row: number): void
  speakers(peer: string): readonly Speaker[]
  /** The last that a device has said, in ascending order. A device id alone names nobody: anybody can choose another's. */
  said(peer: string, speaker: Speaker): readonly Said[]
  /** From which number on all was heard that a device has said, up to the last; null where nothing was. */
  heardFrom(peer: string, speaker: Speaker): number | null
  note(peer: string, user: string, said: Said): void
  /** Where a message of this device stands in its group, once that is settled. */
  body(row: number): GroupBody | null
  setBody(row: number, body: GroupBody): void
  dropBody(row: number): void
  /** messages that have a place and are not settled */
  placed(): readonly number[]
  isPlaced(row: number): boolean
  /** Whether somebody else has been sent a message that is not settled, or nobody was to be. */
  isReached(row: number): boolean
  setReached(row: number): void
  duePeople(): readonly string[]
  due(user: string): readonly Due[]
  setDue(user: string, due: readonly Due[]): void
  /** messages that are still to be sent to somebody, and to whom */
  missing(): ReadonlyMap<number, readonly string[]>
  held(peer: string): readonly HeldWord[]
  /** groups that something is held for */
  heldPeers(): readonly string[]
  setHeld(peer: string, held: readonly HeldWord[]): void
  withdrawing(): readonly Withdrawal[]
  setWithdrawing(all: readonly Withdrawal[]): void
}

/** So many numbers of one device are remembered: what was said before cannot be compared any more. */
const saidMaximum = 64
const bodyMaximumBytes = 4096
const anyBytes = 0xffff_ffff

export function createGroupRecords(store: DeviceStore): GroupRecords {
  const read = <T>(key: string, otherwise: T, reading: (reader: Reader) => T): T => {
    const bytes = store.meta(key)
    return bytes ? decode(bytes, reading) : otherwise
  }
  /** Nothing is kept where there is nothing to say. */
  const write = (key: string, items: readonly Uint8Array[]) =>
    items.length === 0 ? store.dropMeta(key) : store.setMeta(key, listed(items))
  const names = (key: string) => read<readonly string[]>(key, [], (reader) => readList(reader, readText))
  const setNames = (key: string, all: readonly string[]) => write(key, all.map(textField))
  const key = {
    group: (peer: string) => `group ${peer}`,
    read: (peer: string) => `group read ${peer}`,
    speakers: (peer: string) => `group speakers ${peer}`,
    said: (peer: string, { user, device }: Speaker) => `group said ${peer} ${user} ${hex(device)}`,
    body: (row: number) => `group body ${row}`,
    reached: (row: number) => `group reached ${row}`,
    due: (user: string) => `group due ${user}`,
    held: (peer: string) => `group held ${peer}`,
  }

  const heard = (peer: string, speaker: Speaker): Heard =>
    read<Heard>(key.said(peer, speaker), { from: null, said: [] }, (reader) => ({
      from: reader.u64(),
      said: readList(reader, () => ({
        device: speaker.device,
        counter: reader.u64(),
        digest: readKey<Digest>(reader),
      })),
    }))

  const records: GroupRecords = {
    peers: () => names('groups'),
    get: (peer) =>
      read<GroupRecord | null>(key.group(peer), null, (reader) => ({
        isAccepted: reader.flag(),
        changes: readList(reader, readBytes),
        lists: readList(reader, readBytes),
      })),
    put(peer, { isAccepted, changes, lists }) {
      const all = records.peers()
      if (!all.includes(peer)) setNames('groups', [...all, peer])
      store.setMeta(
        key.group(peer),
        concat(u8(isAccepted ? 1 : 0), listed(changes.map(field)), listed(lists.map(field))),
      )
    },
    readRow: (peer) => read(key.read(peer), 0, (reader) => reader.u64()),
    setReadRow: (peer, row) => store.setMeta(key.read(peer), u64(row)),
    speakers: (peer) =>
      read<readonly Speaker[]>(key.speakers(peer), [], (reader) =>
        readList(reader, () => ({ user: reader.text(nameMaximumBytes), device: readKey<DeviceId>(reader) })),
      ),
    said: (peer, speaker) => heard(peer, speaker).said,
    heardFrom(peer, speaker) {
      const { from, said } = heard(peer, speaker)
      const gap = said.findLastIndex(({ counter }, i) => i > 0 && counter !== (said[i - 1]?.counter ?? 0) + 1)
      return said[gap]?.counter ?? from
    },
    note(peer, user, said) {
      const speaker = { user, device: said.device }
      const before = heard(peer, speaker)
      const { from, said: last } = withSaid(before, said)
      const remembered = last.map(({ counter, digest }) => concat(u64(counter), digest))
      store.setMeta(key.said(peer, speaker), concat(u64(from), listed(remembered)))
      const others = records.speakers(peer).filter((one) => one.user !== user || !equal(one.device, said.device))
      write(
        key.speakers(peer),
        [speaker, ...others].map((one) => concat(textField(one.user), one.device)),
      )
    },
    body: (row) => read<GroupBody | null>(key.body(row), null, readGroupBody),
    setBody(row, body) {
      store.setMeta(
        key.body(row),
        written(bodyMaximumBytes, (to) => writeGroupBody(to, body)),
      )
      setNames('groups placed', withName(names('groups placed'), String(row), true))
    },
    dropBody(row) {
      store.dropMeta(key.body(row))
      store.dropMeta(key.reached(row))
      setNames('groups placed', withName(names('groups placed'), String(row), false))
    },
    placed: () => names('groups placed').map(Number),
    isPlaced: (row) => store.meta(key.body(row)) !== null,
    isReached: (row) => store.meta(key.reached(row)) !== null,
    setReached(row) {
      if (!records.isReached(row)) store.setMeta(key.reached(row), u8(1))
    },
    duePeople: () => names('groups due'),
    due: (user) => read<readonly Due[]>(key.due(user), [], (reader) => readList(reader, readDue)),
    setDue(user, due) {
      write(key.due(user), due.map(encodeDue))
      setNames('groups due', withName(records.duePeople(), user, due.length > 0))
    },
    missing() {
      const missing = new Map<number, string[]>()
      for (const user of records.duePeople())
        for (const due of records.due(user))
          if (due.kind === 'message') missing.set(due.row, [...(missing.get(due.row) ?? []), user])
      return missing
    },
    held: (peer) => read<readonly HeldWord[]>(key.held(peer), [], (reader) => readList(reader, readHeld)),
    heldPeers: () => names('groups held'),
    setHeld(peer, held) {
      write(
        key.held(peer),
        held.map(({ user, accountKey, device, epoch, content }) =>
          concat(textField(user), accountKey, device, u32(epoch), field(content)),
        ),
      )
      setNames('groups held', withName(records.heldPeers(), peer, held.length > 0))
    },
    withdrawing: () =>
      read<readonly Withdrawal[]>('groups withdrawing', [], (reader) =>
        readList(reader, () => ({ peer: readText(reader), isLeaving: reader.flag() })),
      ),
    setWithdrawing: (all) =>
      write(
        'groups withdrawing',
        all.map(({ peer, isLeaving }) => concat(textField(peer), u8(isLeaving ? 1 : 0))),
      ),
  }
  return records
}

/** What is remembered of a device's words. */
interface Heard {
  /** from which number on all was heard, up to the first of those that are remembered */
  readonly from: number | null
  readonly said: readonly Said[]
}

function withSaid({ from, said }: Heard, next: Said): Heard & { readonly from: number } {
  const all = [...said, next].sort((one, other) => one.counter - other.counter)
  const [first = next, second = next] = all
  if (from === null || all.length <= saidMaximum) return { from: first.counter, said: all }
  if (first === next) return { from: next.counter === from - 1 ? next.counter : from, said }
  return { from: second.counter === first.counter + 1 ? from : second.counter, said: all.slice(1) }
}

/** The same with a name in it, or without. */
const withName = (names: readonly string[], name: string, isIn: boolean): readonly string[] => {
  if (names.includes(name) === isIn) return names
  return isIn ? [...names, name] : names.filter((one) => one !== name)
}

const listed = (items: readonly Uint8Array[]) => concat(u32(items.length), ...items)

function readList<T>(reader: Reader, one: (reader: Reader) => T): T[] {
  const count = reader.u32()
  const items: T[] = []
  for (let i = 0; i < count; i++) items.push(one(reader))
  return items
}

const readText = (reader: Reader) => reader.text(anyBytes)
const readBytes = (reader: Reader) => reader.field(anyBytes)
const readKey = <T extends Uint8Array>(reader: Reader) => reader.take(keySizeBytes) as T

const dueKinds = ['message', 'news', 'ask'] as const

const encodeDue = (due: Due) =>
  concat(
    textField(due.peer),
    u8(dueKinds.indexOf(due.kind)),
    u64(due.kind === 'message' ? due.row : 0),
    field(due.kind === 'news' && due.since ? due.since : new Uint8Array()),
  )

function readDue(reader: Reader): Due {
  const peer = readText(reader)
  const kind = dueKinds[reader.u8()]
  const row = reader.u64()
  const since = reader.field(keySizeBytes)
  if (kind === 'message') return { peer, kind, row }
  return kind === 'news' ? { peer, kind, since: since.length > 0 ? (since as Digest) : null } : { peer, kind: 'ask' }
}

const readHeld = (reader: Reader): HeldWord => ({
  user: reader.text(nameMaximumBytes),
  accountKey: readKey(reader),
  device: readKey(reader),
  epoch: reader.u32(),
  content: readBytes(reader),
})
