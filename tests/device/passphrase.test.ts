import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { base64url, hex } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { openLock, type StoreKey } from '../../crypto/lock.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { openDevice } from '../../client/device/device.ts'
import { relock } from '../../client/device/relock.ts'
import type { DeviceStore, Unlock } from '../../client/device/store.ts'
import { openStore } from '../../client/node/store.ts'
import { lockedVault, plainVault } from '../../client/device/vault.ts'
import { at } from '../support/at.ts'
import { lightLock } from '../support/lock.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { sqlAt } from '../support/sql.ts'

const random = seededRandom('passphrases')
const passphrase = 'correct horse battery staple'

const chosen = (text = passphrase) => {
  const key = random(32) as StoreKey
  return { lock: lightLock(text, key, random), vault: lockedVault(key, random), key }
}
const by =
  (text: string): Unlock =>
  (lock) =>
    lock ? lockedVault(openLock(lock, text), random) : plainVault

/** Puts a lock over a store that had been plain, as the person's program would. */
function lockUp(person: Person, text = passphrase): StoreKey {
  const store = openStore(person.home)
  const { lock, vault, key } = chosen(text)
  relock(store, lock, vault)
  store.close()
  return key
}

const device = (store: DeviceStore, world: World) => openDevice(store, { joinMode, random, clock: world.clock })
const textsIn = (store: DeviceStore, world: World) =>
  device(store, world)
    .history.after(0, null, 1000)
    .flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []))
const filesOf = (home: string) => Buffer.concat(readdirSync(home).map((name) => readFileSync(join(home, name))))

/** Somebody with a conversation, whose program has ended. */
async function talked(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'a-text-that-alice-wrote')
  await bob.tell(alice, 'a-text-that-bob-wrote')
  alice.device.contacts.noteShown('bob', at(bob.device.self.list.devices, 0).accountKey)
  await alice.goOffline()
  return { world, alice, bob }
}

/** Everything in a device that nobody is to find: in raw bytes, in hex and in base64. */
function secretsOf({ device: { self, sessions, store } }: Person, other: Person): Map<string, Buffer> {
  const [session] = sessions.with(other.name, other.address.device)
  if (!session) throw new Error('they have not talked')
  const { sending, receiving, rootKey, ours } = session.ratchet
  const prekey = at(store.tables.prekeys.all(), -1).bytes
  const named: Record<string, Uint8Array | undefined> = {
    'the signing secret': self.device.signingSecret,
    'the identity secret': self.device.identitySecret,
    'the account secret': self.accountSecret(),
    'the root key': rootKey,
    'the ratchet secret': ours.secret,
    'the sending chain key': sending?.chainKey,
    'the sending header key': sending?.headerKey,
    'the receiving header key': receiving[0]?.headerKey,
    'a prekey secret': prekey.subarray(-96, -64),
    "the relay's address": Buffer.from('in this process'),
    'a text written': Buffer.from('a-text-that-alice-wrote'),
    'a text read': Buffer.from('a-text-that-bob-wrote'),
  }
  return new Map(
    Object.entries(named).flatMap(([name, bytes]) => {
      if (!bytes) throw new Error(`no ${name}`)
      const forms = [Buffer.from(bytes), Buffer.from(hex(bytes)), Buffer.from(base64url(bytes))]
      return forms.map((form, i): [string, Buffer] => [`${name}, form ${i + 1}`, form])
    }),
  )
}

