import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAccount, createDevice, proveDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { withDevice, withoutDevice } from '../../crypto/linking.ts'
import { createDirectory } from '../../server/directory.ts'
import { type Database, openDatabase } from '../../server/sqlite.ts'
import { mailboxMaximumBytes } from '../../server/store/mailroom.ts'
import { openMemoryStore } from '../../server/store/memory-store.ts'
import { sqliteBlobs } from '../../server/store/sqlite-blobs.ts'
import { migrations } from '../../server/store/sqlite-schema.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { storeSuite } from '../contract/store.ts'
import { few } from '../support/long.ts'
import { seededRandom } from '../support/random.ts'
import { folder } from '../support/relay-folder.ts'
import { enroll, nothingElse, posting } from '../support/stored.ts'

const ids = { second: seededRandom('a second device')(32) as DeviceId }

storeSuite('in memory', { lasts: false, place: () => () => openMemoryStore() })
storeSuite('in memory that remembers little', { lasts: false, place: () => () => openMemoryStore(2) })
const files = [
  ['in a file', undefined],
  ['in a file, that remembers little', 2],
] as const
for (const [name, remembered] of few(files, 1))
  storeSuite(name, {
    lasts: true,
    place: () => {
      const path = join(folder(), 'relay.db')
      return () => openSqliteStore(path, remembered)
    },
  })

/** A store as the version before wrote it: sizes and shares in its tables, a device that is gone, mail of both. */
function storeOfBefore(path: string): void {
  const database = openDatabase(path, migrations.slice(0, 6))
  const [phone, gone, bob] = ['01', '02', '03'].map((byte) => `x'${byte.repeat(32)}'`)
  database.exec(`
    INSERT INTO account (user, list) VALUES ('alice', x'aa'), ('bob', x'bb');
    INSERT INTO device (row, user, id, last_sequence, mail_count, mail_bytes, removed, keys) VALUES
      (1, 'alice', ${phone}, 0, 0, 0, 0, x'0a'), (2, 'alice', ${gone}, 4, 0, 0, 1, NULL), (3, 'bob', ${bob}, 9, 3, 6, 0, NULL);
    INSERT INTO prekey (device, id, kind, expires, bytes) VALUES (3, 7, 'signed', 5000, x'07');
    INSERT INTO mail (device, sequence, sender, time, envelope, since) VALUES
      (3, 7, 1, 100, x'01', 10), (3, 8, 2, 101, x'0202', 11), (3, 9, 1, 102, x'030303', 12);
    INSERT INTO share (device, sender, mail_count, mail_bytes) VALUES (3, 1, 2, 4), (3, 2, 1, 2);
    INSERT INTO sent (sender, recipient, counter, digest) VALUES (1, 3, 5, ${phone}), (2, 3, 1, ${gone});
    INSERT INTO policy (link) VALUES (x'01'), (x'02');
    INSERT INTO look (only, running, clock) VALUES (1, 20, 2000)`)
  database.close()
}

describe('the file of a store', () => {
  it('that the version before has written has all of it, and counts on', async () => {
    const path = join(folder(), 'relay.db')
    storeOfBefore(path)
    const store = openSqliteStore(path)
    onTestFinished(() => store.close())
    const device = (byte: number) => new Uint8Array(32).fill(byte) as DeviceId
    const [alice, gone, bob] = [
      { user: 'alice', device: device(1) },
      { user: 'alice', device: device(2) },
      { user: 'bob', device: device(3) },
    ]
    expect(await store.account('bob')).toEqual(Uint8Array.of(0xbb))
    expect([await store.device(gone), await store.keysOf(alice)]).toEqual([null, Uint8Array.of(10)])
    const mail = await store.mailAfter(3, 0, 10)
    expect(mail.map(({ sequence, time, from, envelope }) => [sequence, time, from, envelope.length])).toEqual([
      [7, 100, alice, 1],
      [8, 101, gone, 2],
      [9, 102, alice, 3],
    ])
    expect([await store.sentTo(1, 3), await store.sentTo(2, 3)]).toEqual([5, 1])
    const postings = [5, 6].map((counter) =>
      posting({ from: alice, to: bob, counter, envelope: Uint8Array.of(counter) }),
    )
    expect(await store.commit({ ...nothingElse, postings })).toEqual([
      { kind: 'other-bytes' },
      { kind: 'accepted', device: 3, sequence: 10 },
    ])
    expect(await store.expireMail(12, 100)).toBe(3)
    expect(
      (await store.takeBundle(3, { afterSeconds: 0, untilSeconds: 9000, onceAfterSignedSeconds: 0 }, false)) ?? 'none',
    ).toBe('none')
    expect([await store.policies(), await store.lastLook()]).toEqual([
      [Uint8Array.of(1), Uint8Array.of(2)],
      { runningMs: 20, clockMs: 2000 },
    ])
  })

  it('says how full a mailbox is without a look at its mail, also one that an earlier version has written', async () => {
    const path = join(folder(), 'relay.db')
    const before = openDatabase(path, migrations.slice(0, 7))
    const [alice, bob] = [1, 2].map((byte) => ({ user: 'alice', device: new Uint8Array(32).fill(byte) as DeviceId }))
    before.exec(`
      INSERT INTO account (user, list) VALUES ('alice', x'aa');
      INSERT INTO device (row, user, id, last_sequence) VALUES (1, 'alice', x'${'01'.repeat(32)}', 0), (2, 'alice', x'${'02'.repeat(32)}', 8);
      INSERT INTO mail (device, sequence, sender, time, since, envelope) VALUES
        (2, 8, 1, 100, 10, zeroblob(${mailboxMaximumBytes / 2 - 2})), (2, 7, 1, 100, 10, x'01')`)
    before.close()
    const store = openSqliteStore(path)
    if (!alice || !bob) throw new Error('two devices')
    expect((await store.mailAfter(2, 0, 10)).map(({ sequence }) => sequence)).toEqual([7, 8])
    const say = async (counter: number) =>
      await store.commit({
        ...nothingElse,
        postings: [posting({ from: alice, to: bob, counter, envelope: Uint8Array.of(1) })],
      })
    expect(await say(1)).toEqual([{ kind: 'accepted', device: 2, sequence: 9 }])
    expect(await say(2)).toEqual([{ kind: 'share-full' }])
    store.close()
    const after = openDatabase(path, migrations)
    onTestFinished(() => after.close())
    const plan = after.prepare(
      'EXPLAIN QUERY PLAN SELECT sender, count(*), sum(length(envelope)) FROM mail WHERE device = 2 AND sequence <= 9 GROUP BY sender',
    )
    expect(JSON.stringify(plan.all())).toContain('USING COVERING INDEX mail_order')
  })

  it('says how much room blobs take without a look at each', () => {
    const database = openDatabase(':memory:', migrations)
    onTestFinished(() => database.close())
    const texts: string[] = []
    const prepare = (text: string) => {
      texts.push(text)
      return database.prepare(text)
    }
    sqliteBlobs({ prepare } as unknown as Database)
    const plans = texts.flatMap((text) => database.prepare(`EXPLAIN QUERY PLAN ${text}`).all())
    const scans = plans.map((plan) => String(plan['detail'])).filter((detail) => /^SCAN blob\b/.test(detail))
    expect(plans.length).toBeGreaterThan(texts.length / 2)
    expect(scans).toEqual([])
  })

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
