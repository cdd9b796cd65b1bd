import type { Time } from '../../../server/running-time.ts'
import type { GroupRecords } from '../groups/records.ts'
import type { Mutes } from '../mutes.ts'
import type { Self } from '../self.ts'
import type { DeviceStore } from '../store.ts'
import { readKnown } from '../trust.ts'
import { messageOf } from './messages.ts'
import { type BackupRecord, encodeRecord } from './records.ts'

export interface TakingParts {
  readonly store: DeviceStore
  readonly self: Self
  readonly records: GroupRecords
  readonly mutes: Mutes
  readonly time: Time
}

/** What has been put into a backup. */
export interface Taken {
  readonly contacts: number
  readonly groups: number
  readonly messages: number
  /** messages that have not gone out yet, and are not in it */
  readonly unsent: number
}

const pageSize = 200

/**
 * What one's own device remembers of people, groups and messages, and none of its keys. A message that comes while it is read may be in it.
 * @param tell is called with what was put into it, at the end
 */
export function* takeBackup(parts: TakingParts, tell: (taken: Taken) => void): Generator<Uint8Array> {
  const count = { contacts: 0, groups: 0, messages: 0, unsent: 0 }
  for (const record of recordsOf(parts, () => (count.unsent += 1))) {
    if (record.kind === 'person') count.contacts += 1
    if (record.kind === 'group') count.groups += 1
    if (record.kind === 'message') count.messages += 1
    yield encodeRecord(record)
  }
  tell(count)
}

function* recordsOf({ store, self, records, mutes, time }: TakingParts, skip: () => void): Generator<BackupRecord> {
  const { tables } = store
  const { user, accountKey, id } = self.device.record
  const { refusesAccess, receipts } = self
  yield { kind: 'owner', user, accountKey, madeAt: time.clock(), refusesAccess, receipts }
  for (const { readRow: _row, seal: _seal, ...contact } of tables.contacts.all()) yield { kind: 'person', ...contact }
  for (const stranger of readKnown(store).blockedStrangers) yield { kind: 'stranger', user: stranger }
  for (const peer of records.peers()) {
    const record = records.get(peer)
    if (!record) continue
    yield { kind: 'group', peer, isAccepted: record.isAccepted }
    for (const signedList of record.lists) yield { kind: 'list', signedList }
    for (const signed of record.changes) yield { kind: 'change', signed }
  }
  for (const mute of mutes.all()) yield { kind: 'muted', ...mute }
  for (let row = 0; ;) {
    const page = tables.history.after(row, null, pageSize)
    for (const one of page) {
      const message = messageOf(store, one, id, time)
      if (message) yield message
      else if (one.kind === 'message') skip()
    }
    if (page.length < pageSize) return
    row = page.at(-1)?.row ?? row
  }
}
