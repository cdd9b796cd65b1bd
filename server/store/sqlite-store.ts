import { equal, hex } from '../../crypto/bytes.ts'
import { inTransaction, openDatabase } from '../sqlite.ts'
import { createMailroom, rememberedMaximum } from './mailroom.ts'
import { sqliteBlobs } from './sqlite-blobs.ts'
import { sqliteMail } from './sqlite-mail.ts'
import { sqlitePrekeys } from './sqlite-prekeys.ts'
import { blob, prepared } from './sqlite-rows.ts'
import { migrations } from './sqlite-schema.ts'
import type { AccountChange, Store } from './store.ts'

/** Undoes a transaction that has found out that it may not be. */
class Undone extends Error {}

/**
 * What is asked of it while another program holds the file fails at once: whoever asks may wait (`whenFree`), the relay must
 * not.
 * @param path a file, or `:memory:`
 * @param remembered entries that are kept in memory of mailboxes and counters
 */
export function openSqliteStore(path: string, remembered: number = rememberedMaximum): Store {
  const database = openDatabase(path, migrations, 0)
  const sql = (text: string) => prepared(database, text)
  const mail = sqliteMail(database)
  const prekeys = sqlitePrekeys(database)
  const blobs = sqliteBlobs(database)
  const mailroom = createMailroom(remembered)

  const statements = {
    account: sql('SELECT list FROM account WHERE user = ?'),
    setAccount: sql(
      'INSERT INTO account (user, list) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET list = excluded.list',
    ),
    addDevice: sql('INSERT INTO device (user, id) VALUES (?, ?) ON CONFLICT (user, id) DO UPDATE SET removed = 0'),
    removeDevice: sql('UPDATE device SET removed = 1 WHERE user = ? AND id = ? RETURNING row'),
    keysOf: sql('SELECT keys FROM device WHERE user = ? AND id = ?'),
    setKeys: sql('UPDATE device SET keys = ? WHERE user = ? AND id = ?'),
    policies: sql('SELECT link FROM policy ORDER BY epoch'),
    addPolicy: sql(
      'INSERT INTO policy (epoch, link) SELECT ?1, ?2 WHERE ?1 = (SELECT coalesce(max(epoch), 0) + 1 FROM policy)',
    ),
    lastLook: sql('SELECT running, clock FROM look'),
    saveLook: sql('INSERT OR REPLACE INTO look (only, running, clock) VALUES (1, ?, ?)'),
    version: sql('PRAGMA data_version'),
  }

  const dataVersion = () => Number(statements.version.one()?.['data_version'])
  let version = dataVersion()

  function account(user: string): Uint8Array | null {
    const row = statements.account.one(user)
    return row ? blob(row['list']) : null
  }

  function keysOf(user: string, device: Uint8Array): Uint8Array | null {
    const keys = statements.keysOf.one(user, device)?.['keys']
    return keys instanceof Uint8Array ? blob(keys) : null
  }

  /** @throws Undone where an id belongs to other keys */
  function change({ user, list, added, removed, claims }: AccountChange): void {
    statements.setAccount.run(user, list)
    for (const id of added) statements.addDevice.run(user, id)
    // also of an id that is no device's: nothing is taken down for it
    const claimed = new Map<string, Uint8Array>()
    for (const { device, keys } of claims) {
      const known = claimed.get(hex(device)) ?? keysOf(user, device)
      if (known && !equal(known, keys)) throw new Undone()
      if (!known) statements.setKeys.run(keys, user, device)
      claimed.set(hex(device), keys)
    }
    for (const device of removed) {
      const gone = statements.removeDevice.one(user, device)
      if (!gone) continue
      const row = Number(gone['row'])
      mail.dropMail(row)
      prekeys.drop(row)
      mailroom.forgetDevice({ user, device }, row)
    }
  }

  const isKnown = (user: string, known: Uint8Array | null) => {
    const list = account(user)
    return list && known ? equal(list, known) : list === known
  }

  /** All or nothing; `otherwise` where the work has thrown Undone. */
  function unlessUndone<T>(otherwise: T, work: () => T): T {
    try {
      return inTransaction(database, work)
    } catch (error) {
      if (error instanceof Undone) return otherwise
      throw error
    }
  }

  return {
    account: async (user) => account(user),
    device: async (address) => mail.device(address),
    keysOf: async ({ user, device }) => keysOf(user, device),
    register: async (asked) =>
      unlessUndone<'done' | 'changed' | 'other-keys'>('other-keys', () => {
        if (!isKnown(asked.user, asked.known)) return 'changed'
        change(asked)
        return 'done'
      }),

    publishPrekeys: async (...asked) =>
      unlessUndone(false, () => {
        if (!prekeys.publish(...asked)) throw new Undone()
        return true
      }),
    takeBundle: async (...asked) =>
      unlessUndone(null, () => {
        const taken = prekeys.take(...asked)
        if (!taken) throw new Undone()
        return taken
      }),
    countPrekeys: async (...asked) => prekeys.count(...asked),

    async commit(batch) {
      let hasBegun = false
      try {
        return inTransaction(database, () => {
          hasBegun = true
          // another program has written to the file
          if (version !== (version = dataVersion())) mailroom.forget()
          const outcomes = mailroom.process(batch, mail)
          batch.beforeDisk(outcomes)
          return outcomes
        })
      } catch (error) {
        if (hasBegun) mailroom.forget()
        throw error
      }
    },
    mailAfter: async (...asked) => mail.told.mailAfter(...asked),
    async expireMail(...asked) {
      const gone = inTransaction(database, () => mail.expire(...asked))
      mailroom.expired(gone)
      return gone.reduce((sum, { messages }) => sum + messages, 0)
    },

    hasSent: async (...asked) => mail.told.hasSent(...asked),
    sentTo: async (...asked) => mail.told.sentTo(...asked),
    sentBy: async (...asked) => mail.told.sentBy(...asked),

    policies: async () => statements.policies.all().map((row) => blob(row['link'])),
    addPolicy: async (link, epoch) => inTransaction(database, () => statements.addPolicy.run(epoch, link) > 0),

    blob: async (id) => blobs.one(id),
    reserveBlob: async (...asked) => inTransaction(database, () => blobs.reserve(...asked)),
    blobUse: async () => blobs.use(),
    growBlob: async (...asked) => blobs.grow(...asked),
    removeBlob: async (...asked) => blobs.remove(...asked),
    oldBlobs: async (...asked) => blobs.old(...asked),
    expireBlobs: async (...asked) => inTransaction(database, () => blobs.expire(...asked)),

    async lastLook() {
      const row = statements.lastLook.one()
      return row ? { runningMs: Number(row['running']), clockMs: Number(row['clock']) } : null
    },
    saveLook: async ({ runningMs, clockMs }) => void statements.saveLook.run(runningMs, clockMs),

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
