import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { base64url } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import type { Certificate } from '../../server/certificate.ts'
import { hostCheck } from '../../server/hosts.ts'
import { startRelay } from '../../server/main.ts'
import type { LocalRelay } from '../../server/relay.ts'
import { addPages, type Page } from './pages.ts'
import { createDoor, type Door } from './door.ts'
import type { Exercises } from './exercises/exercises.ts'
import { addRoomRoutes } from './room-routes.ts'
import type { Room } from './api.ts'
import { type RoomRelay, roomLimits, roomRelay } from './room-relay.ts'
import { sendOnToHttps } from './tls/plain-http.ts'
import { openSeats, type Seats } from './seats.ts'
import { questionCalled } from './questions.ts'

export interface RoomOptions {
  readonly folder: string
  /** what passes is recorded here */
  readonly archivePath: string
  readonly exercises: Exercises
  /** names that nobody in the room may take */
  readonly reserved: readonly string[]
  /** by which phones may call this machine, besides its addresses */
  readonly names: readonly string[]
  readonly seats: number
  /** for https; null for plain http */
  readonly certificate: Certificate | null
  /** 0 takes any that is free */
  readonly port: number
  readonly pages: readonly Page[]
  /** null at first: one is made */
  readonly hostToken: string | null
}

/** What the phones talk to: a relay with an archive, the chat page, and the book of who sits where. */
export interface OpenRoom {
  readonly port: number
  readonly operatorToken: string
  readonly relay: LocalRelay
  readonly guests: RoomRelay
  readonly seats: Seats
  readonly door: Door
  /** what everybody in the room may know */
  told(): Room
  /** Asks everybody a question; null ends it. @param result what came out, once the host shows it; null before */
  ask(question: string | null, result: (() => string | null) | null): void
  /** the question that is asked now */
  asked(): string | null
  stop(): Promise<void>
}

export async function openRoom(options: RoomOptions): Promise<OpenRoom> {
  const { folder, names, port, pages, archivePath, exercises, certificate } = options
  const door = createDoor()
  const seats = openSeats(
    join(folder, 'room.json'),
    { maximum: options.seats, reserved: options.reserved, door },
    systemRandom,
    options.hostToken,
  )
  let [relay, guests]: [LocalRelay | null, RoomRelay | null] = [null, null]
  let id = ''
  let asked: string | null = null
  let result: (() => string | null) | null = null
  const question = (): Room['question'] => {
    const called = questionCalled(asked)
    if (!called) return null
    const { id, text, options } = called
    return { id, text, options, isRevealed: result !== null, measured: result?.() ?? null }
  }
  const told = (): Room => ({
    id,
    people: seats
      .guests()
      .filter(({ isHere }) => isHere)
      .map(({ name }) => name),
    seats: options.seats,
    deletions: seats.deletions,
    question: question(),
    exercise: exercises.inRoom(),
  })
  const running = await startRelay({
    directory: join(folder, 'relay'),
    host: '0.0.0.0',
    port,
    names,
    certificate,
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
          addPages(app, pages, { '/': 'chat' })
          addRoomRoutes(app, seats, told, exercises)
          if (certificate) sendOnToHttps(app.server, hostCheck(names, certificate))
        },
      }
    },
  })
  const made = { relay: relay as LocalRelay | null, guests: guests as RoomRelay | null }
  if (!made.relay || !made.guests) throw new Error('the relay was not made')
  id = base64url(await made.relay.policyKey())
  return {
    port: Number(new URL(running.url).port),
    operatorToken: readFileSync(running.operatorTokenFile, 'utf8').trim(),
    relay: made.relay,
    guests: made.guests,
    seats,
    door,
    told,
    ask(question, came) {
      asked = question
      result = came
    },
    asked: () => asked,
    stop: () => running.stop(),
  }
}
