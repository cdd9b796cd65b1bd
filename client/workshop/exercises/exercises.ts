import { systemRandom } from '../../../crypto/random.ts'
import type { LocalRelay } from '../../../server/relay.ts'
import type { HostView, ReadByKey, Room, Standing } from '../api.ts'
import { RoomError } from '../errors.ts'
import { beginBetween, type Between } from './between.ts'
import { beginEvade } from './evade.ts'
import type { Exercise } from './exercise.ts'

type Id = NonNullable<HostView['exercise']>['id']

/** What the room does on its phones: one exercise at a time. It lives in memory: a laptop that starts again has none. */
export interface Exercises {
  inRoom(): Room['exercise']
  view(): HostView['exercise']
  /**
   * Begins one, ends it with all that was done still to be seen, or takes it away (null).
   * @throws RoomError with words for the host
   */
  set(id: Id | null, isOver: boolean): void
  /** A switch of the mode takes every false key out of the server, and mail to it would be lost. @throws RoomError with words for the host */
  checkSwitch(): void
  /** @throws RoomError with a hint for the person */
  noteCompared: Between['noteCompared']
  standing(name: string): Standing
  /** messages that the server has read with false keys, in this round */
  serverRead(): number
  close(): void
}

interface ExercisesParts {
  readonly install: LocalRelay['install']
  readonly hangUp: () => unknown
  /** milliseconds that never go back */
  readonly steady: () => number
  readonly archivePath: string
  /** who is in the room now */
  readonly people: () => readonly string[]
  /** pairs between whom something has passed, names in order with a space between */
  readonly passed: () => ReadonlySet<string>
  readonly read: () => ReadByKey
  readonly mode: () => string
}

export function createExercises(parts: ExercisesParts): Exercises {
  const { people, passed, read, mode } = parts
  let now: Exercise | null = null
  let between: Between | null = null
  let isOver = false
  /** by the server, in exercises before this one */
  let readBefore = 0

  function checkSwitch(): void {
    if (!between?.isNeeded()) return
    throw new RoomError(
      'bad-request',
      now === between && !isOver
        ? 'The server hands out false keys. Press “Stop lying” first, and let people write once more.'
        : 'Some messages are still on their way to false keys. Try again in a moment.',
    )
  }

  function begin(id: Id): Exercise {
    if (id === 'evade') {
      if (mode() === 'none')
        throw new RoomError(
          'bad-request',
          'No key is under the mat, so there is nobody to evade. Throw the switch first.',
        )
      return beginEvade({ people, read, passed: () => passed().size })
    }
    if (mode() !== 'none')
      throw new RoomError(
        'bad-request',
        'Take the key away first: here the server lies, and nobody has announced anything.',
      )
    checkSwitch()
    readBefore += between?.serverRead() ?? 0
    between?.stopReading()
    between = beginBetween({ ...parts, random: systemRandom, acquainted: passed() })
    return between
  }

  function end(): void {
    now?.end()
    isOver = true
  }

  return {
    inRoom: () => now && { id: now.id, isOver },
    view: () =>
      now && { id: now.id, isOver, people: [...now.people()], lines: [...now.lines()], pairs: [...now.pairs()] },
    set(id, over) {
      if (over && now?.id === id) return end()
      const begun = id === null ? null : begin(id)
      now?.end()
      now?.close()
      now = begun
      isOver = false
    },
    checkSwitch,
    noteCompared(name, other, said) {
      if (now !== between || !between || isOver) throw new RoomError('bad-request', 'This exercise is over.')
      between.noteCompared(name, other, said)
    },
    standing(name) {
      if (!now) return { isDone: false, says: [] }
      return { isDone: now.people().some((one) => one.name === name && one.isDone), says: [...now.says(name)] }
    },
    serverRead: () => readBefore + (between?.serverRead() ?? 0),
    close() {
      now?.close()
      between?.stopReading()
    },
  }
}
