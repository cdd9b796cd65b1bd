import { fromUtf8, utf8 } from '../../crypto/bytes.ts'
import type { CopyContent, ReceiptStatus, TextContent } from '../../crypto/content.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import type { Time } from '../../server/running-time.ts'
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
  'lifetime',
  'own-account',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** `delivered` and `read`: as the other side's device says. */
export type MessageState = 'waiting' | 'sealed' | 'sent' | ReceiptStatus | 'failed' | 'received'

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
  /** how long it stays once it was sent or read; 0: for good */
  readonly lifetimeSeconds: number
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
  /** The last entries before this row of one person's conversation and what concerns everybody, oldest first. */
  before(row: number, peer: string, limit: number): readonly HistoryEntry[]
  /** The oldest messages to this person that have no envelope yet. */
  waitingFor(peer: string, limit: number): readonly HistoryMessage[]
  /** How many messages to this person the relay does not have yet. */
  unsent(peer: string): number
  /** Whom messages wait for that the relay does not have yet, and how many: the person waited for longest first. */
  unsentByPerson(): ReadonlyMap<string, number>
  lastRow(): number
  message(row: number): HistoryMessage | null
  /** Whether it is in the outbox, and no word of it from the relay yet. */
  isSealed(row: number): boolean
  /** The message to that person under that id, if there is one. */
  outgoing(peer: string, id: string): HistoryMessage | null
  /** @returns its row */
  addOutgoing(peer: string, message: Pick<TextContent, 'id' | 'text' | 'lifetimeSeconds'>): number
  /** What another device of this account has sent. @returns false when it is there already */
  addCopy(device: DeviceId, content: CopyContent, epoch: number): boolean
  /** @returns false when this id of that device is there already */
  addIncoming(peer: string, device: DeviceId, content: TextContent, epoch: number): boolean
  /** Sent: the lifetime of what has one begins. What the other side has confirmed stays so. */
  setState(row: number, state: MessageState, epoch: number | null): void
  /** What the other side says of messages that have gone out. */
  confirm(peer: string, ids: readonly string[], status: ReceiptStatus): void
}

/** Where a text stands in its store, so that no other opens in its place. */
export const textPlace = (row: Row): string =>
  `history ${String(row['kind'])} ${String(row['peer'])} ${String(row['direction'])} ${String(row['id'])}`

/** What waits, in the words that let SQLite use the index of what is not sent yet. */
export const waiting = "state IN ('waiting', 'sealed') AND state = 'waiting'"

/** Whoever a message waits for, by the oldest: from one name to the next, however many messages wait for each. */
export const everybodyWaitedFor = `
  WITH RECURSIVE people (peer) AS (
    SELECT (SELECT peer FROM history WHERE ${waiting} ORDER BY peer LIMIT 1)
    UNION ALL
    SELECT (SELECT peer FROM history WHERE ${waiting} AND peer > people.peer ORDER BY peer LIMIT 1)
    FROM people WHERE people.peer IS NOT NULL)
  SELECT peer, (
    SELECT row FROM history WHERE ${waiting} AND kind = 'message' AND direction = 'out' AND peer = people.peer
    ORDER BY row LIMIT 1) AS first
  FROM people WHERE first IS NOT NULL ORDER BY first`

