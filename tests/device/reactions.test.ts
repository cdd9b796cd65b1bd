import { expect, it } from 'vitest'
import type { HistoryAfterword } from '../../client/device/history-entries.ts'
import { reactionsIn } from '../../client/device/reactions.ts'

const message = { author: 'alice', id: 'm' }

function reaction(
  row: number,
  who: string | null,
  device: string | null,
  sentAt: number,
  emoji: string,
): HistoryAfterword {
  return {
    row,
    kind: 'afterword',
    said: { kind: 'reaction', of: message, emoji },
    device,
    text: '',
    peer: '+group',
    direction: who === null ? 'out' : 'in',
    author: who,
    id: `${row}`,
    sequence: row,
    sentAt,
    recordedAt: row,
    state: who === null ? 'sent' : 'received',
    epoch: 1,
    lifetimeSeconds: 0,
  }
}

const standing = (...entries: readonly HistoryAfterword[]) => reactionsIn(entries, 'alice')(message)

it('lets one reaction of each person stand, and counts who has the same', () => {
  expect(
    standing(
      reaction(1, 'bob', 'b', 5, '👍'),
      reaction(2, 'carol', 'c', 6, '👍'),
      reaction(3, null, null, 7, '🎉'),
      reaction(4, 'bob', 'b', 8, '🎉'),
    ),
  ).toEqual([
    { emoji: '🎉', people: ['bob', 'alice'] },
    { emoji: '👍', people: ['carol'] },
  ])
  expect(reactionsIn([reaction(1, 'bob', 'b', 5, '👍')], 'alice')({ ...message, author: 'bob' })).toEqual([])
})

it('goes by what a device said last, whatever its clock; between two devices, by their clocks', () => {
  expect(standing(reaction(1, 'bob', 'b', 9, '👍'), reaction(2, 'bob', 'b', 3, '🎉'))).toEqual([
    { emoji: '🎉', people: ['bob'] },
  ])
  const [phone, laptop] = [reaction(1, 'bob', 'phone', 9, '👍'), reaction(2, 'bob', 'laptop', 3, '🎉')]
  expect([standing(phone, laptop), standing(laptop, phone)]).toEqual([
    [{ emoji: '👍', people: ['bob'] }],
    [{ emoji: '👍', people: ['bob'] }],
  ])
  expect(standing(phone, reaction(3, 'bob', 'phone', 10, ''))).toEqual([])
})
