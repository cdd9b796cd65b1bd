import type { DeviceId, Digest } from '../../crypto/keys.ts'
import type { Database } from '../sqlite.ts'
import type { MailTables, ShareOfDevice } from './mailroom.ts'
import { blob, prepared, type Row } from './sqlite-rows.ts'
import type { Store, StoredDevice, StoredMail } from './store.ts'

type Told = 'mailAfter' | 'hasSent' | 'sentTo' | 'sentBy'

/** What one may ask and do about mail, within a transaction or outside one. */
export interface SqliteMail extends MailTables {
  device(address: Parameters<Store['device']>[0]): StoredDevice | null
  /** @returns what has gone */
  expire(...values: Parameters<Store['expireMail']>): readonly ShareOfDevice[]
  readonly told: { readonly [name in Told]: (...values: Parameters<Store[name]>) => Awaited<ReturnType<Store[name]>> }
}

const addressIn = (row: Row) => ({ user: String(row['user']), device: blob<DeviceId>(row['id']) })

/** Mail and counters in their tables. */
export function sqliteMail(database: Database): SqliteMail {
  const sql = (text: string) => prepared(database, text)
  const statements = {
    device: sql('SELECT row FROM device WHERE user = ? AND id = ? AND removed = 0'),
    lastSequence: sql('SELECT last_sequence FROM device WHERE row = ?'),
    setLastSequence: sql('UPDATE device SET last_sequence = ? WHERE row = ?'),
    shares: sql(
      'SELECT sender, count(*) AS messages, sum(length(envelope)) AS bytes FROM mail WHERE device = ? AND sequence <= ? GROUP BY sender',
    ),
    add: sql('INSERT INTO mail (device, sequence, sender, time, since, envelope) VALUES (?, ?, ?, ?, ?, ?)'),
    remove: sql('DELETE FROM mail WHERE device = ? AND sequence <= ?'),
    drop: sql('DELETE FROM mail WHERE device = ?'),
    oldShares: sql(
      `SELECT device, sender, count(*) AS messages, sum(length(envelope)) AS bytes FROM mail
         WHERE rowid IN (SELECT rowid FROM mail WHERE since < ? ORDER BY since, rowid LIMIT ?) GROUP BY device, sender`,
    ),
    expire: sql(
      'DELETE FROM mail WHERE rowid IN (SELECT rowid FROM mail WHERE since < ? ORDER BY since, rowid LIMIT ?)',
    ),
    after: sql(
      'SELECT sequence, time, user, id, envelope FROM mail JOIN device ON device.row = mail.sender WHERE mail.device = ? AND sequence > ? ORDER BY sequence LIMIT ?',
    ),
    sent: sql('SELECT counter, digest FROM sent WHERE sender = ? AND recipient = ?'),
    setSent: sql('INSERT OR REPLACE INTO sent (sender, recipient, counter, digest) VALUES (?, ?, ?, ?)'),
    sentBy: sql(
      'SELECT row, user, id, counter, digest FROM sent JOIN device ON device.row = sent.recipient WHERE sender = ? AND recipient > ? ORDER BY recipient LIMIT ?',
    ),
  }

  const rowOf: MailTables['rowOf'] = ({ user, device }) => {
    const row = statements.device.one(user, device)
    return row ? Number(row['row']) : null
  }
  const sent: MailTables['sent'] = (sender, recipient) => {
    const row = statements.sent.one(sender, recipient)
    return row ? { counter: Number(row['counter']), digest: blob<Digest>(row['digest']) } : null
  }

  const shareIn = (row: Row) => ({
    sender: Number(row['sender']),
    messages: Number(row['messages']),
    bytes: Number(row['bytes']),
  })
  const shares = (device: number, throughSequence: number) =>
    statements.shares.all(device, throughSequence).map(shareIn)

  return {
    rowOf,
    sent,
    device(address) {
      const row = rowOf(address)
      return row === null ? null : { user: address.user, device: address.device, row }
    },
    mailbox: (device) => ({
      lastSequence: Number(statements.lastSequence.one(device)?.['last_sequence'] ?? 0),
      shares: shares(device, Number.MAX_SAFE_INTEGER),
    }),
    // to have the rows themselves returned takes four times as long
    removeMail(device, throughSequence) {
      const gone = shares(device, throughSequence)
      statements.remove.run(device, throughSequence)
      return gone
    },
    expire(...asked) {
      const gone = statements.oldShares.all(...asked).map((row) => ({ device: Number(row['device']), ...shareIn(row) }))
      if (gone.length > 0) statements.expire.run(...asked)
      return gone
    },
    dropMail: (device) => void statements.drop.run(device),
    addMail: (device, sequence, sender, { time, sinceMs, envelope }) =>
      void statements.add.run(device, sequence, sender, time, sinceMs, envelope),
    setLastSequence: (device, sequence) => void statements.setLastSequence.run(sequence, device),
    setSent: (sender, recipient, { counter, digest }) =>
      void statements.setSent.run(sender, recipient, counter, digest),
    told: {
      mailAfter(device, sequence, limit, mostBytes = Infinity) {
        const found: StoredMail[] = []
        let sizeBytes = 0
        for (const row of statements.after.each(device, sequence, limit)) {
          const envelope = blob(row['envelope'])
          found.push({
            sequence: Number(row['sequence']),
            time: Number(row['time']),
            from: addressIn(row),
            envelope,
          })
          sizeBytes += envelope.length
          if (sizeBytes > mostBytes) break
        }
        return found
      },
      hasSent: (senders, recipients) =>
        senders.some((sender) => recipients.some((recipient) => sent(sender, recipient) !== null)),
      sentTo: (sender, recipient) => sent(sender, recipient)?.counter ?? 0,
      sentBy: (sender, after, limit) =>
        statements.sentBy.all(sender, after, limit).map((row) => ({
          row: Number(row['row']),
          to: addressIn(row),
          counter: Number(row['counter']),
          digest: blob<Digest>(row['digest']),
        })),
    },
  }
}
