import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { modeCalled } from '../../crypto/access/index.ts'
import { base64url } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import type { AccessStatus } from '../../server/api.ts'
import { privateFolder } from '../../server/disk/private.ts'
import { startRelay } from '../../server/main.ts'
import type { LocalRelay } from '../../server/relay.ts'
import { castOf } from '../stage/cast.ts'
import { startStage } from '../stage/stage.ts'
import type { Played, Story } from '../stage/words.ts'
import type { Deleted, Executed, HostView, LookedUp, Room, Take, Theft, Timeline, Walk } from './api.ts'
import { startAuthority } from './authority/authority.ts'
import { binMs } from './authority/ledger.ts'
import { nothingRead, summarise } from './authority/summary.ts'
import type { Ledger } from './authority/words.ts'
import { RoomError, WorkshopError } from './errors.ts'
import { addPages, type Page } from './pages.ts'
import { watchPassing } from './passed.ts'
import { questionCalled, questions } from './questions.ts'
import { addRoomRoutes } from './room-routes.ts'
import { type RoomRelay, roomLimits, roomRelay } from './room-relay.ts'
import { openSeats } from './seats.ts'
import { switchCalled, switches } from './switches.ts'
import { takeKeys } from './taking.ts'
import type { Program } from './thief.ts'
import { followMessage } from './walk.ts'

export interface RoundOptions {
  readonly folder: string
  /** whether what is in it outlasts the workshop */
  readonly keep: boolean
  /** by which phones may call this machine, besides its addresses */
  readonly names: readonly string[]
  readonly seats: number
  /** 0 takes any that is free */
  readonly port: number
  /** what the people on stage tell each other */
  readonly story: Story
  readonly pages: readonly Page[]
  /** how doormat is called: what the thief runs */
  readonly program: Program
  /** null at first: one is made */
  readonly hostToken: string | null
  /** is told why nothing can be read any more: the room is then over */
  readonly broken: (error: Error) => void
}

/** A room from its opening to its reset: a relay with an archive, the people in it, those on stage, and an authority, each in a process of its own. */
export interface Round {
  readonly port: number
  readonly code: string
  readonly hostToken: string
  view(): RoundView
  /** @param people whom the mode is for, where it is for some only */
  switchTo(mode: string, people: readonly string[]): Promise<void>
  take(take: Take): Promise<void>
  order(person: string): Promise<void>
  lookUp(person: string): Promise<void>
  /** Another message is written on stage and followed; or the one that is shown goes one desk further. */
  walk(isNew: boolean): Promise<void>
  play(isPlaying: boolean): Promise<void>
  askToDelete(): Promise<void>
  ask(question: string | null, isRevealed: boolean): void
  admit(name: string): void
  /** Ends relay, stage and authority. */
  stop(): Promise<void>
}

export type RoundView = Omit<HostView, 'addresses' | 'qr' | 'wall'>

const readEveryMs = 400

