import { expect, it } from 'vitest'
import { createPrekeys, usualSupply } from '../../client/device/prekeys.ts'
import { createSelf, loadSelf, storeSelf } from '../../client/device/self.ts'
import { openStoreInMemory } from '../../client/node/store.ts'
import { waiting } from '../../client/device/history.ts'
import { supplies } from '../../client/lab/simulation/actor.ts'
import type { PolicyKey } from '../../crypto/keys.ts'
import { decodePrekey } from '../../crypto/prekeys.ts'
import type { Connection } from '../../server/api.ts'
import { seededRandom } from '../support/random.ts'

/** A relay that counts no one-time key as used, and remembers which kinds it was handed. */
function listener() {
  const handed: string[][] = []
  const connection = {
    countPrekeys: async () => ({ oneTime: 50, kemOneTime: 50 }),
    publishPrekeys: async (prekeys: readonly Uint8Array[]) => {
      handed.push(prekeys.map((bytes) => decodePrekey(bytes).kind))
    },
  } as unknown as Connection
  return { connection, handed }
}

function device() {
  const [store, random] = [openStoreInMemory(), seededRandom('publishing')]
  const place = { relayUrl: '', relayCa: null, policyKey: random(32) as PolicyKey }
  storeSelf(store, createSelf('alice', { ...place, choices: { refusesAccess: false, receipts: false } }, random))
  let now = 1_700_000_000_000
  const prekeys = createPrekeys(store, loadSelf(store), random, { clock: () => now, running: () => now })
  return { store, prekeys, pass: (days: number) => void (now += days * 24 * 3600 * 1000) }
}

it('signed prekeys are handed in once over a connection, again over another, and anew when they are rotated', async () => {
  const { prekeys, pass } = device()
  const [first, second] = [listener(), listener()]
  await prekeys.publish(first.connection)
  await prekeys.publish(first.connection)
  await prekeys.publish(second.connection)
  pass(8)
  await prekeys.publish(second.connection)
  const lasting = ['signed', 'KEM last-resort']
  expect([first.handed, second.handed]).toEqual([[lasting], [lasting, lasting]])
})

it('signed prekeys that a relay did not take are handed in again over the same connection', async () => {
  const { prekeys } = device()
  const { connection, handed } = listener()
  const failing: Connection = Object.assign(connection, {})
  const take = connection.publishPrekeys.bind(connection)
  Object.assign(failing, { publishPrekeys: async () => Promise.reject(new Error('the relay stops')) })
  await expect(prekeys.publish(failing)).rejects.toThrow('the relay stops')
  Object.assign(failing, { publishPrekeys: take })
  await prekeys.publish(failing)
  expect(handed).toEqual([['signed', 'KEM last-resort']])
})

it('what waits to be sent is found by its index, however long the history', () => {
  const { store } = device()
  const plan = (sql: string) => store.all(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row['detail']))
  const [any, ofOne] = [
    plan(`SELECT 1 FROM history WHERE ${waiting}`),
    plan(`SELECT row FROM history WHERE ${waiting} AND peer = 'bob'`),
  ]
  for (const [detail] of [any, ofOne]) expect(detail).toContain('INDEX history_unsent')
})

it('a simulated person has a key for each who writes to them, and the usual supply where those are many', () => {
  const from = (writers: number) => ({
    messages: Array.from({ length: 2 * writers }, (_, i) => ({ at: i, from: `p${i % writers}`, to: 'bob', text: '' })),
  })
  const supply = (writers: number) => supplies(from(writers) as unknown as Parameters<typeof supplies>[0])('bob')
  expect(supply(3).refillTo).toBeGreaterThan(3)
  expect(supply(45).refillTo).toBeGreaterThan(45)
  expect([supply(46), supply(300)]).toEqual([usualSupply, usualSupply])
})
