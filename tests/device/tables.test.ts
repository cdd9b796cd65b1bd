import { expect, it } from 'vitest'
import { memoryTables } from '../../client/device/memory/tables.ts'
import { deviceMigrations } from '../../client/device/sqlite/schema.ts'
import { sqliteTables } from '../../client/device/sqlite/tables.ts'
import { openDatabase } from '../../server/sqlite.ts'
import { sameTables, tablesSuite } from '../contract/tables.ts'
import { isLong } from '../support/long.ts'

const inSqlite = () => sqliteTables(openDatabase(':memory:', deviceMigrations))

tablesSuite('in SQLite', inSqlite)
tablesSuite('in memory', memoryTables)

it.each(Array.from({ length: isLong ? 100 : 6 }, (_, seed) => seed + 1))(
  'tables in memory answer as those in SQLite do, and stand as they do after every step, seed %i',
  (seed) => {
    expect(sameTables(seed, 250, [inSqlite(), memoryTables()])).toBeGreaterThan(0)
  },
)
