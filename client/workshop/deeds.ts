import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StageProcess } from '../stage/stage.ts'
import type { Take } from './api.ts'
import type { AuthorityProcess } from './authority/authority.ts'
import { nothingRead, summarise } from './authority/summary.ts'
import { type Board, note } from './board.ts'
import { RoomError } from './errors.ts'
import type { Exercises } from './exercises/exercises.ts'
import type { Passed } from './passed.ts'
import { questionCalled } from './questions.ts'
import type { OpenRoom } from './room.ts'
import { switchCalled } from './switches.ts'
import { takeKeys } from './taking.ts'
import type { Program, Stick } from './thief.ts'
import { shownIn } from './view.ts'
import { followMessage } from './walk.ts'

/** What the host can do in a round. Each says no by a RoomError. */
export interface Deeds {
  /** @param people whom the mode is for, where it is for some only */
  switchTo(mode: string, people: readonly string[]): Promise<void>
  take(take: Take): Promise<void>
  order(person: string): Promise<void>
  lookUp(person: string): Promise<void>
  /** Another message is written on stage and followed; or the one that is shown goes one desk further. */
  walk(isNew: boolean): Promise<void>
  play(isPlaying: boolean): Promise<void>
  askToDelete(): Promise<void>
  /** null ends what is asked */
  ask(question: string | null, isRevealed: boolean): void
  admit(name: string): void
  /** However many come from that address. */
  letIn(address: string): void
  /** Takes somebody's seat away, and ends their connection. */
  sendOut(name: string): void
  /** null takes it off the wall */
  exercise: Exercises['set']
}

interface Parts {
  readonly folder: string
  /** how doormat is called: what the thief runs */
  readonly program: Program
  readonly room: OpenRoom
  readonly board: Board
  readonly authority: AuthorityProcess
  readonly stage: StageProcess
  readonly passed: Passed
  readonly exercises: Exercises
  readonly isStageReady: () => boolean
  /** what came out of the question that is asked; null while there is nothing to say */
  readonly measured: () => string | null
}

