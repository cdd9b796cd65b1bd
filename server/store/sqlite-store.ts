import type { DeviceId, Digest } from '../../crypto/keys.ts'
import type { PrekeyKind } from '../../crypto/prekeys.ts'
import { inTransaction, openDatabase, type Statement } from '../sqlite.ts'
import type { ExpiryRange, Store } from './store.ts'

/** Mail has a rowid and an index on (device, sequence): five times faster to append to than with that primary key. */
const countShares =
  'INSERT INTO share SELECT device, sender, count(*), sum(length(envelope)) FROM mail GROUP BY device, sender'

const migrations = [
  `CREATE TABLE account (user TEXT PRIMARY KEY, list BLOB NOT NULL) STRICT;
   CREATE TABLE device (
     row INTEGER PRIMARY KEY, user TEXT NOT NULL REFERENCES account(user), id BLOB NOT NULL,
     last_sequence INTEGER NOT NULL DEFAULT 0, mail_count INTEGER NOT NULL DEFAULT 0, mail_bytes INTEGER NOT NULL DEFAULT 0,
     UNIQUE (user, id)) STRICT;
   CREATE TABLE prekey (
     device INTEGER NOT NULL REFERENCES device(row), id INTEGER NOT NULL, kind TEXT NOT NULL, expires INTEGER NOT NULL,
     bytes BLOB NOT NULL, PRIMARY KEY (device, id)) STRICT, WITHOUT ROWID;
   CREATE INDEX prekey_kind ON prekey (device, kind, id);
   CREATE TABLE mail (
     device INTEGER NOT NULL REFERENCES device(row), sequence INTEGER NOT NULL, sender INTEGER NOT NULL REFERENCES device(row),
     time INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
   CREATE UNIQUE INDEX mail_order ON mail (device, sequence);
   CREATE INDEX mail_time ON mail (time);
   CREATE TABLE sent (
     sender INTEGER NOT NULL REFERENCES device(row), recipient INTEGER NOT NULL REFERENCES device(row),
     counter INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (sender, recipient)) STRICT, WITHOUT ROWID;
   CREATE TABLE policy (epoch INTEGER PRIMARY KEY, link BLOB NOT NULL) STRICT`,

  // mail that a device sent before it was removed still says who sent it
  `ALTER TABLE device ADD COLUMN removed INTEGER NOT NULL DEFAULT 0`,

  `CREATE TABLE share (
     device INTEGER NOT NULL REFERENCES device(row), sender INTEGER NOT NULL REFERENCES device(row),
     mail_count INTEGER NOT NULL, mail_bytes INTEGER NOT NULL, PRIMARY KEY (device, sender)) STRICT, WITHOUT ROWID;
   ${countShares}`,

  // Mail grows old in running time. What was there before is as old as the newest mail says, and at most 29 days, so that
  // no clock that was wrong then makes all of it go at once.
  `CREATE TABLE look (only INTEGER PRIMARY KEY CHECK (only = 1), running INTEGER NOT NULL, clock INTEGER NOT NULL) STRICT;
   ALTER TABLE mail ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
   UPDATE mail SET since = max(time - (SELECT max(time) FROM mail), -29 * 24 * 3600 * 1000);
   DROP INDEX mail_time;
   CREATE INDEX mail_since ON mail (since)`,

  // an id belongs to the keys that it first had; for a device from before this rule, the list says which those are
  `ALTER TABLE device ADD COLUMN keys BLOB`,
  // Prekeys of suite 1, with which nobody begins a conversation any more: each device publishes others when it is next online.
  `DELETE FROM prekey`,
]

type Row = Record<string, unknown>

/** SQLite gives Buffers on some platforms; everything else here speaks of plain byte arrays. */
const blob = <T extends Uint8Array>(value: unknown) => new Uint8Array(value as Uint8Array) as T

const sizeOf = (row: Row | undefined) => ({
  messages: Number(row?.['mail_count'] ?? 0),
  bytes: Number(row?.['mail_bytes'] ?? 0),
})

const bounds = ({ afterSeconds, untilSeconds }: ExpiryRange) => [afterSeconds, untilSeconds] as const

/**
 * What is asked of it while another program holds the file fails at once: whoever asks may wait (`whenFree`), the relay must
 * not.
 * @param path a file, or `:memory:`
 */
