import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createWorld } from '../support/world.ts'

it('a device that has nothing to do keeps no overwritten keys in the write-ahead log of its store', async () => {
  const world = createWorld('tidy')
  const [alice, bob] = await world.couple()
  for (const text of ['one', 'two', 'three']) await alice.tell(bob, text)
  for (const person of [alice, bob]) {
    await person.until('for an empty log', () => statSync(join(person.home, 'device.db-wal')).size === 0)
    expect(statSync(join(person.home, 'device.db')).size).toBeGreaterThan(0)
  }
})
