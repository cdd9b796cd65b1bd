import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { concat, textField } from '../../crypto/bytes.ts'
import { openLock, type StoreKey } from '../../crypto/lock.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { type Device, openDevice } from '../../client/device/device.ts'
import { relock } from '../../client/device/relock.ts'
import type { DeviceStore } from '../../client/device/store.ts'
import { openStore } from '../../client/node/store.ts'
import { bytesOf, type Sql } from '../../client/device/sqlite/shape.ts'
import { sqlAt } from '../support/sql.ts'
import { lockedVault } from '../../client/device/vault.ts'
import { RelayError } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { lightLock } from '../support/lock.ts'
import { createWorld, type World } from '../support/world.ts'
import { rogueIn } from '../support/world-rogue.ts'
import { few } from '../support/long.ts'

const passphrase = 'correct horse battery'

const unlocked = (home: string, { random }: World, words = passphrase): DeviceStore =>
  openStore(home, (lock) => lockedVault(openLock(lock ?? new Uint8Array(), words), random))

const open = (store: DeviceStore, { random, clock }: World): Device => openDevice(store, { joinMode, random, clock })

function lockUp(home: string, { random }: World): void {
  const store = openStore(home)
  const key = random(32) as StoreKey
  relock(store, lightLock(passphrase, key, random), lockedVault(key, random))
  store.close()
}

/** Alice knows Bob and Carol, has verified Carol and blocked Bob; then somebody has her locked folder. */
async function seized(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  const carol = await world.join('carol')
  await carol.goOnline()
  await alice.tell(bob, 'for Bob')
  await alice.tell(carol, 'for Carol')
  alice.device.contacts.verify('carol')
  alice.device.contacts.setBlocked('bob', true)
  const home = join(world.folder, 'seized')
  await alice.copyTo(home)
  lockUp(home, world)
  return { world, home, alice, bob, carol }
}

/** Writes into the store as somebody can who has the file and no passphrase. */
const tamper = (home: string, work: (sql: Sql) => unknown): void => void work(sqlAt(home))

const sqlOf = (statement: string) => (sql: Sql) => sql.run(statement)

/** Every column that says whom to trust, from another row. */
const copied = (sql: Sql) => {
  const columns = sql
    .all('PRAGMA table_info(contact)')
    .map(({ name }) => String(name))
    .filter((name) => name !== 'user')
  const set = columns.map((name) => `${name} = (SELECT ${name} FROM contact WHERE user = 'carol')`).join(', ')
  sql.run(`UPDATE contact SET ${set} WHERE user = 'bob'`)
}

describe('whom a locked device trusts', () => {
  it('is what it was where nobody has written to the store', async () => {
    const { world, home } = await seized('left alone')
    const store = unlocked(home, world)
    const { contacts } = open(store, world)
    expect(contacts.all().map(({ user, verified, blocked }) => [user, verified, blocked])).toEqual([
      ['bob', false, true],
      ['carol', true, false],
    ])
    contacts.setBlocked('bob', false)
    contacts.setLifetime('carol', 60)
    contacts.noteShown('bob', at(contacts.all(), 0).list.accountKey)
    contacts.verify('bob')
    expect(() => open(store, world)).not.toThrow()
    store.close()
  })

  const writings: [string, (sql: Sql) => unknown][] = [
    ['say that a number was compared', sqlOf("UPDATE contact SET verified = 1 WHERE user = 'bob'")],
    ['say that it was not', sqlOf("UPDATE contact SET verified = 0 WHERE user = 'carol'")],
    ['unblock', sqlOf("UPDATE contact SET blocked = 0 WHERE user = 'bob'")],
    ['accept a request', sqlOf("UPDATE contact SET accepted = 1 - accepted WHERE user = 'carol'")],
    ['end a lifetime', sqlOf("UPDATE contact SET lifetime = 7 WHERE user = 'carol'")],
    ['set a changed key aside', sqlOf("UPDATE contact SET changed_list = list WHERE user = 'carol'")],
    ["put one contact in another's place", copied],
    ['take a contact out', sqlOf("DELETE FROM contact WHERE user = 'bob'")],
    ['put a contact under another name', sqlOf("UPDATE contact SET user = 'bobby' WHERE user = 'bob'")],
  ]
  it.each(few(writings, 1))('cannot be written without the passphrase: to %s', async (_what, work) => {
    const { world, home } = await seized('written to')
    tamper(home, work)
    const store = unlocked(home, world)
    expect(() => open(store, world)).toThrow(
      expect.objectContaining({ code: 'not-authentic', message: 'the store on disk has been changed' }),
    )
    store.close()
  })

  it('cannot be written without the passphrase: to have another account key under a name', async () => {
    const { world, home } = await seized('another key')
    const impostor = await rogueIn(world, 'mallory', 'carol')
    tamper(home, (sql) => sql.run("UPDATE contact SET list = ? WHERE user = 'carol'", impostor.account.signedList))
    const store = unlocked(home, world)
    expect(() => open(store, world)).toThrow(expect.objectContaining({ code: 'not-authentic' }))
    store.close()
  })

  it('is vouched for from now on where an older version has locked the store', async () => {
    const { world, home } = await seized('of an older version')
    const older = unlocked(home, world)
    const now = older.meta('self') ?? new Uint8Array()
    const rest = now.subarray(textField('doormat device 2').length, -2)
    older.setMeta('self', concat(textField('doormat device 1'), rest))
    sqlAt(home).run("DELETE FROM meta WHERE key = 'contacts'")
    sqlAt(home).run("UPDATE contact SET seal = x''")
    expect(open(older, world).contacts.get('carol')).toMatchObject({ verified: true, blocked: false })
    older.close()
    tamper(home, sqlOf("UPDATE contact SET seal = x'' WHERE user = 'carol'"))
    const store = unlocked(home, world)
    expect(() => open(store, world)).toThrow(expect.objectContaining({ code: 'not-authentic' }))
    store.close()
  })

  it('is not made good by another passphrase', async () => {
    const { world, home } = await seized('laundered')
    tamper(home, sqlOf("UPDATE contact SET verified = 1 WHERE user = 'bob'"))
    const store = unlocked(home, world)
    const key = world.random(32) as StoreKey
    const again = () =>
      relock(store, lightLock('another passphrase', key, world.random), lockedVault(key, world.random))
    expect(again).toThrow(expect.objectContaining({ code: 'not-authentic' }))
    store.close()
  })

  it('keeps its refusal of access modes, though somebody takes the words for it out of the store', async () => {
    const world = await createWorld('still refuses')
    const alice = await world.join('alice', { refusesAccess: true })
    await alice.leave()
    lockUp(alice.home, world)
    tamper(alice.home, (sql) =>
      sql.run("DELETE FROM meta WHERE key NOT IN ('self', 'device list', 'relay', 'policy key', 'lock')"),
    )
    const store = unlocked(alice.home, world)
    let refuses = true
    try {
      refuses = open(store, world).self.refusesAccess
    } catch (error) {
      expect(error).toMatchObject({ code: 'not-authentic' })
    }
    expect(refuses).toBe(true)
    store.close()
  })
})

