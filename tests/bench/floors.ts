import { systemRandom } from '../../crypto/random.ts'
import { at } from '../support/at.ts'
import { acquaint, type Maybe, type Meeting, type Text, type Wire } from './contender.ts'
import { doormat, type DoormatOptions } from './doormat.ts'
import { type Floor, floorOf, together } from './floor.ts'
import { sessionsOfSuite1 } from './suite-1.ts'
import { type Clock, type Figures, timed } from './timing.ts'
import type { Operation } from './turns.ts'

export type Floors = Readonly<Record<Operation, Floor>>

/** As many turns as fill a session's memory of earlier chains: each of their header keys is tried before the new one. */
const turnsBefore = 6

/** What a session does again and again, so that one of suite 1 does it too. */
export const repeated = ['encrypt', 'decrypt', 'ping-pong'] as const satisfies readonly Operation[]
export type Repeated = (typeof repeated)[number]

/** Our own messages, and a way to hear what one operation calls. */
function recorder(options: DoormatOptions = {}) {
  let draw = systemRandom
  const contender = doormat({ ...options, random: (sizeBytes) => draw(sizeBytes) })
  const record = (operation: () => unknown) =>
    floorOf((random) => {
      draw = random
      try {
        operation()
      } finally {
        draw = systemRandom
      }
    })
  /** The floor of something that makes a message, and the message. */
  function heard(operation: () => Maybe<Wire>): { floor: Floor; wire: Maybe<Wire> } {
    const made: Maybe<Wire>[] = []
    const floor = record(() => made.push(operation()))
    return { floor, wire: at(made, 0) }
  }
  return { contender, record, heard }
}

/** @param meeting of the recorder's contender; whoever has to begin has begun */
async function messageFloors(
  { record, heard }: ReturnType<typeof recorder>,
  meeting: Meeting,
  text: Text,
): Promise<Record<Repeated, Floor>> {
  for (let i = 0; i < turnsBefore; i++) {
    await meeting.decrypt('bob', await meeting.encrypt('alice', text))
    await meeting.decrypt('alice', await meeting.encrypt('bob', text))
  }
  const first = heard(() => meeting.encrypt('alice', text))
  const turning = await first.wire
  const turn = record(() => meeting.decrypt('bob', turning))
  const encrypted = heard(() => meeting.encrypt('alice', text))
  const next = await encrypted.wire
  const decrypt = record(() => meeting.decrypt('bob', next))
  return { 'encrypt': encrypted.floor, decrypt, 'ping-pong': together(first.floor, turn) }
}

/** The floor of each of our operations, with a text of one size. */
export async function floorsFor(text: Text): Promise<Floors> {
  const recording = recorder()
  const { contender, record, heard } = recording
  const stranger = await contender.meet()
  const initiated = heard(() => stranger.initiate(text))
  const opening = await initiated.wire
  const respond = record(() => stranger.respond(opening))
  const messages = await messageFloors(recording, await acquaint(contender), text)
  return { initiate: initiated.floor, respond, ...messages }
}

/** What the same text takes in suite 1, heard in the same way: see docs/decisions/0032-whose-floor-a-goal-means.md. */
export async function floorsOfSuite1(text: Text): Promise<Record<Repeated, Floor>> {
  const recording = recorder({ begun: sessionsOfSuite1 })
  return messageFloors(recording, await recording.contender.meet(), text)
}

/**
 * Each of these floors, as often in a row.
 * @param how through libsodium's wrapper, or from address to address
 */
export async function floorTurn<O extends Operation>(
  floors: Readonly<Record<O, Floor>>,
  counts: Partial<Record<O, number>>,
  how: 'replay' | 'replayRaw' = 'replay',
  clock: Clock = timed,
): Promise<Figures> {
  const figures: Record<string, number> = {}
  for (const [operation, count] of Object.entries(counts) as [O, number][])
    figures[operation] = await clock(count, () => {
      for (let i = 0; i < count; i++) floors[operation][how]()
    })
  return figures
}
