import { type Database, inTransaction } from './database.ts'
import type { Tables } from '../tables/tables.ts'
import { historyTable } from './history.ts'
import { counterTable, heldTable, outboxTable, sentTable, takenTable } from './mail.ts'
import { leaseTable, lookTable, metaTable, policyTable, prekeyTable } from './own.ts'
import { contactTable, ledgerTable, receiptTable, sessionTable } from './people.ts'
import { statementsOf } from './shape.ts'

/**
 * The tables of a device in one SQLite database that has them (see schema.ts). Nothing is cached outside it, so several processes may share
 * its file: each step reads and writes within one transaction.
 */
export function sqliteTables(database: Database): Tables {
  const sql = statementsOf(database)
  const tidy = () => void sql.get('PRAGMA wal_checkpoint(TRUNCATE)')
  return {
    meta: metaTable(sql),
    prekeys: prekeyTable(sql),
    policies: policyTable(sql),
    lease: leaseTable(sql),
    look: lookTable(sql),
    contacts: contactTable(sql),
    sessions: sessionTable(sql),
    ledger: ledgerTable(sql),
    receipts: receiptTable(sql),
    history: historyTable(sql),
    outbox: outboxTable(sql),
    sent: sentTable(sql),
    numbered: counterTable(sql, 'numbered'),
    heard: counterTable(sql, 'heard'),
    taken: takenTable(sql),
    held: heldTable(sql),
    transaction: (work) => (database.isTransaction ? work() : inTransaction(database, work)),
    version: () => Number(sql.get('PRAGMA data_version')?.['data_version']),
    // overwritten keys would live on in the write-ahead log
    tidy,
    scrub() {
      sql.run('VACUUM')
      tidy()
    },
    close: () => database.close(),
  }
}
