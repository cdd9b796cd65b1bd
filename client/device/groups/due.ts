import { concat, decode, u64 } from '../../../crypto/bytes.ts'
import { isRecent } from '../recent.ts'
import type { DeviceStore } from '../store.ts'
import type { Due, GroupRecords } from './records.ts'

const aMinuteMs = 60_000

/** Owes somebody something, each once: of news, what began earlier has the later in it. Messages to a group are owed in their order. */
export function addDue(records: GroupRecords, user: string, ...dues: readonly Due[]): void {
  const before = records.due(user)
  const after = dues.reduce(withDue, before)
  if (after !== before) records.setDue(user, after)
}

function withDue(all: readonly Due[], due: Due): readonly Due[] {
  if (due.kind === 'message') return withMessage(all, due)
  const same = all.findIndex((one) => one.peer === due.peer && one.kind === due.kind)
  if (same < 0) return [...all, due]
  return due.kind === 'news' && due.since === null ? all.toSpliced(same, 1, due) : all
}

function withMessage(all: readonly Due[], due: Due & { readonly kind: 'message' }): readonly Due[] {
  if (all.some((one) => one.kind === 'message' && one.row === due.row)) return all
  const next = all.findIndex((one) => one.kind === 'message' && one.peer === due.peer && one.row > due.row)
  return all.toSpliced(next < 0 ? all.length : next, 0, due)
}

/**
 * Changes that this device lacks are asked for; of one person so many times a minute.
 * @param because whose message names them: what strangers name takes no turn from what others do
 */
export function askFor(
  store: DeviceStore,
  records: GroupRecords,
  user: string,
  peer: string,
  now: number,
  because: 'known' | 'stranger' = 'known',
): void {
  const key = because === 'stranger' ? 'group asked for strangers' : `group asked ${user}`
  if (isTurnOf(store, key, now)) addDue(records, user, { peer, kind: 'ask' })
}

/** Whoever asks is told all; as often as anybody asks who keeps to it. */
export function answerTo(store: DeviceStore, records: GroupRecords, user: string, peer: string, now: number): void {
  if (isTurnOf(store, `group answered ${user} ${peer}`, now)) addDue(records, user, { peer, kind: 'news', since: null })
}

const turnsAMinute = 4

/** Whether it has been done less than so many times in the last minute; then it is counted. */
function isTurnOf(store: DeviceStore, key: string, now: number): boolean {
  const before = store.meta(key)
  const times = before ? decode(before, (reader) => Array.from({ length: turnsAMinute }, () => reader.u64())) : []
  const recent = times.filter((at) => isRecent(at, aMinuteMs, now))
  if (recent.length === turnsAMinute) return false
  const last = [...Array.from({ length: turnsAMinute }, () => 0), ...times, now].slice(-turnsAMinute)
  store.setMeta(key, concat(...last.map(u64)))
  return true
}
