import { expect, it } from 'vitest'
import { concat, field, fromBase64url, u8, utf8 } from '../../crypto/bytes.ts'
import { createWorld, type Person } from '../support/world.ts'
import { forge, plainly } from '../support/world-forge.ts'

/* Somebody whose version knows more than this one. */

const trouble = (person: Person) => (['gap', 'late', 'unreadable'] as const).flatMap((kind) => person.notices(kind))
const later = { ...plainly, kind: 'unknown', number: 200, text: '', body: utf8('of another time') } as const
const further = [{ which: 77, bytes: utf8('more') }]

it('is told of and kept, takes its place in the order, and the conversation goes on', async () => {
  const world = await createWorld('a newer version')
  const [alice, bob] = await world.couple()
  await bob.tell(alice, 'hello')
  await alice.tell(bob, 'one')
  await forge(world, alice, bob, { ...later, sequence: 2 })
  await bob.untilNoticed('newer')
  await forge(world, alice, bob, { ...plainly, kind: 'text', id: 'with-more', sequence: 3, text: 'three', further })
  await bob.untilNoticed('newer', 2)
  await bob.untilRead('alice', 'three')
  const kept = bob.notices('newer').map(({ text }) => fromBase64url(text))
  expect(kept).toEqual([concat(u8(200), utf8('of another time')), concat(u8(77), field(utf8('more')))])
  await forge(world, alice, bob, { ...plainly, kind: 'receipt', status: 'read', ids: ['none'], further, text: '' })
  await bob.untilNoticed('newer', 3)
  expect(trouble(bob)).toEqual([])
})

it('is told of sixteen times a day, and of what is to vanish nothing is kept', async () => {
  const world = await createWorld('many newer ones')
  const [alice, bob] = await world.couple()
  await bob.tell(alice, 'hello')
  await alice.tell(bob, 'one')
  const fading = {
    ...plainly,
    kind: 'text',
    id: 'gone',
    sequence: 2,
    lifetimeSeconds: 60,
    text: 'soon',
    further,
  } as const
  await forge(world, alice, bob, fading)
  await bob.untilNoticed('newer')
  expect(bob.notices('newer')).toMatchObject([{ text: '' }])
  for (let i = 0; i < 20; i++) await forge(world, alice, bob, { ...later, id: `id-${i}` })
  await alice.tell(bob, 'two')
  expect(bob.notices('newer')).toHaveLength(16)
})

it('is not heard of from somebody who is blocked', async () => {
  const world = await createWorld('a newer version, blocked')
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'one')
  bob.device.contacts.setBlocked('alice', true)
  await forge(world, alice, bob, { ...later, sequence: 2 })
  bob.device.contacts.setBlocked('alice', false)
  await bob.goOffline()
  expect(bob.notices('newer')).toEqual([])
})