describe('what a locked device sends', () => {
  it('goes to nobody else, though sessions were moved to another name', async () => {
    const { world, home, bob, carol } = await seized('moved sessions')
    tamper(home, (sql) => {
      sql.run("DELETE FROM session WHERE user = 'carol'")
      sql.run("UPDATE session SET user = 'carol', device = ? WHERE user = 'bob'", carol.address.device)
    })
    const store = unlocked(home, world)
    const { sessions } = open(store, world)
    expect(sessions.with('bob', bob.address.device)).toEqual([])
    expect(() => sessions.toSendWith('carol', carol.address.device)).toThrow(
      expect.objectContaining({ code: 'not-authentic' }),
    )
    store.close()
  })

  it("is nobody else's text, and none that somebody has put in its place", async () => {
    const world = await createWorld('put in the outbox', { graceMs: 0 })
    const [alice, bob] = await world.couple({ receipts: true })
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'for Bob')
    await alice.tell(carol, 'for Carol alone')
    alice.wire.refuses = () => new RelayError('unreachable', 'not now')
    await alice.goOffline()
    const home = join(world.folder, 'seized')
    alice.write('bob', 'also for Bob')
    const policy = at(await world.chain(), -1)
    alice.device.outbox.seal('bob', [bob.device.self.device.record], policy)
    await alice.copyTo(home)
    lockUp(home, world)
    tamper(home, (sql) => {
      const row = sql.get("SELECT row FROM history WHERE peer = 'carol' AND direction = 'out'")?.['row']
      expect(sql.run('UPDATE outbox SET message = ?', Number(row))).toBeGreaterThan(0)
    })
    await world.switchOn()
    const store = unlocked(home, world)
    const device = open(store, world)
    for (const { bytes } of (await world.chain()).slice(1)) device.policies.append(bytes)
    const head = at(await world.chain(), -1)
    expect(() => device.outbox.reseal(bob.address, head)).toThrow(expect.objectContaining({ code: 'not-authentic' }))
    store.close()
  })

  it('has its receipts and resets sealed while they wait, each for whom it is for', async () => {
    const world = await createWorld('a receipt waits')
    const [alice, bob] = await world.couple({ receipts: true })
    await alice.tell(bob, 'one')
    await bob.tell(alice, 'uno')
    await alice.goOffline()
    alice.look('bob')
    const policy = at(await world.chain(), -1)
    alice.device.outbox.sealReceipt('bob', [bob.device.self.device.record], policy)
    const home = join(world.folder, 'seized')
    await alice.copyTo(home)
    const contentIn = () =>
      bytesOf<Uint8Array>(sqlAt(home).get('SELECT content FROM outbox WHERE content IS NOT NULL')?.['content'])
    const content = contentIn()
    lockUp(home, world)
    expect(Buffer.from(contentIn()).includes(Buffer.from(content))).toBe(false)
  })
})
