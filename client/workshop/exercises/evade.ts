import { counted } from '../../words/counted.ts'
import type { ReadByKey } from '../api.ts'
import type { Exercise } from './exercise.ts'

/*
 * Two people lock a text themselves before the messenger seals it. Who has done it is known by what the authority's process has opened, and
 * found locked; and so is whoever answered in the open.
 */

interface EvadeParts {
  readonly people: () => readonly string[]
  /** what the authority's process has told last */
  readonly read: () => ReadByKey
  /** how many pairs of people the server has carried anything between */
  readonly passed: () => number
}

export function beginEvade({ people, read, passed }: EvadeParts): Exercise {
  const writers = () => read().locked.flat()
  const partnerOf = (name: string) => (pair: ReadByKey['locked'][number]) => pair.find((one) => one.name !== name)

  return {
    id: 'evade',
    people: () =>
      people().map((name) => ({ name, isDone: writers().some((one) => one.name === name && one.locked > 0) })),
    says(name) {
      const pairs = read().locked.filter((pair) => pair.some((one) => one.name === name))
      return pairs.flatMap((pair) => {
        const [ours, theirs] = [pair.find((one) => one.name === name), partnerOf(name)(pair)]
        if (!ours || !theirs) return []
        return [
          ...(ours.locked > 0
            ? [
                `The authority has opened ${counted(ours.locked, 'message')} of yours to ${theirs.name}, and found a lock.`,
              ]
            : []),
          ...(ours.open > 0
            ? [
                `Since you two began, it has also read ${counted(ours.open, 'message')} from you in the open. What is different about them?`,
              ]
            : []),
        ]
      })
    },
    lines() {
      const { messages, locked, conversations } = read()
      const sumOf = (pair: ReadByKey['locked'][number]) => pair.reduce((sum, one) => sum + one.locked, 0)
      const lockedMessages = locked.reduce((sum, pair) => sum + sumOf(pair), 0)
      const lockedOf = new Map(locked.map((pair) => [pair.map(({ name }) => name).join(' '), sumOf(pair)]))
      const readable = conversations.filter((one) => one.messages > (lockedOf.get(one.people.join(' ')) ?? 0))
      return [
        { text: `Opened and not understood, because locked: ${counted(lockedMessages, 'message')}`, isExposed: false },
        {
          text: `Read: ${counted(messages - lockedMessages, 'message')} in ${counted(readable.length, 'conversation')}`,
          isExposed: messages > lockedMessages,
        },
        {
          text: `Server and authority still see who writes to whom, and when: ${counted(passed(), 'pair')}`,
          isExposed: false,
        },
      ]
    },
    pairs: () =>
      read().locked.map((pair) => {
        const open = pair.filter((one) => one.open > 0).map((one) => one.name)
        return {
          people: pair.map(({ name }) => name),
          text: open.length === 0 ? 'all locked' : `${open.join(' and ')} in the open`,
          isExposed: open.length > 0,
        }
      }),
    end: () => undefined,
    close: () => undefined,
  }
}
