import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { modeCalled } from '../../crypto/access/index.ts'
import { base64url } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import type { AccessStatus } from '../../server/api.ts'
import { privateFolder } from '../../server/disk/private.ts'
import { startRelay } from '../../server/main.ts'
import type { LocalRelay } from '../../server/relay.ts'
import { followArchive, type GrowingArchive } from '../authority/evidence.ts'
import type { Deleted, HostView, Room, Theft } from './api.ts'
import { startAuthority } from './desk.ts'
import { RoomError, WorkshopError } from './errors.ts'
import { createExercises, type Exercises } from './exercises/exercises.ts'
import { addPages, type Page } from './pages.ts'
import { questionCalled, questions } from './questions.ts'
import { addRoomRoutes } from './room-routes.ts'
import { type RoomRelay, roomLimits, roomRelay } from './room-relay.ts'
import { openSeats } from './seats.ts'
import { nothingRead } from './summary.ts'
import { stuckIn } from './stuck.ts'
import { switches } from './switches.ts'
import { openStick, type Program, takeOnly } from './thief.ts'

export interface RoundOptions {
  readonly folder: string
  /** whether what is in it outlasts the workshop */
  readonly keep: boolean
  /** by which phones may call this machine, besides its addresses */
  readonly names: readonly string[]
  readonly seats: number
  /** 0 takes any that is free */
  readonly port: number
  readonly pages: readonly Page[]
  /** how doormat is called: what the thief runs */
  readonly program: Program
  /** null at first: one is made */
  readonly hostToken: string | null
  /** is told why nothing can be read any more: the room is then over */
  readonly broken: (error: Error) => void
}

/** A room from its opening to its reset: a relay with an archive, the people in it, and an authority in a process of its own. */
export interface Round {
  readonly port: number
  readonly code: string
  readonly hostToken: string
  view(): RoundView
  switchTo(mode: string): Promise<void>
  steal(all: boolean): Promise<void>
  askToDelete(): void
  ask(question: string | null, isRevealed: boolean): void
  exercise: Exercises['set']
  admit(name: string): void
  /** Ends relay and authority. */
  stop(): Promise<void>
}

export type RoundView = Omit<HostView, 'addresses' | 'qr' | 'blank' | 'hideNames'>

const readEveryMs = 400

