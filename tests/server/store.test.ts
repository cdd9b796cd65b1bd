import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../server/sqlite.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { storeSuite } from '../contract/store.ts'
import { folder } from '../support/relay-folder.ts'

storeSuite('in memory', { lasts: false, place: () => () => openSqliteStore(':memory:') })
storeSuite('in a file', {
  lasts: true,
  place: () => {
    const path = join(folder(), 'relay.db')
    return () => openSqliteStore(path)
  },
})

describe('the file of a store', () => {
  it('is refused when a later version has written it', () => {
    const path = join(folder(), 'relay.db')
    openSqliteStore(path).close()
    const later = Array.from({ length: 100 }, (_, i) => `CREATE TABLE of_the_future_${i} (secret TEXT)`)
    openDatabase(path, later).close()
    expect(() => openSqliteStore(path)).toThrow('written by a later version')
  })

  it('is refused when it is something else', () => {
    const path = join(folder(), 'relay.db')
    writeFileSync(path, 'not a database, but long enough to be looked at by whoever would open it as one'.repeat(20))
    expect(() => openSqliteStore(path)).toThrow('is not a store of doormat')
  })
})
