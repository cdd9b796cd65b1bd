import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../client/device/sqlite/database.ts'
import { openReadOnly } from '../../server/sqlite.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { DeviceId, Digest } from '../../crypto/keys.ts'
import { at } from '../support/at.ts'
import { createWorld } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'

type Plans = Map<string, readonly string[]>

const explain = (prepared: readonly unknown[]) => prepared.map((row) => String((row as { detail: unknown }).detail))

/** Writes down every statement of a device, with how SQLite finds its rows. */
const watching =
  (plans: Plans) =>
  (database: Database): Database => ({
    ...through(database),
    get isTransaction() {
      return database.isTransaction
    },
    prepare(sql) {
      if (!plans.has(sql) && !sql.startsWith('PRAGMA') && sql !== 'VACUUM')
        plans.set(sql, explain(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()))
      return database.prepare(sql)
    },
  })

/** What nobody here looks at. */
const through = (database: Database) => ({
  exec: (sql: string) => database.exec(sql),
  close: () => database.close(),
})

/** The same for all that a relay ever prepares: it does so when it opens its store. */
function plansOfRelay(folder: string): Plans {
  const sources = new URL('../../server/store/', import.meta.url)
  const source = readdirSync(sources)
    .map((name) => readFileSync(new URL(name, sources), 'utf8'))
    .join('\n')
  const statements = [...source.matchAll(/\bsql\(\s*(['`])([^]*?)\1,?\s*\)/g)].map(([, , sql]) => sql as string)
  const path = join(folder, 'relay-plans.db')
  openSqliteStore(path).close()
  const database = openReadOnly(path)
  const plans = statements.map((sql) => [sql, explain(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())] as const)
  database.close()
  return new Map(plans)
}

/** Whole tables that may be gone through: what the statement begins with, and why that is little, or seldom. */
const spoken: readonly [RegExp, string][] = [
  [/FROM contact ORDER BY/, 'all contacts are asked for'],
  [/LEFT JOIN contact ON true/, 'all contacts are checked when the store is opened'],
  [/FROM (lease|look)/, 'there is one row'],
  [/FROM sqlite_sequence/, 'there is a row for each of three tables'],
  [/^SELECT 1 FROM receipt LIMIT 1$/, 'the first row answers'],
  [/FROM prekey WHERE made </, 'a device keeps some hundreds of prekeys'],
  [/FROM held/, 'a device holds 256 envelopes at most'],
  [/FROM outbox GROUP BY/, 'no more than 96 envelopes wait for a device'],
  [/(DELETE FROM|UPDATE) (outbox|sent|session)( SET retired = 1)?$/, 'all of it goes, after a rollback'],
  [/UPDATE history SET state = 'waiting' WHERE state = 'sealed'/, 'after a rollback'],
  [/FROM sent ORDER BY/, 'all of it is compared, once a connection'],
  [/SELECT link FROM policy ORDER BY epoch/, 'the whole chain, when a relay starts'],
]

const isScan = (detail: string) => /^SCAN (?!CONSTANT|people)/.test(detail)

const unspoken = (plans: Plans) =>
  [...plans]
    .map(([sql, details]) => [sql.replace(/\s+/g, ' '), details.filter(isScan)] as const)
    .filter(([sql, details]) => details.length > 0 && !spoken.some(([known]) => known.test(sql)))

describe('what a relay looks for', () => {
  it('is found without going through a table, but for what is spoken of', async () => {
    const { folder } = await createWorld('plans of a relay')
    const plans = plansOfRelay(folder)
    expect(plans.size).toBeGreaterThan(25)
    expect(unspoken(plans)).toEqual([])
  })
})

describe('what a device looks for', () => {
  it('is found without going through a table, but for what is spoken of', async () => {
    const plans: Plans = new Map()
    const world = await createWorld('plans', { graceMs: 0 })
    const [alice, bob] = await world.couple({ receipts: true })
    for (const person of [alice, bob]) {
      await person.restart(undefined, watching(plans))
      await person.goOnline()
    }
    const carol = await world.join('carol', { receipts: true })
    await carol.goOnline()
    await alice.tell(bob, 'one')
    await bob.tell(alice, 'uno')
    await carol.tell(bob, 'a request')
    const copy = join(world.folder, 'a copy')
    await alice.restart(() => cpSync(alice.home, copy, { recursive: true }), watching(plans))
    await alice.goOnline()
    bob.look('alice')
    await alice.untilLast('bob', 'read')
    bob.device.conversations.all()
    bob.device.contacts.setLifetime('alice', 60)
    await bob.tell(alice, 'that goes')
    alice.look('bob')
    world.later(120_000)
    await alice.until('for it to go', () => !alice.texts('bob').includes('that goes'))
    bob.device.conversations.forget('alice', null)
    bob.device.history.unsent('alice')
    bob.device.history.before(1_000_000, 'alice', 10)
    bob.device.history.after(0, 'alice', 10)
    const laptop = await world.link(alice)
    await laptop.goOnline()
    await alice.tell(bob, 'two')
    await world.switchOn()
    await alice.tell(bob, 'three')
    const impostor = await rogueIn(world, 'mallory', 'carol')
    bob.wire.inject(impostor.address, world.random(100))
    await bob.untilNoticed('unreadable')
    bob.device.contacts.learn('carol', impostor.account.signedList)
    bob.device.acceptChange('carol')
    bob.device.contacts.setBlocked('carol', true)
    bob.device.cannotSend('carol', 'no-prekeys', true)
    const putBack = () => {
      rmSync(alice.home, { recursive: true })
      cpSync(copy, alice.home, { recursive: true })
    }
    await alice.restart(putBack, watching(plans))
    await alice.goOnline()
    await alice.untilNoticed('rolled-back')
    world.later(40 * 24 * 3600 * 1000)
    expect(plans.size).toBeGreaterThan(80)
    expect(unspoken(plans)).toEqual([])
  })

  it('is what waits for one person, however much waits for others', async () => {
    const plans: Plans = new Map()
    const world = await createWorld('plans of what waits')
    const alice = await world.join('alice')
    await alice.restart(undefined, watching(plans))
    alice.write('bob', 'hello')
    const { outbox, history } = alice.device
    outbox.waitingFor()
    outbox.seal('bob', [], at(await world.chain(), -1))
    history.unsent('bob')
    alice.device.cannotSend('bob', 'no-prekeys', false)
    const ofWaiting = [...plans].filter(
      ([sql]) => /FROM history WHERE .*'waiting'/s.test(sql) && !sql.endsWith('LIMIT 1'),
    )
    expect(ofWaiting.length).toBeGreaterThan(2)
    for (const [sql, details] of ofWaiting)
      expect(details.join('\n'), sql).toMatch(/INDEX history_unsent \(state=\? AND peer[=>]\?\)/)
  })

  it('compares what was sent with what the relay remembers once for each device', async () => {
    const world = await createWorld('many devices')
    const alice = await world.join('alice')
    let looked = 0
    const counters = Array.from({ length: 400 }, (_, i) => {
      const to = { user: `p${i}`, device: world.random(32) as DeviceId }
      const digest = world.random(32) as Digest
      alice.device.store.tables.sent.set({ ...to, counter: 1, digest })
      return {
        counter: 1,
        digest,
        get to() {
          return ((looked += 1), to)
        },
      }
    })
    expect(alice.device.outbox.reconcile(counters)).toBe(true)
    expect(looked).toBeLessThanOrEqual(10 * counters.length)
  })

  it('takes a number of statements that grows with the messages when all are marked as read', async () => {
    const world = await createWorld('marked as read')
    const [alice, bob] = await world.couple({ receipts: true })
    await alice.tell(bob, 'hello')
    await bob.tell(alice, 'hello')
    await bob.goOffline()
    const statements = async (count: number) => {
      let asked = 0
      await bob.restart(undefined, (database) => ({
        ...through(database),
        get isTransaction() {
          return database.isTransaction
        },
        prepare(sql) {
          const statement = database.prepare(sql)
          return {
            run: (...values) => ((asked += 1), statement.run(...values)),
            get: (...values) => ((asked += 1), statement.get(...values)),
            all: (...values) => ((asked += 1), statement.all(...values)),
          }
        },
      }))
      const { history, conversations, store } = bob.device
      const { device } = alice.address
      store.transaction(() => {
        for (let i = 0; i < count; i++) {
          const content = {
            id: `${count} ${i}`.replace(' ', '-'),
            sequence: i + 3,
            sentAt: 1,
            abandoned: [],
            text: 'x',
          }
          history.addIncoming('alice', device, content, 1)
        }
      })
      asked = 0
      conversations.markRead('alice', history.lastRow())
      return asked
    }
    const [few, many] = [await statements(100), await statements(1600)]
    expect(many).toBeLessThanOrEqual(16 * few)
    expect(bob.device.store.tables.receipts.all().filter(({ status }) => status === 'read')).toHaveLength(1701)
  })
})