describe('a store with a passphrase', () => {
  it('opens with the passphrase, and everything is as it was', async () => {
    const { world, alice } = await talked('opens')
    const before = alice.entries()
    const secrets = [alice.device.self.device.signingSecret, alice.device.self.accountSecret()]
    await alice.restart(() => lockUp(alice), undefined, by(passphrase))
    expect(alice.entries()).toEqual(before)
    expect([alice.device.self.device.signingSecret, alice.device.self.accountSecret()]).toEqual(secrets)
    expect(textsIn(alice.device.store, world)).toEqual(['a-text-that-alice-wrote', 'a-text-that-bob-wrote'])
  })

  it('does not open with another, and asks for one where none is given', async () => {
    const { alice } = await talked('does not open')
    await alice.leave()
    lockUp(alice)
    expect(() => openStore(alice.home, by('another passphrase'))).toThrow(
      expect.objectContaining({ name: 'CryptoError', code: 'wrong-passphrase' }),
    )
    expect(() => openStore(alice.home)).toThrow(expect.objectContaining({ name: 'ClientError', code: 'locked' }))
    await alice.restart(undefined, undefined, by(passphrase))
  })

  it('talks on: sessions, prekeys and texts are read and written under the lock', async () => {
    const { alice, bob } = await talked('talks on')
    await alice.restart(() => lockUp(alice), undefined, by(passphrase))
    await alice.goOnline()
    await bob.tell(alice, 'a-text-after-the-lock')
    await alice.tell(bob, 'another-after-the-lock')
    await alice.goOffline()
    const raw = filesOf(alice.home)
    for (const text of ['a-text-after-the-lock', 'another-after-the-lock']) expect(raw.includes(text)).toBe(false)
    expect(alice.sessionsWith(bob)).toHaveLength(1)
  })

  it('shows nothing of keys, texts or the relay in its raw file, though it had been plain', async () => {
    const { alice, bob } = await talked('raw')
    const secrets = secretsOf(alice, bob)
    const found = () => {
      const raw = filesOf(alice.home)
      return [...secrets].filter(([, form]) => raw.includes(form)).map(([name]) => name)
    }
    const plainly = found()
    for (const name of ['the signing secret', 'the root key', 'a prekey secret', 'a text written', 'a text read'])
      expect(plainly).toContain(`${name}, form 1`)
    await alice.restart(
      () => {
        const key = lockUp(alice)
        expect([found(), filesOf(alice.home).includes(Buffer.from(key))]).toEqual([[], false])
      },
      undefined,
      by(passphrase),
    )
    await alice.goOnline()
    await bob.tell(alice, 'one more')
    await alice.goOffline()
    expect(found()).toEqual([])
  })

  it('keeps each value to its place: what is moved elsewhere does not open', async () => {
    const { world, alice, bob } = await talked('swapped')
    await alice.restart(() => lockUp(alice), undefined, by(passphrase))
    const { store } = alice.device
    const sql = sqlAt(alice.home)
    const swap = (table: string, column: string, one: string, other: string) => {
      const [a, b] = [one, other].map(
        (where) => at(sql.all(`SELECT ${column} FROM ${table} WHERE ${where}`), 0)[column],
      )
      sql.run(`UPDATE ${table} SET ${column} = ? WHERE ${one}`, b as Uint8Array)
      return () => sql.run(`UPDATE ${table} SET ${column} = ? WHERE ${one}`, a as Uint8Array)
    }
    const opened = (work: () => unknown) => {
      try {
        work()
        return 'opened'
      } catch (error) {
        return error instanceof CryptoError ? error.code : String(error)
      }
    }
    const [first, second] = sql.all("SELECT row FROM history WHERE kind = 'message' ORDER BY row")
    const undo = swap('history', 'text', `row = ${Number(first?.['row'])}`, `row = ${Number(second?.['row'])}`)
    expect(opened(() => textsIn(store, world))).toBe('not-authentic')
    undo()
    expect(opened(() => textsIn(store, world))).toBe('opened')

    const undoMeta = swap('meta', 'value', "key = 'self'", "key = 'device list'")
    expect(opened(() => device(store, world))).toBe('not-authentic')
    undoMeta()
    const [low, high] = ['min', 'max'].map((which) => Number(sql.get(`SELECT ${which}(id) AS id FROM prekey`)?.['id']))
    const sealed = at(sql.all('SELECT bytes FROM prekey WHERE id = ?', high ?? 0), 0)['bytes'] as Uint8Array
    expect(opened(() => store.vault.open(`prekey ${high}`, new Uint8Array(sealed)))).toBe('opened')
    expect(opened(() => store.vault.open(`prekey ${low}`, new Uint8Array(sealed)))).toBe('not-authentic')
    sql.run('UPDATE session SET bytes = ?', sealed)
    expect(opened(() => alice.sessionsWith(bob))).toBe('not-authentic')
  })

  it('does not open with a bit of anything sealed turned', async () => {
    const vault = lockedVault(random(32) as StoreKey, random)
    const sealed = vault.seal('meta self', Uint8Array.of(1, 2, 3))
    expect(vault.open('meta self', sealed)).toEqual(Uint8Array.of(1, 2, 3))
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const altered = sealed.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(() => vault.open('meta self', altered)).toThrow(expect.objectContaining({ code: 'not-authentic' }))
    }
    for (let size = 0; size < sealed.length; size++)
      expect(() => vault.open('meta self', sealed.subarray(0, size))).toThrow(CryptoError)
  })

  it('seals the same value differently each time', () => {
    const vault = lockedVault(random(32) as StoreKey, random)
    const forms = Array.from({ length: 10 }, () => hex(vault.seal('here', new Uint8Array(4))))
    expect(new Set(forms).size).toBe(10)
  })
})

