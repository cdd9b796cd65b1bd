import { concat, decode, u32, u64 } from '../../crypto/bytes.ts'
import type { Contacts } from './contacts.ts'
import type { History } from './history.ts'
import { isRecent } from './recent.ts'
import type { DeviceStore } from './store.ts'

/**
 * So many lines a day about mail that cannot be read or shown, for each contact, and for all strangers together: they and the relay can
 * send any amount. What comes beyond is counted, and the next line says how much it was.
 */
const linesMaximum = 16
const dayMs = 24 * 3600 * 1000

/** Tells of mail that this device cannot read, or cannot show all of. */
export interface Unreadable {
  /** @param user whom the relay names: nothing in such mail is authentic */
  tell(user: string, code: string): void
  /**
   * Of what a later version has said, and this one cannot show.
   * @param kept what there is of it for a version that can
   */
  tellNewer(user: string, kept: string, epoch: number): void
}

/** @param self whose other devices write too */
export function createUnreadable(
  store: DeviceStore,
  self: string,
  contacts: Contacts,
  history: History,
  clock: () => number,
): Unreadable {
  /** Since when lines are counted, how many there have been, and how often none was written. */
  function told(key: string): { since: number; lines: number; silent: number } {
    const bytes = store.meta(key)
    const fresh = { since: clock(), lines: 0, silent: 0 }
    if (!bytes) return fresh
    const last = decode(bytes, (reader) => ({ since: reader.u64(), lines: reader.u32(), silent: reader.u32() }))
    return isRecent(last.since, dayMs, clock()) ? last : { ...fresh, silent: last.silent }
  }

  function tell(kind: 'unreadable' | 'newer', user: string, details: { text: string; epoch?: number }): void {
    const key = user === self || contacts.isKnown(user) ? `${kind} ${user}` : kind
    const { since, lines, silent } = told(key)
    const shown = lines < linesMaximum
    if (shown) history.notice(kind, user, { ...details, ...(silent > 0 && { count: silent }) })
    const next = shown ? [lines + 1, 0] : [lines, Math.min(silent + 1, 0xffff_ffff)]
    store.setMeta(key, concat(u64(since), ...next.map(u32)))
  }

  return {
    tell: (user, code) => tell('unreadable', user, { text: code }),
    tellNewer: (user, kept, epoch) => tell('newer', user, { text: kept, epoch }),
  }
}
