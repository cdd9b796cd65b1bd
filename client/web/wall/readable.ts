import type { ReadByKey } from '../../workshop/api.ts'

/** Conversations with something in them that the key opens and that is no lock of its writer's own. */
export function readableIn({ conversations, locked }: ReadByKey): ReadByKey['conversations'] {
  const lockedIn = new Map(
    locked.map((pair) => [pair.map(({ name }) => name).join(' '), pair.reduce((sum, one) => sum + one.locked, 0)]),
  )
  return conversations.filter(({ people, messages }) => messages > (lockedIn.get(people.join(' ')) ?? 0))
}
