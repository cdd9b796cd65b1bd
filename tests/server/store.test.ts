import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAccount, createDevice, proveDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { withDevice, withoutDevice } from '../../crypto/linking.ts'
import { createDirectory } from '../../server/directory.ts'
import { openDatabase } from '../../server/sqlite.ts'
import { openMemoryStore } from '../../server/store/memory-store.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { storeSuite } from '../contract/store.ts'
import { seededRandom } from '../support/random.ts'
import { folder } from '../support/relay-folder.ts'
import { enroll } from '../support/stored.ts'

const ids = { second: seededRandom('a second device')(32) as DeviceId }

storeSuite('in memory', { lasts: false, place: () => openMemoryStore })
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

  it('has its lists say whose the ids of devices are that an earlier version took in', async () => {
    const random = seededRandom('an earlier version')
    const { list, signedList, accountSecret, device } = createAccount('alice', random)
    const [second, other] = [1, 2].map(() => createDevice('alice', list.accountKey, ids.second, random))
    if (!second || !other) throw new Error('two devices under one id')
    const two = withDevice(signedList, second.record, proveDevice(second), accountSecret)
    const one = withoutDevice(two, ids.second, accountSecret)
    const store = openSqliteStore(join(folder(), 'relay.db'))
    onTestFinished(() => store.close())
    await enroll(store, 'alice', [device.record.id, ids.second], two)
    const directory = createDirectory(store)
    const register = (list: Uint8Array) => directory.register(list, () => undefined)
    await register(one)
    await expect(register(withDevice(one, other.record, proveDevice(other), accountSecret))).rejects.toThrow(
      'an id of a device belongs to other keys here',
    )
    expect(await register(withDevice(one, second.record, proveDevice(second), accountSecret))).toEqual([])
  })

  it('is refused when it is something else', () => {
    const path = join(folder(), 'relay.db')
    writeFileSync(path, 'not a database, but long enough to be looked at by whoever would open it as one'.repeat(20))
    expect(() => openSqliteStore(path)).toThrow('is not a store of doormat')
  })
})
