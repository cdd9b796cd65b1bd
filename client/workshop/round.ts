import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { blobsBeside } from '../../server/disk/blob-files.ts'
import { privateFolder } from '../../server/disk/private.ts'
import { castOf } from '../stage/cast.ts'
import { startStage } from '../stage/stage.ts'
import type { Played, Story } from '../stage/words.ts'
import { type AuthorityProcess, startAuthority } from './authority/authority.ts'
import { nothingRead } from './authority/summary.ts'
import type { Ledger } from './authority/words.ts'
import { type Board, emptyBoard } from './board.ts'
import { createDeeds, type Deeds } from './deeds.ts'
import { createExercises } from './exercises/exercises.ts'
import { WorkshopError } from './errors.ts'
import { watchPassing } from './passed.ts'
import { type OpenRoom, openRoom, type RoomOptions } from './room.ts'
import { switchCalled } from './switches.ts'
import type { Program } from './thief.ts'
import type { OwnCertificate } from './tls/own.ts'
import { answersIn, type RoundView, type Seen, shownIn, viewOf } from './view.ts'

const archiveName = 'passed.archive'

export interface RoundOptions extends Omit<RoomOptions, 'archivePath' | 'exercises' | 'reserved' | 'certificate'> {
  /** what phones are shown; null for plain http */
  readonly certificate: OwnCertificate | null
  /** whether what is in the folder outlasts the workshop */
  readonly keep: boolean
  /** what the people on stage tell each other */
  readonly story: Story
  /** how doormat is called: what the thief runs */
  readonly program: Program
  /** is told why nothing can be read any more: the room is then over */
  readonly broken: (error: Error) => void
}

/** A room from its opening to its reset. Those on stage and the authority have a process each. */
export interface Round {
  readonly port: number
  readonly code: string
  readonly hostToken: string
  readonly deeds: Deeds
  view(): RoundView
  /** Ends relay, stage and authority. */
  stop(): Promise<void>
}

const lookEveryMs = 400

export async function openRound(options: RoundOptions): Promise<Round> {
  const { folder, keep, program, story } = options
  privateFolder(folder)
  const cast = castOf(story)
  const archivePath = join(folder, archiveName)
  const passed = watchPassing(archivePath)
  const exercises = createExercises({
    install: (make) => room.relay.install(make),
    hangUp: () => room.guests.hangUp(),
    steady: () => performance.now(),
    archivePath,
    people: () => room.told().people,
    passed: () => new Set(passed.pairsWithout(cast)),
    read: () => ledger.ofRoom,
    mode: () => board.access.mode,
  })
  const room = await openRoom({ ...options, archivePath, exercises, reserved: cast })
  const { seats, port } = room
  const authority = startAuthority(join(folder, 'authority'), archivePath, keep)
  const place = {
    url: `${options.certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    caFile: options.certificate?.file ?? '',
  }
  const stage = startStage(join(folder, 'stage'), place, story, keep)
  const board = emptyBoard(await room.relay.access())
  await restoreTap(room, authority, board)
  let ledger: Ledger = { read: nothingRead, ofRoom: nothingRead, opened: [] }
  let played: Played | null = null
  let stageFault: string | null = null
  const isStageReady = () => played !== null
  const seen = (): Omit<Seen, 'exercise'> => ({
    room,
    board,
    passed,
    ledger,
    serverRead: exercises.serverRead(),
    stage: {
      people: [...cast],
      isReady: isStageReady(),
      fault: stageFault,
      isPlaying: played?.isPlaying ?? false,
      said: played?.said ?? 0,
      of: played?.of ?? 0,
      isSensitive: story === 'sensitive',
    },
  })
  const stopping = new AbortController()

  async function readOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      passed.more()
      ledger = await authority.read(shownIn(seats), cast)
      await sleep(lookEveryMs)
    }
  }
  async function watchStage(): Promise<void> {
    seats.cast(await stage.prepare())
    await stage.enter()
    if (board.tapped.length > 0) await stage.attend(board.tapped)
    while (!stopping.signal.aborted) {
      played = await stage.look()
      await sleep(lookEveryMs)
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

  return {
    port,
    get code() {
      return seats.code
    },
    get hostToken() {
      return seats.hostToken
    },
    deeds: createDeeds({
      folder,
      program,
      room,
      board,
      authority,
      stage,
      passed,
      exercises,
      isStageReady,
      measured: () => answersIn(seen())?.measured ?? null,
    }),
    view: () => viewOf({ ...seen(), exercise: exercises.view() }),
    async stop() {
      stopping.abort()
      await Promise.all([authority.stop(), stage.stop()])
      await Promise.all([reading, acting])
      for (const copy of copies) rmSync(join(folder, copy), { recursive: true, force: true })
      exercises.close()
      passed.close()
      await room.stop()
    },
  }
}

/** A tap is in the relay's memory only: after a restart it is made again, or its mode is not in force any more. */
async function restoreTap(room: OpenRoom, authority: AuthorityProcess, board: Board): Promise<void> {
  const { relay, seats, operatorToken } = room
  const { mode } = board.access
  if (!switchCalled(mode)?.isForSome) return
  const tapped = seats.switched?.tapped ?? []
  try {
    await relay.installTap(operatorToken, mode, await authority.instrument(mode, tapped))
    board.tapped = tapped
  } catch {
    board.access = await relay.switchAccess(operatorToken, 'none', new Uint8Array())
  }
}

/** keys that were stolen: gone with the round, kept or not */
const copies = ['stick', 'walk']
const ours = ['room.json', 'relay', 'authority', 'stage', archiveName, blobsBeside(archiveName), ...copies]
/** The certificate outlasts a round: phones that know it are to be shown it again. */
const lasting = ['tls']

/** Purges a round's folder: accounts, mail, archive, keys, codes. */
export function purge(folder: string): void {
  for (const name of ours)
    if (existsSync(join(folder, name))) rmSync(join(folder, name), { recursive: true, force: true })
}

/** A folder that holds something else is not taken for a workshop's; one that is not there can become one. @throws WorkshopError */
export function checkFolder(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const strange = names.find((name) => ![...ours, ...lasting].includes(name))
  if (strange !== undefined)
    throw new WorkshopError(`${folder} holds ${strange}, which is not of a workshop`, 'doormat workshop --keep ANOTHER')
}
