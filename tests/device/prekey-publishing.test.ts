import { expect, it } from 'vitest'
import { createPrekeys, prekeyPlace, usualSupply } from '../../client/device/prekeys.ts'
import { createSelf, loadSelf, storeSelf } from '../../client/device/self.ts'
import { openStoreInMemory } from '../../client/device/memory/store.ts'
import { supplies } from '../../client/lab/simulation/actor.ts'
import type { PolicyKey } from '../../crypto/keys.ts'
import type { Handshake } from '../../crypto/pqxdh.ts'
import { createPrekey, decodePrekey, encodePrekeySecret } from '../../crypto/prekeys.ts'
import type { Connection } from '../../server/api.ts'
import { seededRandom } from '../support/random.ts'
import { outcome } from '../support/refusal.ts'

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
  /** Two that last, as they are stored when they are published. */
  const made = (): { readonly signed: number; readonly kem: number } => {
    const first = 1 + store.tables.prekeys.last()
    for (const [i, kind] of (['signed', 'KEM last-resort'] as const).entries()) {
      const prekey = createPrekey(kind, first + i, 1_800_000_000, loadSelf(store).device, random)
      const bytes = store.vault.seal(prekeyPlace(prekey.id), encodePrekeySecret(prekey))
      store.tables.prekeys.add({ id: prekey.id, kind, expires: prekey.expiresAtSeconds, made: 0, bytes })
    }
    return { signed: first, kem: first + 1 }
  }
  return { store, prekeys, made, pass: (days: number) => void (now += days * 24 * 3600 * 1000) }
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

it('a simulated person has a key for each who writes to them, and the usual supply where those are many', () => {
  const from = (writers: number) => ({
    messages: Array.from({ length: 2 * writers }, (_, i) => ({ at: i, from: `p${i % writers}`, to: 'bob', text: '' })),
  })
  const supply = (writers: number) => supplies(from(writers) as unknown as Parameters<typeof supplies>[0])('bob')
  expect(supply(3).refillTo).toBeGreaterThan(3)
  expect(supply(45).refillTo).toBeGreaterThan(45)
  expect([supply(46), supply(300)]).toEqual([usualSupply, usualSupply])
})

it('prekeys from before suite 2 answer handshakes of before, and no others; those of now answer those of now', () => {
  const { store, prekeys, made } = device()
  const [before, now] = [made(), made()]
  const rows = store.tables.prekeys.all()
  store.tables.prekeys.clear()
  store.tables.prekeys.fill(rows.map((row) => (row.id <= before.kem ? { ...row, expires: 0 } : row)))
  const answer = (suite: 1 | 2, { signed, kem }: typeof now) =>
    outcome(() =>
      prekeys.answering({ suite, signedPrekeyId: signed, oneTimePrekeyId: null, kemPrekeyId: kem } as Handshake),
    )
  expect([answer(1, before), answer(2, now)]).toEqual(['accepted', 'accepted'])
  expect([answer(2, before), answer(1, now), answer(2, { signed: now.signed, kem: before.kem })]).toEqual([
    'key-gone',
    'key-gone',
    'key-gone',
  ])
})
