import { expect, it } from 'vitest'
import { messageCalled } from '../../client/cli/message-called.ts'
import { latestEntries } from '../../client/device/latest.ts'
import type { HistoryEntry } from '../../client/device/history-entries.ts'
import { shortened } from '../../client/words/afterword.ts'
import { circle, untilMembers, untilSaid } from '../support/group-world.ts'
import { createWorld } from '../support/world.ts'

it('a message is called by the beginning of its id, and nobody takes its name by an id of their own', async () => {
  const world = await createWorld('called')
  const [alice, bob, carol] = [await world.join('alice'), await world.join('bob'), await world.join('carol')]
  for (const person of [alice, bob, carol]) await person.goOnline()
  const peer = await circle(alice, [bob, carol])
  for (const person of [bob, carol]) await untilMembers(person, peer, ['alice', 'bob', 'carol'])
  alice.write(peer, 'the plan', 'abcdefgh12345678')
  carol.write(peer, 'another plan', 'abcdefgh')
  carol.write(peer, 'the same id', 'abcdefgh12345678')
  await untilSaid(bob, peer, 'alice: the plan', 'carol: another plan', 'carol: the same id')
  const called = (words: string) => messageCalled(bob.device, peer, words).text
  for (const words of ['abcdefgh', 'abcdefgh12345678']) expect(() => called(words)).toThrow(/several messages/)
  expect(called('alice/abcdefgh')).toBe('the plan')
  expect(called('carol/abcdefgh12345678')).toBe('the same id')
  expect(() => called('bob/abcdefgh')).toThrow(/no message here/)
})

it('a quotation is short, however much stands in one letter', () => {
  const letter = `a${'\u0301'.repeat(30_000)}`
  expect(shortened(letter).length).toBeLessThan(500)
  expect(shortened('x'.repeat(40))).toBe('x'.repeat(40))
  expect(shortened('x'.repeat(41))).toBe(`${'x'.repeat(40)}…`)
})

it('the latest messages are there, however many reactions are behind them', () => {
  const entry = (row: number, kind: 'message' | 'afterword') => ({ row, kind }) as HistoryEntry
  const all = [
    ...Array.from({ length: 30 }, (_, i) => entry(i + 1, 'message')),
    ...Array.from({ length: 900 }, (_, i) => entry(i + 31, 'afterword')),
  ]
  const before = (row: number, _peer: string | null, limit: number) => all.filter((one) => one.row < row).slice(-limit)
  const found = latestEntries({ before }, 'bob', 20)
  expect(found.filter(({ kind }) => kind === 'message').map(({ row }) => row)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 11),
  )
  expect(found).toHaveLength(920)
})
