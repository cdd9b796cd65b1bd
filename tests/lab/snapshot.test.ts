import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { foundIn, locked, rawIn } from '../../client/lab/adversaries/seized.ts'
import { fileOf, type Snapshot, snapshotOf, storeFrom } from '../../client/lab/simulation/snapshot.ts'
import { openStore, storePath } from '../../client/node/store.ts'
import { createWorld } from '../support/world.ts'

const kept = 'a text that Alice has kept'
const deleted = 'a text that Alice has deleted'

/** Alice's device on disk, after she has deleted what Carol wrote. */
async function alices() {
  const world = await createWorld('a copied device')
  const [alice, bob] = await world.couple()
  const carol = await world.join('carol')
  await carol.goOnline()
  await bob.tell(alice, kept)
  await carol.tell(alice, deleted)
  await alice.tell(bob, 'and hers')
  const before = snapshotOf(alice.device.store)
  alice.device.conversations.forget('carol', null)
  return { world, alice, before, snapshot: snapshotOf(alice.device.store) }
}

const holds = (snapshot: Snapshot, text: string) => Buffer.from(fileOf(snapshot)).includes(text)

it('a snapshot holds what the file of the device does, and a store that is made of it is the same device', async () => {
  const { world, alice, snapshot } = await alices()
  const home = join(world.folder, 'copy')
  mkdirSync(home, { mode: 0o700 })
  writeFileSync(storePath(home), fileOf(snapshot), { mode: 0o600 })
  const onDisk = openStore(home)
  expect(snapshotOf(onDisk)).toEqual(snapshot)
  onDisk.close()
  const inMemory = storeFrom(snapshot)
  expect(snapshotOf(inMemory)).toEqual(snapshot)
  expect(inMemory.meta('self')).toEqual(alice.device.store.meta('self'))
})

it('a snapshot stays as it was, whatever is done with the device or with a store that is made of it', async () => {
  const { alice, snapshot } = await alices()
  const before = structuredClone(snapshot)
  const store = storeFrom(snapshot)
  store.transaction(() => {
    store.tables.history.clear()
    store.tables.meta.all().forEach(({ value }) => value.fill(0))
    store.tables.sessions.retireAll()
  })
  alice.write('bob', 'later')
  expect(snapshot).toEqual(before)
})

it('what was deleted is in no copy that is made afterwards, and was in those from before', async () => {
  const { before, snapshot } = await alices()
  expect([holds(before, deleted), holds(snapshot, deleted), holds(snapshot, kept)]).toEqual([true, false, true])
  expect(foundIn(snapshot, [], []).map(({ text }) => text)).toEqual(['and hers', kept])
  expect(foundIn(before, [], []).map(({ text }) => text)).toEqual(['and hers', deleted, kept])
})

it('a copy of a locked device shows nothing and has no text in its bytes, and the same device without a passphrase does', async () => {
  const { before } = await alices()
  const texts = foundIn(before, [], [])
  expect(rawIn(before, texts).map(({ text }) => text)).toEqual([deleted, kept])
  expect([foundIn(locked(before), [], []), rawIn(locked(before), texts)]).toEqual([[], []])
})