export async function openRound(options: RoundOptions): Promise<Round> {
  const { folder, program } = options
  const place = (name: string) => join(folder, name)
  privateFolder(folder)
  const seats = openSeats(place('room.json'), options.seats, systemRandom, options.hostToken)
  const archivePath = place('passed.archive')
  let relay: LocalRelay | null = null
  let guests: RoomRelay | null = null
  let roomId = ''
  let asked: string | null = null
  let isRevealed = false
  const people = () =>
    seats
      .all()
      .filter(({ isHere }) => isHere)
      .map(({ name }) => name)
  const exercises = createExercises({
    install: (make) => relay?.install(make),
    archivePath,
    people,
    passed: () => new Set(passed.keys()),
    read: () => read,
    mode: () => access.mode,
  })
  const room = (): Room => ({
    id: roomId,
    people: people(),
    seats: options.seats,
    deletions: seats.deletions,
    question: questionCalled(asked),
    exercise: exercises.inRoom(),
  })
  const running = await startRelay({
    directory: place('relay'),
    host: '0.0.0.0',
    port: options.port,
    names: options.names,
    certificate: null,
    archivePath,
    address: null,
    authority: null,
    logLevel: 'silent',
    limits: roomLimits,
    surround(local) {
      relay = local
      guests = roomRelay(local, seats)
      return {
        seen: guests.relay,
        addRoutes(app) {
          addPages(app, options.pages, { '/': 'chat' })
          addRoomRoutes(app, seats, room, exercises)
        },
      }
    },
  })
  const local = relay as LocalRelay | null
  if (!local) throw new Error('the relay was not made')
  roomId = base64url(await local.policyKey())
  const operatorToken = readFileSync(running.operatorTokenFile, 'utf8').trim()
  const authority = startAuthority(place('authority'), archivePath, options.keep)

  let access: AccessStatus = await local.access()
  let read = nothingRead
  let theft: Theft | null = null
  let archive: GrowingArchive | null = null
  const passed = new Map<string, number>()
  const senders = new Set<string>()
  const stopping = new AbortController()

  const mayShow = () =>
    seats
      .all()
      .filter((seat) => seat.mayShow)
      .map(({ name }) => name)

  const deleted = (): Deleted => ({
    phones: seats.all().filter((seat) => seat.deleted > 0).length,
    messages: seats.all().reduce((sum, seat) => sum + seat.deleted, 0),
  })

  /** How many chose each option of what is asked now, and what came out. */
  function answers(): HostView['answers'] {
    const question = questionCalled(asked)
    if (!question) return null
    const chosen = seats.all().map((seat) => seat.answers[question.id])
    return {
      votes: question.options.map((_option, i) => chosen.filter((option) => option === i).length),
      isRevealed,
      measured: isRevealed ? question.measure({ conversations: passed.size, read, theft, deleted: deleted() }) : null,
    }
  }

  const answeredBy = () =>
    asked === null
      ? null
      : new Set(
          seats
            .all()
            .filter((seat) => asked !== null && seat.answers[asked] !== undefined)
            .map(({ name }) => name),
        )

  /** What the server sees without any key: who sent to whom. */
  function countPassed(): void {
    archive ??= followArchive(archivePath)
    for (const { fromUser, toUser } of archive.more()) {
      if (fromUser === toUser) continue
      senders.add(fromUser)
      const pair = [fromUser, toUser].sort().join(' ')
      passed.set(pair, (passed.get(pair) ?? 0) + 1)
    }
  }

  async function readOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      countPassed()
      read = await authority.read(mayShow())
      await new Promise((resolve) => setTimeout(resolve, readEveryMs))
    }
  }
  const reading = readOn().catch((error: unknown) => {
    if (!stopping.signal.aborted) options.broken(error as Error)
  })

  return {
    port: Number(new URL(running.url).port),
    get code() {
      return seats.code
    },
    get hostToken() {
      return seats.hostToken
    },
    view: () => ({
      room: room(),
      code: seats.code,
      mode: { id: access.mode, title: modeCalled(access.mode).title, epoch: access.epoch, since: access.since },
      modes: [...switches],
      mayShow: mayShow(),
      online: [...(guests?.online() ?? [])],
      passed: [...passed].map(([pair, envelopes]) => {
        const [one = '', other = ''] = pair.split(' ')
        return { people: [one, other], envelopes }
      }),
      read,
      theft,
      deleted: deleted(),
      questions: [...questions],
      answers: answers(),
      exercise: exercises.view(),
      stuck: stuckIn({ people: people(), online: guests?.online() ?? [], senders, answered: answeredBy() }),
    }),
    async switchTo(mode) {
      if (!switches.some(({ id }) => id === mode)) throw new RoomError('bad-request', 'There is no such switch here.')
      exercises.checkSwitch()
      const parameters = mode === 'none' ? new Uint8Array() : await authority.key(mode)
      access = await local.switchAccess(operatorToken, mode, parameters)
      theft = null
    },
    async steal(all) {
      const stick = place('stick')
      rmSync(stick, { recursive: true, force: true })
      mkdirSync(stick, { mode: 0o700 })
      const files = await authority.copy(stick)
      const keys = keysToTake(files, access.mode)
      const [first] = keys
      if (first === undefined)
        throw new RoomError('bad-request', 'No key was ever made in this room, so there is none to steal.')
      const taken = all ? keys : [first]
      takeOnly(stick, [...taken, 'passed.archive'])
      theft = await openStick(program, stick, taken, new Set(mayShow()))
    },
    askToDelete: () => seats.askToDelete(),
    ask(question, revealed) {
      if (question !== null && !questionCalled(question))
        throw new RoomError('bad-request', 'There is no such question.')
      asked = question
      isRevealed = revealed
    },
    exercise: (id, isOver) => exercises.set(id, isOver),
    admit: (name) => seats.admit(name),
    async stop() {
      stopping.abort()
      await authority.stop()
      await reading
      archive?.close()
      exercises.close()
      await running.stop()
    },
  }
}

/** The files of the mode in force; of the first that there is a key of, where none is. */
function keysToTake(files: readonly string[], mode: string): readonly string[] {
  const keys = files.filter((name) => name.endsWith('.key'))
  const ofMode = (id: string | undefined) => keys.filter((name) => name.split('.')[0] === id)
  const now = ofMode(mode)
  return now.length > 0 ? now : ofMode(keys[0]?.split('.')[0])
}

/** Purges a round's folder: accounts, mail, archive, keys, codes. */
export function purge(folder: string): void {
  for (const name of ['room.json', 'relay', 'authority', 'stick', 'passed.archive'])
    if (existsSync(join(folder, name))) rmSync(join(folder, name), { recursive: true, force: true })
}

/** A folder that holds something else is not taken for a workshop's. @throws WorkshopError */
export function checkFolder(folder: string, names: readonly string[]): void {
  const known = new Set(['room.json', 'relay', 'authority', 'stick', 'passed.archive'])
  const strange = names.find((name) => !known.has(name))
  if (strange !== undefined)
    throw new WorkshopError(`${folder} holds ${strange}, which is not of a workshop`, 'doormat workshop --keep ANOTHER')
}
