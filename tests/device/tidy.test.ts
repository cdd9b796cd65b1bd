import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createWorld, type Person } from '../support/world.ts'

/** The key that somebody's next message will be made with. */
function chainKeyOf(person: Person, other: Person): Uint8Array {
  const key = person.sessionsWith(other)[0]?.ratchet.sending?.chainKey
  if (!key) throw new Error(`${person.name} has not written to ${other.name}`)
  return Uint8Array.from(key)
}

const isIn = (person: Person, file: string, bytes: Uint8Array) =>
  readFileSync(join(person.home, file)).includes(Buffer.from(bytes))

it('a device that has nothing to do keeps no overwritten keys in the write-ahead log of its store', async () => {
  const world = await createWorld('tidy')
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'one')
  const overwritten = chainKeyOf(alice, bob)
  for (const text of ['two', 'three']) await alice.tell(bob, text)
  const last = chainKeyOf(alice, bob)
  // the device may have had nothing to do in between; what is written there later has no keys in it
  await alice.until('for a log without either', () =>
    [overwritten, last].every((key) => !isIn(alice, 'device.db-wal', key)),
  )
  expect(isIn(alice, 'device.db', overwritten)).toBe(false)
  expect(isIn(alice, 'device.db', last)).toBe(true)
})