describe('a passphrase that is changed', () => {
  it('opens, and the one before does not; the key of the store is another one', async () => {
    const { world, alice } = await talked('changed')
    await alice.leave()
    lockUp(alice)
    const store = openStore(alice.home, by(passphrase))
    const next = chosen('another horse altogether')
    relock(store, next.lock, next.vault)
    store.close()
    expect(() => openStore(alice.home, by(passphrase))).toThrow(expect.objectContaining({ code: 'wrong-passphrase' }))
    await alice.restart(undefined, undefined, by('another horse altogether'))
    expect(textsIn(alice.device.store, world)).toEqual(['a-text-that-alice-wrote', 'a-text-that-bob-wrote'])
  })

  it('may be taken away', async () => {
    const { world, alice } = await talked('taken away')
    await alice.leave()
    lockUp(alice)
    const store = openStore(alice.home, by(passphrase))
    relock(store, null, plainVault)
    store.close()
    await alice.restart()
    expect(textsIn(alice.device.store, world)).toEqual(['a-text-that-alice-wrote', 'a-text-that-bob-wrote'])
  })

  it('leaves the store as it was where it fails in the middle', async () => {
    const { world, alice } = await talked('fails in the middle')
    await alice.leave()
    lockUp(alice)
    const store = openStore(alice.home, by(passphrase))
    const { lock, vault } = chosen('another horse altogether')
    let seals = 0
    const failing = {
      ...vault,
      seal(place: string, bytes: Uint8Array) {
        seals += 1
        if (seals > 20) throw new Error('the disk is full')
        return vault.seal(place, bytes)
      },
    }
    expect(() => relock(store, lock, failing)).toThrow('the disk is full')
    store.close()
    await alice.restart(undefined, undefined, by(passphrase))
    expect(textsIn(alice.device.store, world)).toHaveLength(2)
  })

  it('lets no other process write with the key before: not when it was set, changed, nor taken away', async () => {
    const { alice } = await talked('another process')
    await alice.leave()
    const [one, two, none] = [
      chosen('first passphrase'),
      chosen('second passphrase'),
      { lock: null, vault: plainVault },
    ]
    let unlock: Unlock = () => plainVault
    for (const next of [one, two, none]) {
      const other = openStore(alice.home, unlock)
      const store = openStore(alice.home, unlock)
      relock(store, next.lock, next.vault)
      unlock = () => next.vault
      for (const old of [other, store]) {
        const before = old.tables.meta.get('policy key')
        for (const write of [() => old.setMeta('policy key', new Uint8Array(32)), () => old.vault.seal('x', random(3))])
          expect(write).toThrow(expect.objectContaining({ name: 'ClientError', code: 'locked' }))
        expect(old.tables.meta.get('policy key')).toEqual(before)
        old.close()
      }
      const fresh = openStore(alice.home, unlock)
      fresh.setMeta('something', Uint8Array.of(1))
      expect(fresh.meta('something')).toEqual(Uint8Array.of(1))
      fresh.close()
    }
    await alice.restart()
  })
})