export function createDeeds(parts: Parts): Deeds {
  const { folder, program, room, board, authority, stage, passed, exercises } = parts
  const { seats, relay, guests, operatorToken } = room
  const mayShow = () => shownIn(seats)

  const steal = (name: string, take: Take): Promise<Stick | null> =>
    takeKeys(authority, join(folder, name), program, seats.switched?.mode ?? board.access.mode, take)

  /** Nobody is picked out before all others who has not agreed to be shown. */
  function mustAgree(people: readonly string[]): void {
    const other = people.find((name) => !mayShow().includes(name))
    if (other !== undefined)
      throw new RoomError(
        'bad-request',
        `${other} has not agreed to be shown. Choose somebody who has, or somebody on stage.`,
      )
    const absent = people.find((name) => !seats.all().some((seat) => seat.name === name && seat.isHere))
    if (absent !== undefined) throw new RoomError('bad-request', `${absent} has not come in yet.`)
  }

  /** One that is over makes room on the wall for what is done next. */
  function leaveExercise(): void {
    if (exercises.view()?.isOver) exercises.set(null, false)
  }

  /** No mode stays in force whose tap could not be made: phones would be told what is not so. */
  async function tap(mode: string, instrument: Uint8Array): Promise<void> {
    try {
      await relay.installTap(operatorToken, mode, instrument)
    } catch (error) {
      board.access = await relay.switchAccess(operatorToken, 'none', new Uint8Array())
      throw error
    }
  }

  function mustBeOnStage(): void {
    if (!parts.isStageReady()) throw new RoomError('bad-request', 'The people on stage are not there (yet).')
  }

  return {
    async switchTo(mode, people) {
      const wanted = switchCalled(mode)
      if (!wanted) throw new RoomError('bad-request', 'There is no such switch here.')
      const named = wanted.isForSome ? people : []
      if (wanted.isForSome && named.length === 0)
        throw new RoomError('bad-request', `${wanted.title} is for people who are named. Choose whom.`)
      mustAgree(named)
      exercises.checkSwitch()
      const parameters = mode === 'none' ? new Uint8Array() : await authority.key(mode)
      const instrument = named.length > 0 ? await authority.instrument(mode, named) : null
      const before = board.tapped
      board.access = await relay.switchAccess(operatorToken, mode, parameters)
      board.tapped = []
      if (instrument) await tap(mode, instrument)
      board.tapped = named
      board.theft = null
      board.order = null
      board.lookedUp = null
      seats.noteSwitched(mode === 'none' ? (seats.switched?.mode ?? mode) : mode, named)
      note(board, mode === 'none' ? 'off' : 'on')
      leaveExercise()
      if (parts.isStageReady()) await stage.attend(named)
      // a device asks for device lists once a minute at most: without this it would go on writing to the keys of before
      if (before.length + named.length > 0) await guests.hangUp(named)
      // whoever is on stage speaks under what the host sees in force
      if (parts.isStageReady()) await stage.learn(board.access.epoch)
    },
    async take(take) {
      const stick = await steal('stick', take)
      if (!stick) throw new RoomError('bad-request', 'No key was ever made in this room, so there is none to steal.')
      const { lines, files, ...rest } = stick
      const read = lines.length === 0 ? nothingRead : summarise(lines, new Set(mayShow()))
      const cast = seats.all().flatMap((seat) => (seat.isOnStage ? [seat.name] : []))
      const ours = lines.filter((line) => ![line.from, line.to].every((name) => cast.includes(name)))
      const ofRoom = {
        read: summarise(ours, new Set()).messages,
        of: (await authority.read([], cast)).ofRoom.messages,
      }
      board.theft = { by: take.by === 'thief' ? 'thief' : take.states, ...rest, files: [...files], read, ofRoom }
      note(board, take.by === 'thief' ? 'stolen' : 'compelled')
      leaveExercise()
    },
    async order(person) {
      mustAgree([person])
      const { mode, since } = board.access
      if (mode === 'none') throw new RoomError('bad-request', 'No key is under the mat that an order could use.')
      board.order = await authority.order(mode, person, since, mayShow())
      board.lookedUp = null
      note(board, 'order')
    },
    async lookUp(person) {
      mustAgree([person])
      board.lookedUp = await authority.lookUp(person, mayShow())
      note(board, 'looked up')
    },
    async walk(isNew) {
      const { walk, access } = board
      if (!isNew) {
        if (walk) board.walk = { ...walk, at: Math.min(walk.at + 1, walk.desks.length - 1) }
        return
      }
      mustBeOnStage()
      const spoken = await stage.say()
      if (!spoken) throw new RoomError('bad-request', 'The story on stage is over. Begin a new round to see it again.')
      const stolen = () => steal('walk', { by: 'thief', all: true })
      board.walk = await followMessage(spoken, { stage, authority, passed, mode: access.mode, steal: stolen })
      rmSync(join(folder, 'walk'), { recursive: true, force: true })
    },
    async play(isPlaying) {
      mustBeOnStage()
      await stage.play(isPlaying)
    },
    async askToDelete() {
      seats.askToDelete()
      note(board, 'deleted')
      if (parts.isStageReady()) board.deletedOnStage += await stage.forget()
    },
    ask(question, isRevealed) {
      if (question !== null && !questionCalled(question))
        throw new RoomError('bad-request', 'There is no such question.')
      room.ask(question, isRevealed ? parts.measured : null)
      board.isRevealed = isRevealed
    },
    admit: (name) => seats.admit(name),
    letIn: (address) => room.door.letIn(address),
    sendOut(name) {
      seats.remove(name)
      guests.cut(name)
    },
    exercise: (id, isOver) => exercises.set(id, isOver),
  }
}