export async function openRound(options: RoundOptions): Promise<Round> {
  const { folder, keep, program, story } = options
  const place = (name: string) => join(folder, name)
  privateFolder(folder)
  const seats = openSeats(place('room.json'), options.seats, systemRandom, options.hostToken)
  const archivePath = place('passed.archive')
  let relay: LocalRelay | null = null
  let guests: RoomRelay | null = null
  let roomId = ''
  let asked: string | null = null
  let isRevealed = false
  const namesOf = (all: ReturnType<typeof seats.all>) => all.map(({ name }) => name)
  const room = (): Room => ({
    id: roomId,
    people: namesOf(seats.guests().filter(({ isHere }) => isHere)),
    seats: options.seats,
    deletions: seats.deletions,
    question: questionCalled(asked),
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
          addRoomRoutes(app, seats, room)
        },
      }
    },
  })
  const local = relay as LocalRelay | null
  if (!local) throw new Error('the relay was not made')
  const port = Number(new URL(running.url).port)
  roomId = base64url(await local.policyKey())
  const operatorToken = readFileSync(running.operatorTokenFile, 'utf8').trim()
  const cast = castOf(story)
  seats.cast(cast)
  const authority = startAuthority(place('authority'), archivePath, keep)
  const stage = startStage(place('stage'), `http://127.0.0.1:${port}`, story, keep)
  const passed = watchPassing(archivePath)

  let access: AccessStatus = await local.access()
  let ledger: Ledger = { read: nothingRead, onStage: { messages: 0, conversations: 0 }, opened: [] }
  let played: Played | null = null
  let stageFault: string | null = null
  let tapped: readonly string[] = []
  let [theft, order, lookedUp, walk]: [Theft | null, Executed | null, LookedUp | null, Walk | null] = [
    null,
    null,
    null,
    null,
  ]
  let deletedOnStage = 0
  const events: Timeline['events'] = []
  const note = (what: Timeline['events'][number]['what']) => void events.push({ at: Date.now(), what })
  const stopping = new AbortController()

  const mayShow = () => namesOf(seats.all().filter((seat) => seat.mayShow))

  /** Nobody is picked out before all others who has not agreed to be shown. */
  function mustAgree(people: readonly string[]): void {
    const other = people.find((name) => !mayShow().includes(name))
    if (other !== undefined)
      throw new RoomError(
        'bad-request',
        `${other} has not agreed to be shown. Choose somebody who has, or somebody on stage.`,
      )
  }

  const deleted = (): Deleted => ({
    phones: seats.guests().filter((seat) => seat.deleted > 0).length,
    messages: seats.guests().reduce((sum, seat) => sum + seat.deleted, 0),
    onStage: deletedOnStage,
  })

  /** What the people in the room wrote to each other, without those on stage. */
  function measured() {
    const { read, onStage } = ledger
    return {
      conversations: [...passed.pairs.keys()].filter((pair) => !isOnStage(pair)).length,
      read: {
        messages: read.messages - onStage.messages,
        conversations: read.conversations.length - onStage.conversations,
      },
      theft,
      deleted: deleted(),
    }
  }
  const isOnStage = (pair: string) => cast.includes(pair.split(' ')[0] ?? '')

  /** How many chose each option of what is asked now, and what came out. */
  function answers(): HostView['answers'] {
    const question = questionCalled(asked)
    if (!question) return null
    const chosen = seats.guests().map((seat) => seat.answers[question.id])
    return {
      votes: question.options.map((_option, i) => chosen.filter((option) => option === i).length),
      isRevealed,
      measured: isRevealed ? question.measure(measured()) : null,
    }
  }

  function timeline(): Timeline {
    const opened = new Map(ledger.opened)
    const bins = [...passed.bins].map(([at, count]) => ({ at, passed: count, opened: opened.get(at) ?? 0 }))
    return { binMs, bins, events: [...events] }
  }

  async function readOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      passed.more()
      ledger = await authority.read(mayShow(), cast)
      await new Promise((resolve) => setTimeout(resolve, readEveryMs))
    }
  }
  async function watchStage(): Promise<void> {
    await stage.enter()
    while (!stopping.signal.aborted) {
      played = await stage.look()
      await new Promise((resolve) => setTimeout(resolve, readEveryMs))
    }
  }
  const reading = readOn().catch((error: unknown) => {
    if (!stopping.signal.aborted) options.broken(error as Error)
  })
  // the room goes on without them
  const acting = watchStage().catch((error: unknown) => {
    played = null
    stageFault = (error as Error).message
  })

  const steal = (folderName: string, take: Take) => takeKeys(authority, place(folderName), program, access.mode, take)

  return {
    port,
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
      tapped: [...tapped],
      mayShow: mayShow(),
      online: [...(guests?.online() ?? [])],
      passed: [...passed.pairs].map(([pair, envelopes]) => {
        const [one = '', other = ''] = pair.split(' ')
        return { people: [one, other], envelopes }
      }),
      read: ledger.read,
      theft,
      order,
      lookedUp,
      walk,
      stage: {
        people: [...cast],
        isReady: played !== null,
        fault: stageFault,
        isPlaying: played?.isPlaying ?? false,
        said: played?.said ?? 0,
        of: played?.of ?? 0,
        isSensitive: story === 'sensitive',
        read: ledger.onStage,
      },
      timeline: timeline(),
      deleted: deleted(),
      questions: [...questions],
      answers: answers(),
    }),
    async switchTo(mode, people) {
      const wanted = switchCalled(mode)
      if (!wanted) throw new RoomError('bad-request', 'There is no such switch here.')
      if (wanted.isForSome && people.length === 0)
        throw new RoomError('bad-request', `${wanted.title} is for people who are named. Choose whom.`)
      mustAgree(wanted.isForSome ? people : [])
      const parameters = mode === 'none' ? new Uint8Array() : await authority.key(mode)
      access = await local.switchAccess(operatorToken, mode, parameters)
      tapped = wanted.isForSome ? people : []
      await stage.attend(tapped)
      if (wanted.isForSome) {
        await local.installTap(operatorToken, mode, await authority.instrument(mode, people))
        // who is connected already would go by the lists that it knows for a minute
        guests?.hangUp()
      }
      theft = null
      note(mode === 'none' ? 'off' : 'on')
    },
    async take(take) {
      const stick = await steal('stick', take)
      if (!stick) throw new RoomError('bad-request', 'No key was ever made in this room, so there is none to steal.')
      const { lines, files, ...rest } = stick
      const read = lines.length === 0 ? nothingRead : summarise(lines, new Set(mayShow()))
      theft = { by: take.by === 'thief' ? 'thief' : take.states, ...rest, files: [...files], read }
      note('stolen')
    },
    async order(person) {
      mustAgree([person])
      if (access.mode === 'none') throw new RoomError('bad-request', 'No key is under the mat that an order could use.')
      order = await authority.order(access.mode, person, access.since, mayShow())
      lookedUp = null
      note('order')
    },
    async lookUp(person) {
      mustAgree([person])
      lookedUp = await authority.lookUp(person, mayShow())
      note('looked up')
    },
    async walk(isNew) {
      if (!isNew) {
        if (walk) walk = { ...walk, at: Math.min(walk.at + 1, walk.desks.length - 1) }
        return
      }
      if (!played) throw new RoomError('bad-request', 'The people on stage are still coming in.')
      const spoken = await stage.say()
      if (!spoken) throw new RoomError('bad-request', 'The story on stage is over. Begin a new round to see it again.')
      passed.more()
      const parties = { stage, authority, passed, mode: access.mode }
      walk = await followMessage(spoken, { ...parties, steal: () => steal('walk', { by: 'thief', all: true }) })
    },
    async play(isPlaying) {
      if (!played) throw new RoomError('bad-request', 'The people on stage are still coming in.')
      await stage.play(isPlaying)
      played = await stage.look()
    },
    async askToDelete() {
      seats.askToDelete()
      deletedOnStage += await stage.forget()
      note('deleted')
    },
    ask(question, revealed) {
      if (question !== null && !questionCalled(question))
        throw new RoomError('bad-request', 'There is no such question.')
      asked = question
      isRevealed = revealed
    },
    admit: (name) => seats.admit(name),
    async stop() {
      stopping.abort()
      await Promise.all([authority.stop(), stage.stop()])
      await Promise.all([reading, acting])
      passed.close()
      await running.stop()
    },
  }
}

const ours = ['room.json', 'relay', 'authority', 'stage', 'stick', 'walk', 'passed.archive']

/** Purges a round's folder: accounts, mail, archive, keys, codes. */
export function purge(folder: string): void {
  for (const name of ours)
    if (existsSync(join(folder, name))) rmSync(join(folder, name), { recursive: true, force: true })
}

/** A folder that holds something else is not taken for a workshop's. @throws WorkshopError */
export function checkFolder(folder: string, names: readonly string[]): void {
  const strange = names.find((name) => !ours.includes(name))
  if (strange !== undefined)
    throw new WorkshopError(`${folder} holds ${strange}, which is not of a workshop`, 'doormat workshop --keep ANOTHER')
}
