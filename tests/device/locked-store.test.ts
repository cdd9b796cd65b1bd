import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { concat, u32, utf8 } from '../../crypto/bytes.ts'
import { openLock, type StoreKey } from '../../crypto/lock.ts'
import { type Device, openDevice } from '../../client/device/device.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { relock } from '../../client/device/relock.ts'
import type { DeviceStore } from '../../client/device/store.ts'
import { openStore, storePath } from '../../client/node/store.ts'
import { bytesOf } from '../../client/device/sqlite/shape.ts'
import { sqlAt } from '../support/sql.ts'
import { lockedVault } from '../../client/device/vault.ts'
import { at } from '../support/at.ts'
import { lightLock } from '../support/lock.ts'
import { createWorld, type World } from '../support/world.ts'

const passphrase = 'correct horse battery'
const secretText = 'nobody but Bob is to know this'
const secretReply = 'nobody but Alice is to know this'

const unlocked = (home: string, { random }: World, words = passphrase): DeviceStore =>
  openStore(home, (lock) => lockedVault(openLock(lock ?? new Uint8Array(), words), random))

const deviceOn = (store: DeviceStore, { random, clock }: World) => openDevice(store, { joinMode, random, clock })

/** Alice has talked with Bob; then somebody has her device's folder, over whose store there was a passphrase. */
async function seized(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob] = await world.couple()
  await alice.tell(bob, secretText)
  await bob.tell(alice, secretReply)
  const { self } = alice.device
  const secrets = [self.accountSecret(), self.device.signingSecret, self.device.identitySecret]
  const rootKeys = alice.sessionsWith(bob).map(({ ratchet }) => ratchet.rootKey)
  const canaries = [utf8(secretText), utf8(secretReply), ...secrets, ...rootKeys].map((bytes) => Buffer.from(bytes))
  const home = join(world.folder, 'seized')
  await alice.copyTo(home)
  const clear = filesOf(home)
  const store = openStore(home)
  const key = world.random(32) as StoreKey
  relock(store, lightLock(passphrase, key, world.random), lockedVault(key, world.random))
  store.close()
  return { world, home, canaries, clear, sealed: filesOf(home) }
}

const filesOf = (home: string) => Buffer.concat(readdirSync(home).map((name) => readFileSync(join(home, name))))
const found = (files: Buffer, canaries: readonly Buffer[]) => canaries.map((canary) => files.includes(canary))

const texts = ({ history }: Device) => history.after(0, null, 100).map(({ text }) => text)

describe('a store with a passphrase', () => {
  it('has none of the texts and secrets in the clear that it had without', async () => {
    const { canaries, clear, sealed } = await seized('locked')
    expect(new Set(found(clear, canaries))).toEqual(new Set([true]))
    expect(new Set(found(sealed, canaries))).toEqual(new Set([false]))
  })

  it('opens with its passphrase, with no other and not without', async () => {
    const { world, home } = await seized('which passphrase')
    for (const wrong of ['', 'Correct horse battery', `${passphrase} `])
      expect(() => unlocked(home, world, wrong)).toThrow(expect.objectContaining({ code: 'wrong-passphrase' }))
    expect(() => openStore(home)).toThrow(expect.objectContaining({ code: 'locked' }))
    const store = unlocked(home, world)
    expect(texts(deviceOn(store, world))).toEqual(expect.arrayContaining([secretText, secretReply]))
    store.close()
  })

  it('does not open where its lock was taken away, cut, made to ask for endless work, or is that of somebody else', async () => {
    const { world, home } = await seized('another lock')
    const lock = bytesOf(rawLock(home))
    const costAt = 4 + utf8('doormat lock 1').length
    const costly = concat(lock.subarray(0, costAt), u32(0xffff_ffff), lock.subarray(costAt + 4))
    const theirs = lightLock(passphrase, world.random(32) as StoreKey, world.random)
    for (const [given, fault] of [
      [lock.subarray(0, -1), 'malformed'],
      [costly, 'malformed'],
      [theirs, 'not-authentic'],
    ] as const) {
      setRawLock(home, given)
      expect(() => deviceOn(unlocked(home, world), world)).toThrow(expect.objectContaining({ code: fault }))
    }
    setRawLock(home, null)
    expect(() => deviceOn(openStore(home), world)).toThrow()
  })

  it('notices a value that was turned, or put in the place of another', async () => {
    const { world, home } = await seized('swapped')
    const store = unlocked(home, world)
    const sql = sqlAt(home)
    const [one, other] = sql.all("SELECT row, text FROM history WHERE kind = 'message' ORDER BY row")
    const [text, otherText] = [bytesOf(one?.['text']), bytesOf(other?.['text'])]
    const { history } = deviceOn(store, world)
    const put = (bytes: Uint8Array) => sql.run('UPDATE history SET text = ? WHERE row = ?', bytes, Number(one?.['row']))
    for (const bytes of [otherText, text.with(-1, 255 - at([...text], -1)), text.subarray(1), new Uint8Array()]) {
      put(bytes)
      expect(() => history.after(0, null, 100)).toThrow(expect.objectContaining({ code: 'not-authentic' }))
    }
    put(text)
    expect(history.after(0, null, 100).map((entry) => entry.text)).toContain(secretText)
    const session = sql.get('SELECT bytes FROM session')
    sql.run("UPDATE meta SET value = ? WHERE key = 'self'", bytesOf(session?.['bytes']))
    expect(() => deviceOn(store, world)).toThrow(expect.objectContaining({ code: 'not-authentic' }))
    store.close()
  })

  it('is never taken for a new one, nor read in part, where its file was cut off', async () => {
    const { world, home } = await seized('truncated')
    const path = storePath(home)
    const whole = readFileSync(path)
    const readAll = () => {
      const store = unlocked(home, world)
      try {
        for (const { name } of sqlAt(home).all("SELECT name FROM sqlite_master WHERE type = 'table'"))
          sqlAt(home).all(`SELECT * FROM ${String(name)}`)
        return texts(deviceOn(store, world))
      } finally {
        store.close()
      }
    }
    const cutAt = (share: number) => {
      for (const name of readdirSync(home)) rmSync(join(home, name))
      writeFileSync(path, whole.subarray(0, Math.floor(whole.length * share)))
    }
    for (const share of [0, 0.01, 0.3, 0.6, 0.9]) {
      cutAt(share)
      expect(readAll, `${share} of it`).toThrow()
    }
    cutAt(1)
    expect(readAll()).toEqual(expect.arrayContaining([secretText, secretReply]))
  })
})

/** As somebody with the file and no passphrase gets at it. */
const rawLock = (home: string) => sqlAt(home).get("SELECT value FROM meta WHERE key = 'lock'")?.['value']

const setRawLock = (home: string, lock: Uint8Array | null) =>
  lock
    ? sqlAt(home).run("INSERT OR REPLACE INTO meta (key, value) VALUES ('lock', ?)", lock)
    : sqlAt(home).run("DELETE FROM meta WHERE key = 'lock'")