export function createHistory(store: DeviceStore, { clock, running }: Time): History {
  const entryOf = (row: Row): HistoryEntry => entryWith(row, store)
  const one = (row: Row | null) => (row ? (entryOf(row) as HistoryMessage) : null)

  /** @returns how many rows: none, where that id of that sender is there already */
  function addMessage(
    place: { peer: string; direction: 'in' | 'out'; device: DeviceId | null; state: MessageState },
    { id, text, lifetimeSeconds = 0 }: Pick<TextContent, 'id' | 'text' | 'lifetimeSeconds'>,
    details: { sequence: number | null; sentAt: number; epoch: number | null },
  ): number {
    const { peer, direction, device, state } = place
    const goes = direction === 'out' && state === 'sent' && lifetimeSeconds > 0
    return store.run(
      `INSERT OR IGNORE INTO history
         (kind, peer, direction, device, id, sequence, sent_at, recorded_at, state, epoch, lifetime, goes_at, text)
       VALUES ('message', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      peer,
      direction,
      device,
      id,
      details.sequence,
      details.sentAt,
      clock(),
      state,
      details.epoch,
      lifetimeSeconds,
      goes ? running() + lifetimeSeconds * 1000 : null,
      store.vault.seal(textPlace({ kind: 'message', peer, direction, id }), utf8(text)),
    )
  }

  return {
    notice: (kind, peer, { epoch, count, text }) =>
      void store.run(
        'INSERT INTO history (kind, peer, recorded_at, epoch, sequence, text) VALUES (?, ?, ?, ?, ?, ?)',
        kind,
        peer,
        clock(),
        epoch ?? null,
        count ?? null,
        store.vault.seal(textPlace({ kind, peer, direction: null, id: null }), utf8(text)),
      ),
    after: (row, peer, limit) =>
      (peer === null
        ? store.all("SELECT * FROM history WHERE row > ? AND kind <> 'forgotten' ORDER BY row LIMIT ?", row, limit)
        : store.all(
            "SELECT * FROM history WHERE row > ? AND kind <> 'forgotten' AND (peer = ? OR peer IS NULL) ORDER BY row LIMIT ?",
            row,
            peer,
            limit,
          )
      ).map(entryOf),
    before: (row, peer, limit) =>
      store
        .all(
          "SELECT * FROM history WHERE row < ? AND kind <> 'forgotten' AND (peer = ? OR peer IS NULL) ORDER BY row DESC LIMIT ?",
          row,
          peer,
          limit,
        )
        .map(entryOf)
        .toReversed(),
    waitingFor: (peer, limit) =>
      store
        .all(
          `SELECT * FROM history WHERE ${waiting} AND kind = 'message' AND direction = 'out' AND peer = ?
           ORDER BY row LIMIT ?`,
          peer,
          limit,
        )
        .map((row) => entryOf(row) as HistoryMessage),
    unsent: (peer) =>
      Number(
        store.get(
          "SELECT count(*) AS count FROM history WHERE state IN ('waiting', 'sealed') AND kind = 'message' AND peer = ?",
          peer,
        )?.['count'],
      ),
    unsentByPerson: () =>
      new Map(
        store
          .all(
            "SELECT peer, count(*) AS count FROM history WHERE state IN ('waiting', 'sealed') AND kind = 'message' GROUP BY peer ORDER BY min(row)",
          )
          .map((row) => [String(row['peer']), Number(row['count'])]),
      ),
    lastRow: () => Number(store.get('SELECT coalesce(max(row), 0) AS last FROM history')?.['last']),
    message: (row) => one(store.get("SELECT * FROM history WHERE row = ? AND kind = 'message'", row)),
    isSealed: (row) => store.get("SELECT 1 FROM history WHERE row = ? AND state = 'sealed'", row) !== null,
    outgoing: (peer, id) =>
      one(store.get("SELECT * FROM history WHERE peer = ? AND id = ? AND direction = 'out'", peer, id)),
    addOutgoing(peer, message) {
      const place = { peer, direction: 'out', device: null, state: 'waiting' } as const
      addMessage(place, message, { sequence: null, sentAt: clock(), epoch: null })
      return Number(store.get('SELECT last_insert_rowid() AS row')?.['row'])
    },
    addCopy: (device, content, epoch) =>
      addMessage({ peer: content.to, direction: 'out', device, state: 'sent' }, content, {
        sequence: null,
        sentAt: content.sentAt,
        epoch,
      }) > 0,
    addIncoming: (peer, device, content, epoch) =>
      addMessage({ peer, direction: 'in', device, state: 'received' }, content, { ...content, epoch }) > 0,
    setState(row, state, epoch) {
      // one of their devices may have it, and have said so, while another still waits for it
      store.run(
        `UPDATE history SET state = CASE WHEN state IN ('delivered', 'read') THEN state ELSE ? END,
           epoch = coalesce(?, epoch) WHERE row = ?`,
        state,
        epoch,
        row,
      )
      if (state === 'sent')
        store.run(
          'UPDATE history SET goes_at = coalesce(goes_at, ? + lifetime * 1000) WHERE row = ? AND lifetime > 0',
          running(),
          row,
        )
    },
    confirm(peer, ids, status) {
      const before = status === 'read' ? "('sealed', 'sent', 'delivered')" : "('sealed', 'sent')"
      for (const id of ids)
        store.run(
          `UPDATE history SET state = ?, goes_at = coalesce(goes_at, CASE WHEN lifetime > 0 THEN ? + lifetime * 1000 END)
           WHERE peer = ? AND id = ? AND direction = 'out' AND state IN ${before}`,
          status,
          running(),
          peer,
          id,
        )
    },
  }
}

const numberOrNull = (value: unknown) => (value === null ? null : Number(value))

function entryWith(row: Row, { vault }: DeviceStore): HistoryEntry {
  const shared = {
    row: Number(row['row']),
    recordedAt: Number(row['recorded_at']),
    epoch: numberOrNull(row['epoch']),
    text: row['kind'] === 'forgotten' ? '' : fromUtf8(vault.open(textPlace(row), bytesOf(row['text']))),
  }
  if (row['direction'] === null) {
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
    lifetimeSeconds: Number(row['lifetime']),
  }
}
