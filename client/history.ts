import { fromUtf8, utf8 } from '../crypto/bytes.ts'
import type { DeviceId } from '../crypto/keys.ts'
import { bytesOf, type DeviceStore, type Row } from './store.ts'

/** What can stand in a history beside messages: something a person should know. */
export const noticeKinds = [
  'access',
  'account-changed',
  'gap',
  'late',
  'unreadable',
  'weak-session',
  'rolled-back',
  'not-sent',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

export type MessageState = 'waiting' | 'sealed' | 'sent' | 'failed' | 'received'

export interface HistoryMessage {
  readonly row: number
  readonly kind: 'message'
  readonly peer: string
  readonly direction: 'in' | 'out'
  readonly id: string
  /** 1, 2, 3 … from this sender's device to ours; null in what we send, where it differs by device */
  readonly sequence: number | null
  readonly sentAt: number
  readonly recordedAt: number
  readonly state: MessageState
  /** the policy epoch of its envelope; null while it waits */
  readonly epoch: number | null
  /** as the sender wrote it: never to a terminal or a page as it is */
  readonly text: string
}

export interface HistoryNotice {
  readonly row: number
  readonly kind: NoticeKind
  readonly peer: string | null
  readonly recordedAt: number
  readonly epoch: number | null
  /** how many, for a gap */
  readonly sequence: number | null
  readonly text: string
}

export type HistoryEntry = HistoryMessage | HistoryNotice

export interface History {
  notice(kind: NoticeKind, peer: string | null, details: { epoch?: number; count?: number; text: string }): void
  /** Everything after this row, in order; with one person only, their conversation and what concerns everybody. */
  after(row: number, peer: string | null, limit: number): readonly HistoryEntry[]
  /** The last entries of one person's conversation and what concerns everybody, oldest first. */
  recent(peer: string, limit: number): readonly HistoryEntry[]
  /** How many messages to this person the relay does not have yet. */
  unsent(peer: string): number
  lastRow(): number
  message(row: number): HistoryMessage | null
  /** Its row, if this device has a message to that person under that id. */
  outgoing(peer: string, id: string): HistoryMessage | null
  /** @returns its row */
  addOutgoing(peer: string, id: string, text: string): number
  /** @returns false when this id of that device is there already */
  addIncoming(
    peer: string,
    device: DeviceId,
    message: { id: string; sequence: number; sentAt: number; epoch: number; text: string },
  ): boolean
  setState(row: number, state: MessageState, epoch: number | null): void
}

/** @param clock milliseconds since 1970 */
export function createHistory(store: DeviceStore, clock: () => number): History {
  const one = (row: Row | null) => (row ? (entryOf(row) as HistoryMessage) : null)
  return {
    notice: (kind, peer, { epoch, count, text }) =>
      void store.run(
        'INSERT INTO history (kind, peer, recorded_at, epoch, sequence, text) VALUES (?, ?, ?, ?, ?, ?)',
        kind,
        peer,
        clock(),
        epoch ?? null,
        count ?? null,
        utf8(text),
      ),
    after: (row, peer, limit) =>
      (peer === null
        ? store.all('SELECT * FROM history WHERE row > ? ORDER BY row LIMIT ?', row, limit)
        : store.all(
            'SELECT * FROM history WHERE row > ? AND (peer = ? OR peer IS NULL) ORDER BY row LIMIT ?',
            row,
            peer,
            limit,
          )
      ).map(entryOf),
    recent: (peer, limit) =>
      store
        .all('SELECT * FROM history WHERE peer = ? OR peer IS NULL ORDER BY row DESC LIMIT ?', peer, limit)
        .map(entryOf)
        .toReversed(),
    unsent: (peer) =>
      Number(
        store.get("SELECT count(*) AS count FROM history WHERE state IN ('waiting', 'sealed') AND peer = ?", peer)?.[
          'count'
        ],
      ),
    lastRow: () => Number(store.get('SELECT coalesce(max(row), 0) AS last FROM history')?.['last']),
    message: (row) => one(store.get("SELECT * FROM history WHERE row = ? AND kind = 'message'", row)),
    outgoing: (peer, id) =>
      one(store.get("SELECT * FROM history WHERE peer = ? AND id = ? AND direction = 'out'", peer, id)),
    addOutgoing(peer, id, text) {
      const now = clock()
      store.run(
        "INSERT INTO history (kind, peer, direction, id, sent_at, recorded_at, state, text) VALUES ('message', ?, 'out', ?, ?, ?, 'waiting', ?)",
        peer,
        id,
        now,
        now,
        utf8(text),
      )
      return Number(store.get('SELECT last_insert_rowid() AS row')?.['row'])
    },
    addIncoming: (peer, device, { id, sequence, sentAt, epoch, text }) =>
      store.run(
        `INSERT OR IGNORE INTO history (kind, peer, direction, device, id, sequence, sent_at, recorded_at, state, epoch, text)
         VALUES ('message', ?, 'in', ?, ?, ?, ?, ?, 'received', ?, ?)`,
        peer,
        device,
        id,
        sequence,
        sentAt,
        clock(),
        epoch,
        utf8(text),
      ) > 0,
    setState: (row, state, epoch) =>
      void store.run('UPDATE history SET state = ?, epoch = coalesce(?, epoch) WHERE row = ?', state, epoch, row),
  }
}

const numberOrNull = (value: unknown) => (value === null ? null : Number(value))

function entryOf(row: Row): HistoryEntry {
  const shared = {
    row: Number(row['row']),
    recordedAt: Number(row['recorded_at']),
    epoch: numberOrNull(row['epoch']),
    text: fromUtf8(bytesOf(row['text'])),
  }
  if (row['kind'] !== 'message') {
    return {
      ...shared,
      kind: row['kind'] as NoticeKind,
      peer: row['peer'] as string | null,
      sequence: numberOrNull(row['sequence']),
    }
  }
  return {
    ...shared,
    kind: 'message',
    peer: String(row['peer']),
    direction: row['direction'] as 'in' | 'out',
    id: String(row['id']),
    sequence: numberOrNull(row['sequence']),
    sentAt: Number(row['sent_at']),
    state: row['state'] as MessageState,
  }
}
