import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore, storePath } from '../../client/node/store.ts'
import { createRunningTime, type Look, wordsForLeap } from '../../server/running-time.ts'
import { openDatabase } from '../../server/sqlite.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { folder } from '../support/relay-folder.ts'
import { seededRandom } from '../support/random.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { enroll, post } from '../support/stored.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Processes that count on one store, with a clock that the test moves. */
function counted() {
  const clock = { now: 1_700_000_000_000 }
  const leaps: number[] = []
  const kept: { look: Look | null; saves: number } = { look: null, saves: 0 }
  const lastLook = {
    load: () => kept.look,
    save: (look: Look) => {
      kept.look = look
      kept.saves += 1
    },
  }
  const process = () =>
    createRunningTime(
      lastLook,
      () => clock.now,
      (leapMs) => leaps.push(leapMs),
    )
  return { clock, leaps, kept, process }
}

describe('running time', () => {
  it('begins at nothing, and goes on with the clock', () => {
    const { clock, process, leaps } = counted()
    const running = process()
    expect(running()).toBe(0)
    for (const ms of [1, 999, 59_000, hour, day]) clock.now += ms
    expect(running()).toBe(day)
    clock.now += day
    expect(running()).toBe(2 * day)
    expect(leaps).toEqual([day + hour + minute])
  })

  it('counts a leap as a day, and nothing where the clock is put back, in one process and across a restart', () => {
    const { clock, process, leaps } = counted()
    const running = process()
    running()
    clock.now += 40 * day
    expect([running(), running()]).toEqual([day, day])
    clock.now -= 40 * day
    expect(process()()).toBe(day)
    clock.now += 5 * minute
    expect(running()).toBe(day + 5 * minute)
    expect(leaps).toEqual([40 * day, -40 * day])
  })

  it('is saved once a minute: what two processes count is the same, and little is lost with either', () => {
    const { clock, process, kept } = counted()
    const [one, other] = [process(), process()]
    for (let i = 0; i <= 600; i++) {
      expect(one()).toBe(other())
      clock.now += 1000
    }
    expect(kept.saves).toBe(11)
    expect(process()()).toBe(601_000)
  })

  it('is told of in words', () => {
    expect([day + hour, 40 * day, 10 * 365 * day].map((ms) => wordsForLeap(ms).split(' ')[4])).toEqual([
      '25',
      '40',
      '10',
    ])
    expect(wordsForLeap(-2 * hour)).toBe('the clock was put back by 2 hours: nothing is counted for it')
  })
})

/** Steps that do nothing, more than there are: whatever version a store is of, none is missing. */
const ofAnyVersion = Array.from({ length: 100 }, () => '')

/** What a store had when the relay did not yet count in memory how full mailboxes are. */
const beforeMemory = `
  ALTER TABLE device ADD COLUMN mail_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE device ADD COLUMN mail_bytes INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE share (device INTEGER, sender INTEGER, mail_count INTEGER, mail_bytes INTEGER)`

const beforeBlobs = `DROP TABLE blob; DROP TABLE blob_account; DROP TABLE blob_all`

describe('a store from before there was running time', () => {
  it('of a relay keeps its mail, as old as the newest says, and 29 days at most', async () => {
    const path = join(folder(), 'relay.db')
    const [store, id] = [openSqliteStore(path), seededRandom('device')(32) as DeviceId]
    await enroll(store, 'alice', [id])
    const alice = { user: 'alice', device: id }
    const row = (await store.device(alice))?.row ?? 0
    const newest = 1_700_000_000_000
    for (const [i, age] of [4000, 20, 0].entries())
      await post(store, alice, alice, [new Uint8Array(i)], newest - age * day, 0)
    store.close()
    const before = openDatabase(path, ofAnyVersion)
    before.exec(
      `${beforeBlobs}; ${beforeMemory}; DROP TABLE look; DROP INDEX mail_since; ALTER TABLE mail DROP COLUMN since; CREATE INDEX mail_time ON mail (time); ALTER TABLE device DROP COLUMN keys; PRAGMA user_version = 3`,
    )
    before.close()
    const opened = openSqliteStore(path)
    const gone: number[] = []
    for (const days of [-29, -20, -19.9]) gone.push(await opened.expireMail(days * day, 100))
    expect(gone).toEqual([0, 1, 1])
    expect(await opened.mailAfter(row, 0, 9)).toHaveLength(1)
    opened.close()
  })

  it('of a device keeps what is left of a lifetime, a day of it at least, and forgets in the end', () => {
    const home = folder()
    openStore(home).close()
    const before = openDatabase(storePath(home), ofAnyVersion)
    before.exec(
      `DROP TABLE look; ALTER TABLE prekey DROP COLUMN made; CREATE INDEX history_forgotten ON history (recorded_at); DROP INDEX history_attached; DROP INDEX history_unsent;
       ALTER TABLE history DROP COLUMN confirmed; DROP INDEX history_named; DROP INDEX history_awaited; ALTER TABLE history DROP COLUMN about;
       ALTER TABLE history DROP COLUMN attachment; DROP INDEX history_in; ALTER TABLE history DROP COLUMN author;
       CREATE UNIQUE INDEX history_in ON history (peer, device, id) WHERE direction = 'in';
       ALTER TABLE contact DROP COLUMN seal; DROP INDEX receipt_id; DROP INDEX receipt_order; DROP INDEX ledger_expires;
       CREATE INDEX history_waiting ON history (state, row) WHERE state IN ('waiting', 'sealed'); PRAGMA user_version = 3`,
    )
    const now = 1_700_000_000_000
    const add = before.prepare(
      "INSERT INTO history (kind, recorded_at, lifetime, goes_at, text) VALUES (?, ?, ?, ?, x'')",
    )
    const week = 7 * 86_400
    for (const [kind, lifetime, goesAt] of [
      ['message', week, now + 3 * day],
      ['message', week, now - 3650 * day],
      ['message', week, now + 3650 * day],
      ['message', 60, now + 30_000],
      ['message', 0, null],
      ['forgotten', 0, null],
    ] as const)
      add.run(kind, now, lifetime, goesAt)
    before.close()
    const store = openStore(home)
    const left = store.tables.history.all().map(({ goesAt }) => goesAt)
    expect(left).toEqual([3 * day, day, 7 * day, minute, null, 60 * day])
    store.close()
  })
})
