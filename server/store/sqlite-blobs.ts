import type { BlobId } from '../../crypto/attachment.ts'
import type { Database } from '../sqlite.ts'
import { isWhole, judgeReservation, type KeptBlob } from './blob-room.ts'
import { blob as bytes, prepared } from './sqlite-rows.ts'
import type { BlobAges, BlobRoom, BlobUse, NewBlob, Reservation, StoredBlob } from './store.ts'

/** What a store on SQLite knows of blobs. Each method is a part of a transaction that is open, or a statement alone. */
export function sqliteBlobs(database: Database) {
  const sql = (text: string) => prepared(database, text)
  const statements = {
    one: sql('SELECT * FROM blob WHERE id = ?'),
    ofAccount: sql('SELECT count, bytes, open FROM blob_account WHERE owner = ?'),
    ofAll: sql('SELECT count, bytes FROM blob_all WHERE only = 1'),
    add: sql('INSERT INTO blob (id, owner, size, since) VALUES (?, ?, ?, ?)'),
    touch: sql('UPDATE blob SET since = ? WHERE id = ? AND received < size'),
    grow: sql('UPDATE blob SET received = ?, since = ? WHERE id = ? AND received = ? AND removed = 0'),
    keepRoom: sql('UPDATE blob SET removed = 1 WHERE id = ?'),
    remove: sql('DELETE FROM blob WHERE id = ?'),
    oldWhole: sql('SELECT id FROM blob WHERE since < ? AND received = size ORDER BY since, id LIMIT ?'),
    oldOpen: sql(
      `SELECT id FROM blob
         WHERE received < size AND since < max(?1, ?2) AND since < CASE received WHEN 0 THEN ?1 ELSE ?2 END
         ORDER BY since, id LIMIT ?3`,
    ),
    expire: sql('DELETE FROM blob WHERE id = ? AND since < CASE received WHEN size THEN ? WHEN 0 THEN ? ELSE ? END'),
  }

  function kept(id: BlobId): KeptBlob | null {
    const row = statements.one.one(id)
    return row
      ? {
          id: bytes(row['id']),
          owner: String(row['owner']),
          sizeBytes: Number(row['size']),
          receivedBytes: Number(row['received']),
          sinceMs: Number(row['since']),
          isRemoved: row['removed'] === 1,
        }
      : null
  }

  function one(id: BlobId): StoredBlob | null {
    const known = kept(id)
    if (!known || known.isRemoved) return null
    const { isRemoved: _, ...blob } = known
    return blob
  }

  function accountUse(owner: string) {
    const row = statements.ofAccount.one(owner)
    return { count: Number(row?.['count'] ?? 0), bytes: Number(row?.['bytes'] ?? 0), open: Number(row?.['open'] ?? 0) }
  }

  return {
    one,
    use(): BlobUse {
      const row = statements.ofAll.one()
      return { count: Number(row?.['count']), bytes: Number(row?.['bytes']) }
    },
    reserve(blob: NewBlob, room: BlobRoom): Reservation {
      const { id, owner, sizeBytes, sinceMs } = blob
      const known = kept(id)
      const outcome = judgeReservation(blob, known, accountUse(owner), room)
      if (outcome !== 'done') return outcome
      if (!known) statements.add.run(id, owner, sizeBytes, sinceMs)
      else if (!isWhole(known)) statements.touch.run(sinceMs, id)
      return outcome
    },
    grow: (id: BlobId, fromBytes: number, toBytes: number, sinceMs: number) =>
      statements.grow.run(toBytes, sinceMs, id, fromBytes) > 0,
    remove: (id: BlobId, staysCounted: boolean) =>
      void (staysCounted ? statements.keepRoom : statements.remove).run(id),
    old({ wholeMs, unfinishedMs, untouchedMs }: BlobAges, most: number): readonly BlobId[] {
      const whole = statements.oldWhole.all(wholeMs, most)
      const open = statements.oldOpen.all(untouchedMs, unfinishedMs, most - whole.length)
      return [...whole, ...open].map((row) => bytes<BlobId>(row['id']))
    },
    expire: (ids: readonly BlobId[], { wholeMs, unfinishedMs, untouchedMs }: BlobAges) =>
      ids.filter((id) => statements.expire.run(id, wholeMs, untouchedMs, unfinishedMs) > 0),
  }
}
