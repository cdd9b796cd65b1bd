import type { DeviceId } from '../../../crypto/keys.ts'
import type { HistoryKind, MessageState } from '../history-kinds.ts'
import type { HistoryRow, HistoryTable, ReceivedRow } from '../tables/history.ts'
import { bytes, bytesOrNull, number, numberOrNull, type Row, shapeOf, type Sql, text, textOrNull } from './shape.ts'

const author = textOrNull('author')
const goesAt = numberOrNull('goes_at')
const history = shapeOf<HistoryRow>('history', 'row', {
  row: number('row'),
  kind: text<HistoryKind>('kind'),
  peer: textOrNull('peer'),
  direction: textOrNull<'in' | 'out'>('direction'),
  author,
  device: bytesOrNull<DeviceId>('device'),
  id: textOrNull('id'),
  sequence: numberOrNull('sequence'),
  sentAt: numberOrNull('sent_at'),
  recordedAt: number('recorded_at'),
  state: textOrNull<MessageState>('state'),
  epoch: numberOrNull('epoch'),
  lifetimeSeconds: number('lifetime'),
  goesAt,
  text: bytes('text'),
  attachment: bytesOrNull('attachment'),
  confirmed: bytesOrNull('confirmed'),
  about: bytesOrNull('about'),
})
const { select } = history

/** What is not sent yet, in the words that let SQLite use the index of that. */
const unsentState = "state IN ('uploading', 'waiting', 'sealed')"
const waiting = `${unsentState} AND state = 'waiting'`
const isSaid = "kind IN ('message', 'afterword')"
const waitingMessage = `${waiting} AND ${isSaid} AND direction = 'out'`

/** Whoever a message waits for, by the oldest: from one name to the next, however many messages wait for each. */
const everybodyWaitedFor = `
  WITH RECURSIVE people (peer) AS (
    SELECT (SELECT peer FROM history WHERE ${waiting} ORDER BY peer LIMIT 1)
    UNION ALL
    SELECT (SELECT peer FROM history WHERE ${waiting} AND peer > people.peer ORDER BY peer LIMIT 1)
    FROM people WHERE people.peer IS NOT NULL)
  SELECT peer, (SELECT row FROM history WHERE ${waitingMessage} AND peer = people.peer ORDER BY row LIMIT 1) AS first
  FROM people WHERE first IS NOT NULL ORDER BY first`

const unsent = `${unsentState} AND ${isSaid}`
const incomingMessage = "direction = 'in' AND kind = 'message'"
const receivedMessage = `${incomingMessage} AND state = 'received'`
const forgotten = "kind = 'forgotten', text = x'', attachment = NULL, confirmed = NULL, about = NULL, goes_at = ?"
/** A message, or the mark of one that was deleted. */
const isTold = "kind IN ('message', 'deleted')"
/** what is left of a deleted message that has not come is in no state */
const isAwaited = "kind = 'forgotten' AND state IS NULL"

const received = (row: Row): ReceivedRow => ({
  row: Number(row['row']),
  author: author.read(row['author']),
  id: String(row['id']),
  lifetimeSeconds: Number(row['lifetime']),
  goesAt: goesAt.read(row['goes_at']),
})