export function openSqliteStore(path: string): Store {
  const database = openDatabase(path, migrations, 0)
  const sql = (text: string) => database.prepare(text)
  const one = (statement: Statement, ...values: (string | number | Uint8Array)[]) =>
    statement.get(...values) as Row | undefined
  const all = (statement: Statement, ...values: (string | number | Uint8Array)[]) => statement.all(...values) as Row[]

  const statements = {
    account: sql('SELECT list FROM account WHERE user = ?'),
    addAccount: sql('INSERT INTO account (user, list) VALUES (?, ?)'),
    addDevice: sql('INSERT INTO device (user, id) VALUES (?, ?)'),
    changeAccount: sql('UPDATE account SET list = ? WHERE user = ?'),
    restoreDevice: sql('INSERT INTO device (user, id) VALUES (?, ?) ON CONFLICT (user, id) DO UPDATE SET removed = 0'),
    removeDevice: sql(
      'UPDATE device SET removed = 1, mail_count = 0, mail_bytes = 0 WHERE user = ? AND id = ? RETURNING row',
    ),
    dropMail: sql('DELETE FROM mail WHERE device = ?'),
    dropSharesOf: sql('DELETE FROM share WHERE device = ?'),
    keysOf: sql('SELECT keys FROM device WHERE user = ? AND id = ?'),
    setKeys: sql('UPDATE device SET keys = ? WHERE user = ? AND id = ?'),
    device: sql('SELECT row FROM device WHERE user = ? AND id = ? AND removed = 0'),
    thinPrekeys: sql(
      `DELETE FROM prekey WHERE device = ?1 AND id IN (
         SELECT id FROM prekey WHERE device = ?1 AND kind = ?2
           AND (kind IN ('signed', 'KEM last-resort') OR expires <= ?3 OR expires > ?4)
         ORDER BY id LIMIT max(0, (SELECT count(*) FROM prekey WHERE device = ?1 AND kind = ?2) - ?5))`,
    ),
    putPrekey: sql('INSERT OR REPLACE INTO prekey (device, id, kind, expires, bytes) VALUES (?, ?, ?, ?, ?)'),
    dropPrekeys: sql('DELETE FROM prekey WHERE device = ?'),
    takePrekey: sql(
      'DELETE FROM prekey WHERE device = ? AND id = (SELECT min(id) FROM prekey WHERE device = ? AND kind = ? AND expires > ? AND expires <= ?) RETURNING bytes',
    ),
    lastPrekey: sql(
      'SELECT bytes FROM prekey WHERE device = ? AND kind = ? ORDER BY (expires > ? AND expires <= ?) DESC, id DESC LIMIT 1',
    ),
    countPrekeys: sql(
      'SELECT count(*) AS count FROM prekey WHERE device = ? AND kind = ? AND expires > ? AND expires <= ?',
    ),
    mailbox: sql('SELECT mail_count, mail_bytes FROM device WHERE row = ?'),
    nextSequence: sql(
      'UPDATE device SET last_sequence = last_sequence + 1, mail_count = mail_count + 1, mail_bytes = mail_bytes + ? WHERE row = ? RETURNING last_sequence',
    ),
    appendMail: sql('INSERT INTO mail (device, sequence, sender, time, envelope, since) VALUES (?, ?, ?, ?, ?, ?)'),
    mailAfter: sql(
      'SELECT sequence, time, user, id, envelope FROM mail JOIN device ON device.row = mail.sender WHERE mail.device = ? AND sequence > ? ORDER BY sequence LIMIT ?',
    ),
    acknowledge: sql('DELETE FROM mail WHERE device = ? AND sequence <= ?'),
    expire: sql('DELETE FROM mail WHERE since < ?'),
    recount: sql(
      `UPDATE device SET mail_count = (SELECT count(*) FROM mail WHERE mail.device = device.row),
       mail_bytes = (SELECT coalesce(sum(length(envelope)), 0) FROM mail WHERE mail.device = device.row) WHERE mail_count > 0`,
    ),
    lighten: sql(
      `UPDATE device SET mail_count = mail_count - (SELECT count(*) FROM mail WHERE device = ?1 AND sequence <= ?2),
       mail_bytes = mail_bytes - (SELECT coalesce(sum(length(envelope)), 0) FROM mail WHERE device = ?1 AND sequence <= ?2) WHERE row = ?1`,
    ),
    share: sql('SELECT mail_count, mail_bytes FROM share WHERE device = ? AND sender = ?'),
    growShare: sql(
      `INSERT INTO share (device, sender, mail_count, mail_bytes) VALUES (?, ?, 1, ?)
       ON CONFLICT DO UPDATE SET mail_count = mail_count + 1, mail_bytes = mail_bytes + excluded.mail_bytes`,
    ),
    lightenShares: sql(
      `UPDATE share SET mail_count = share.mail_count - gone.count, mail_bytes = share.mail_bytes - gone.bytes
       FROM (SELECT sender, count(*) AS count, sum(length(envelope)) AS bytes FROM mail WHERE device = ?1 AND sequence <= ?2 GROUP BY sender) AS gone
       WHERE share.device = ?1 AND share.sender = gone.sender`,
    ),
    // only mailboxes that lose mail: a mailbox may have mail from ten thousand senders
    dropEmptyShares: sql(
      'DELETE FROM share WHERE device = ?1 AND mail_count = 0 AND sender IN (SELECT sender FROM mail WHERE device = ?1 AND sequence <= ?2)',
    ),
    dropShares: sql('DELETE FROM share'),
    countShares: sql(countShares),
    sentTo: sql('SELECT counter, digest FROM sent WHERE sender = ? AND recipient = ?'),
    setSentTo: sql('INSERT OR REPLACE INTO sent (sender, recipient, counter, digest) VALUES (?, ?, ?, ?)'),
    sentBy: sql(
      'SELECT row, user, id, counter, digest FROM sent JOIN device ON device.row = sent.recipient WHERE sender = ? AND recipient > ? ORDER BY recipient LIMIT ?',
    ),
    policies: sql('SELECT link FROM policy ORDER BY epoch'),
    addPolicy: sql('INSERT INTO policy (link) VALUES (?)'),
    lastLook: sql('SELECT running, clock FROM look'),
    saveLook: sql('INSERT OR REPLACE INTO look (only, running, clock) VALUES (1, ?, ?)'),
  }

  return {
    transaction: (work) => inTransaction(database, work),

    account(user) {
      const row = one(statements.account, user)
      return row ? blob(row['list']) : null
    },
    addAccount(user, list, devices) {
      statements.addAccount.run(user, list)
      for (const id of devices) statements.addDevice.run(user, id)
    },
    changeAccount(user, list, added, removed) {
      statements.changeAccount.run(list, user)
      for (const id of added) statements.restoreDevice.run(user, id)
      for (const id of removed) {
        const row = Number(one(statements.removeDevice, user, id)?.['row'])
        statements.dropMail.run(row)
        statements.dropSharesOf.run(row)
        statements.dropPrekeys.run(row)
      }
    },
    keysOf({ user, device }) {
      const keys = one(statements.keysOf, user, device)?.['keys']
      return keys instanceof Uint8Array ? blob(keys) : null
    },
    setKeys: ({ user, device }, keys) => void statements.setKeys.run(keys, user, device),
    device(address) {
      const row = one(statements.device, address.user, address.device)
      return row ? { ...address, row: Number(row['row']) } : null
    },

    putPrekeys(device, prekeys) {
      for (const { id, kind, expiresAtSeconds, bytes } of prekeys)
        statements.putPrekey.run(device, id, kind, expiresAtSeconds, bytes)
    },
    thinPrekeys: (device, kind, good, most) => void statements.thinPrekeys.run(device, kind, ...bounds(good), most),
    dropPrekeys: (device) => void statements.dropPrekeys.run(device),
    takePrekey(device, kind, good) {
      const row = one(statements.takePrekey, device, device, kind, ...bounds(good))
      return row ? blob(row['bytes']) : null
    },
    lastPrekey(device, kind: PrekeyKind, good) {
      const row = one(statements.lastPrekey, device, kind, ...bounds(good))
      return row ? blob(row['bytes']) : null
    },
    countPrekeys: (device, kind, good) =>
      Number(one(statements.countPrekeys, device, kind, ...bounds(good))?.['count']),

    mailboxSize(device) {
      return sizeOf(one(statements.mailbox, device))
    },
    shareOf: (device, sender) => sizeOf(one(statements.share, device, sender)),
    appendMail(device, sender, time, envelope, sinceMs) {
      const sequence = Number(one(statements.nextSequence, envelope.length, device)?.['last_sequence'])
      statements.appendMail.run(device, sequence, sender, time, envelope, sinceMs)
      statements.growShare.run(device, sender, envelope.length)
      return sequence
    },
    mailAfter: (device, sequence, limit) =>
      all(statements.mailAfter, device, sequence, limit).map((row) => ({
        sequence: Number(row['sequence']),
        time: Number(row['time']),
        from: { user: String(row['user']), device: blob<DeviceId>(row['id']) },
        envelope: blob(row['envelope']),
      })),
    acknowledgeMail(device, sequence) {
      statements.lighten.run(device, sequence)
      statements.lightenShares.run(device, sequence)
      statements.dropEmptyShares.run(device, sequence)
      statements.acknowledge.run(device, sequence)
    },
    expireMail(beforeMs) {
      const { changes } = statements.expire.run(beforeMs)
      if (changes) for (const again of ['recount', 'dropShares', 'countShares'] as const) statements[again].run()
      return changes
    },

    sentTo(sender, recipient) {
      const row = one(statements.sentTo, sender, recipient)
      return row ? { counter: Number(row['counter']), digest: blob<Digest>(row['digest']) } : null
    },
    setSentTo: (sender, recipient, counter, digest) =>
      void statements.setSentTo.run(sender, recipient, counter, digest),
    sentBy: (sender, after, limit) =>
      all(statements.sentBy, sender, after, limit).map((row) => ({
        row: Number(row['row']),
        to: { user: String(row['user']), device: blob<DeviceId>(row['id']) },
        counter: Number(row['counter']),
        digest: blob<Digest>(row['digest']),
      })),

    policies: () => all(statements.policies).map((row) => blob(row['link'])),
    addPolicy: (link) => void statements.addPolicy.run(link),

    lastLook: {
      load() {
        const row = one(statements.lastLook)
        return row ? { runningMs: Number(row['running']), clockMs: Number(row['clock']) } : null
      },
      save: ({ runningMs, clockMs }) => void statements.saveLook.run(runningMs, clockMs),
    },

    close() {
      try {
        // so that the file itself says that nothing is in a log, also to somebody who gets a copy of the file alone
        database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE')
      } catch {
        // somebody else has it open, or the disk is full: the log stays beside it
      }
      database.close()
    },
  }
}
