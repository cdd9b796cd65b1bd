import { join } from 'node:path'
import { expect, it } from 'vitest'
import { deviceMigrations } from '../../client/device/schema.ts'
import { type Database, openDatabase } from '../../server/sqlite.ts'
import { folder } from '../support/relay-folder.ts'

/** All that a database consists of while nothing has been put in. */
function contentOf(database: Database) {
  const made = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_master').all()
  const tables = made.filter(({ type }) => type === 'table').map(({ name }) => String(name))
  const rows = tables.toSorted().map((name) => [name, database.prepare(`SELECT * FROM "${name}"`).all()])
  const version = database.prepare('PRAGMA user_version').get()
  const byName = made.map((entry) => JSON.stringify(entry)).toSorted()
  return { byName, rows, version }
}

it('a database in memory is the same whether it was migrated, or got at once what migrations end in', () => {
  const migrations = [...deviceMigrations]
  const [file, first, second, third] = [
    join(folder(), 'device.db'),
    ...Array.from({ length: 3 }, () => ':memory:'),
  ].map((path) => openDatabase(path, migrations)) as [Database, Database, Database, Database]
  const content = contentOf(file)
  expect(content.byName.length).toBeGreaterThan(20)
  expect(content.version).toEqual({ user_version: migrations.length })
  for (const database of [first, second, third]) expect(contentOf(database)).toEqual(content)
  second.exec("INSERT INTO meta VALUES ('a', x'00')")
  expect(contentOf(third)).toEqual(content)
  for (const database of [file, first, second, third]) database.close()
})

it('other migrations end in another database', () => {
  openDatabase(':memory:', ['CREATE TABLE one (a TEXT)']).close()
  const database = openDatabase(':memory:', ['CREATE TABLE other (a TEXT)'])
  expect(database.prepare('SELECT name FROM sqlite_master').all()).toEqual([{ name: 'other' }])
  database.close()
})