export function historyTable(sql: Sql): HistoryTable {
  const one = (row: Row | null) => row && history.read(row)
  const countOf = (row: Row | null) => Number(row?.['count'])

  return {
    ...history.serial(sql),
    add({
      kind,
      peer,
      direction,
      author,
      device,
      id,
      sequence,
      sentAt,
      recordedAt,
      state,
      epoch,
      lifetimeSeconds,
      ...rest
    }) {
      const added = sql.run(
        `INSERT OR IGNORE INTO history
           (kind, peer, direction, author, device, id, sequence, sent_at, recorded_at, state, epoch, lifetime, goes_at, text, attachment, confirmed, about)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        kind,
        peer,
        direction,
        author,
        device,
        id,
        sequence,
        sentAt,
        recordedAt,
        state,
        epoch,
        lifetimeSeconds,
        rest.goesAt,
        rest.text,
        rest.attachment,
        rest.confirmed,
        rest.about,
      )
      return added > 0 ? Number(sql.get('SELECT last_insert_rowid() AS row')?.['row']) : null
    },
    get: (row) => one(sql.get(`${select} WHERE row = ?`, row)),
    lastRow: () => Number(sql.get('SELECT coalesce(max(row), 0) AS last FROM history')?.['last']),
    after: (row, peer, limit) =>
      (peer === null
        ? sql.all(`${select} WHERE row > ? AND kind <> 'forgotten' ORDER BY row LIMIT ?`, row, limit)
        : sql.all(
            `${select} WHERE row > ? AND kind <> 'forgotten' AND (peer = ? OR peer IS NULL) ORDER BY row LIMIT ?`,
            row,
            peer,
            limit,
          )
      ).map(history.read),
    before: (row, peer, limit) =>
      (peer === null
        ? sql.all(`${select} WHERE row < ? AND kind <> 'forgotten' ORDER BY row DESC LIMIT ?`, row, limit)
        : sql.all(
            `${select} WHERE row < ? AND kind <> 'forgotten' AND (peer = ? OR peer IS NULL) ORDER BY row DESC LIMIT ?`,
            row,
            peer,
            limit,
          )
      )
        .map(history.read)
        .toReversed(),
    outgoing: (peer, id) => one(sql.get(`${select} WHERE peer = ? AND id = ? AND direction = 'out'`, peer, id)),
    incoming: (peer, id) =>
      one(sql.get(`${select} WHERE peer = ? AND id = ? AND ${incomingMessage} ORDER BY row LIMIT 1`, peer, id)),
    named: (peer, author, id) =>
      sql
        .all(
          `${select} WHERE peer = ? AND id = ? AND direction = 'in' AND coalesce(author, '') = ? ORDER BY row`,
          peer,
          id,
          author ?? '',
        )
        .map(history.read),
    isErased: (peer, author, id) =>
      sql.get(
        `SELECT 1 FROM history WHERE peer = ? AND id = ? AND direction = 'in' AND coalesce(author, '') = ?
           AND (kind = 'deleted' OR (${isAwaited})) LIMIT 1`,
        peer,
        id,
        author ?? '',
      ) !== null,
    awaited: (peer, direction, author) =>
      countOf(
        sql.get(
          `SELECT count(*) AS count FROM history WHERE ${isAwaited} AND peer = ? AND direction = ? AND coalesce(author, '') = ?`,
          peer,
          direction,
          author ?? '',
        ),
      ),
    received: (peer, after, upTo) =>
      sql
        .all(
          `SELECT row, author, id, lifetime, goes_at FROM history WHERE peer = ? AND ${receivedMessage} AND row > ? AND row <= ? ORDER BY row`,
          peer,
          after,
          upTo,
        )
        .map(received),
    summary(peer, after) {
      // both by the index on (peer, row): what stands before is not looked at
      const row = sql.get(
        `SELECT (SELECT max(row) FROM history WHERE peer = ?1) AS last, count(*) AS count, min(row) AS first
         FROM history WHERE peer = ?1 AND row > ?2 AND ${receivedMessage}`,
        peer,
        after,
      ) as Row
      const orNull = (value: unknown) => (value === null ? null : Number(value))
      return { last: orNull(row['last']), count: Number(row['count']), first: orNull(row['first']) }
    },
    beginning: (prefix) =>
      sql
        .all(
          "SELECT row, direction, id, state FROM history WHERE kind IN ('message', 'deleted') AND substr(id, 1, length(?1)) = ?1 ORDER BY row",
          prefix,
        )
        .map(({ row, direction, id, state }) => ({
          row: Number(row),
          direction: direction as 'in' | 'out',
          id: String(id),
          state: state as MessageState,
        })),
    withNobody: (limit) =>
      sql
        .all('SELECT row FROM history WHERE direction IS NULL AND peer IS NULL ORDER BY row DESC LIMIT ?', limit)
        .map(({ row }) => Number(row))
        .toReversed(),
    isWrittenTo: (peer) => sql.get("SELECT 1 FROM history WHERE peer = ? AND direction = 'out' LIMIT 1", peer) !== null,
    lastLifetime(peer) {
      const row = sql.get(
        "SELECT lifetime FROM history WHERE peer = ? AND direction IS NOT NULL AND state IS NOT NULL AND kind <> 'afterword' ORDER BY row DESC LIMIT 1",
        peer,
      )
      return row && Number(row['lifetime'])
    },

    waiting: (peer, limit) =>
      sql.all(`${select} WHERE ${waitingMessage} AND peer = ? ORDER BY row LIMIT ?`, peer, limit).map(history.read),
    waitingRows: (peer) =>
      sql.all(`SELECT row FROM history WHERE ${waiting} AND peer = ? ORDER BY row`, peer).map(({ row }) => Number(row)),
    waitingPeople() {
      // asked many times a second, and mostly for nothing
      if (!sql.get(`SELECT 1 FROM history WHERE ${waiting} LIMIT 1`)) return []
      return sql.all(everybodyWaitedFor).map(({ peer }) => String(peer))
    },
    uploading: () =>
      sql
        .all(`${select} WHERE ${unsentState} AND state = 'uploading' AND kind = 'message' ORDER BY row`)
        .map(history.read),
    attached: () => sql.all(`${select} WHERE attachment IS NOT NULL ORDER BY row`).map(history.read),
    unsent: (peer) => countOf(sql.get(`SELECT count(*) AS count FROM history WHERE ${unsent} AND peer = ?`, peer)),
    unsentByPerson: () =>
      sql
        .all(`SELECT peer, count(*) AS count FROM history WHERE ${unsent} GROUP BY peer ORDER BY min(row)`)
        .map(({ peer, count }) => [String(peer), Number(count)]),

    standing(row) {
      const known = sql.get('SELECT state, epoch, goes_at, lifetime FROM history WHERE row = ?', row)
      return (
        known && {
          state: known['state'] as MessageState | null,
          epoch: known['epoch'] === null ? null : Number(known['epoch']),
          goesAt: known['goes_at'] === null ? null : Number(known['goes_at']),
          lifetimeSeconds: Number(known['lifetime']),
        }
      )
    },
    change: (row, { state, epoch, goesAt }) =>
      void sql.run('UPDATE history SET state = ?, epoch = ?, goes_at = ? WHERE row = ?', state, epoch, goesAt, row),
    setGoesAt: (row, goesAt) => void sql.run('UPDATE history SET goes_at = ? WHERE row = ?', goesAt, row),
    setText: (row, sealed) => void sql.run('UPDATE history SET text = ? WHERE row = ?', sealed, row),
    setAttachment: (row, sealed) => void sql.run('UPDATE history SET attachment = ? WHERE row = ?', sealed, row),
    setConfirmed: (row, confirmed) => void sql.run('UPDATE history SET confirmed = ? WHERE row = ?', confirmed, row),
    setAbout: (row, sealed) => void sql.run('UPDATE history SET about = ? WHERE row = ?', sealed, row),
    erase: (row, sealed, about, goesAt) =>
      void sql.run(
        "UPDATE history SET kind = 'deleted', text = ?, attachment = NULL, confirmed = NULL, about = ?, goes_at = ?, state = CASE WHEN state IN ('waiting', 'uploading') THEN 'failed' ELSE state END WHERE row = ? AND kind = 'message'",
        sealed,
        about,
        goesAt,
        row,
      ),
    waitAgain: () => void sql.run("UPDATE history SET state = 'waiting' WHERE state = 'sealed'"),

    countMessages: (peer, id) =>
      countOf(
        sql.get(
          `SELECT count(*) AS count FROM history WHERE peer = ?1 AND ${isTold} AND (?2 IS NULL OR id = ?2)`,
          peer,
          id,
        ),
      ),
    forget(peer, id, goesAt) {
      const forgetAll = (kinds: string) =>
        id === null
          ? sql.run(`UPDATE history SET ${forgotten} WHERE peer = ? AND ${kinds}`, goesAt, peer)
          : sql.run(`UPDATE history SET ${forgotten} WHERE peer = ? AND ${kinds} AND id = ?`, goesAt, peer, id)
      forgetAll("kind = 'afterword'")
      return forgetAll(isTold)
    },
    isDue: (at) => sql.get('SELECT 1 FROM history WHERE goes_at <= ? LIMIT 1', at) !== null,
    forgetDue: (at, goesAt) => sql.run(`UPDATE history SET ${forgotten} WHERE goes_at <= ?`, goesAt, at),
    removeForgotten: (at) => void sql.run("DELETE FROM history WHERE kind = 'forgotten' AND goes_at <= ?", at),
  }
}
