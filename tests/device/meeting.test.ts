import { expect, it } from 'vitest'
import { openDevice } from '../../client/device/device.ts'
import { openStore } from '../../client/node/store.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { createWorld, type Person } from '../support/world.ts'

/** What another process of somebody's does with their device, while theirs is connected. */
function elsewhere({ home, random }: Person, work: (device: ReturnType<typeof openDevice>) => void): void {
  const store = openStore(home)
  work(openDevice(store, { joinMode, random, clock: Date.now }))
  store.close()
}

it('whoever is to be met is asked for by the process that is connected', async () => {
  const world = await createWorld('met from elsewhere')
  const alice = await world.join('alice')
  await world.join('bob')
  await alice.goOnline()
  elsewhere(alice, (device) => {
    device.meet('bob')
    device.meet('bob')
    device.meet('nobody')
    expect(device.toMeet.all()).toEqual(['bob', 'nobody'])
  })
  await alice.until('to know bob', () => alice.device.contacts.isKnown('bob'))
  await alice.until('to have asked for all', () => alice.device.toMeet.all().length === 0)
  expect(alice.notices('not-sent').map(({ peer, text }) => [peer, text])).toEqual([['nobody', 'unknown-user']])
})

it('whoever was to be met when the program ended is met by the next one', async () => {
  const world = await createWorld('met later')
  const alice = await world.join('alice')
  await world.join('bob')
  alice.device.meet('bob')
  await alice.restart()
  await alice.goOnline()
  await alice.until('to know bob', () => alice.device.contacts.isKnown('bob'))
})
