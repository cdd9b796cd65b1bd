import { systemRandom } from '../../crypto/random.ts'
import { at } from '../support/at.ts'
import { acquaint, type Maybe, type Text, type Wire } from './contender.ts'
import { doormat } from './doormat.ts'
import { type Floor, floorOf, together } from './floor.ts'
import { type Clock, type Figures, timed } from './timing.ts'
import type { Operation } from './turns.ts'

export type Floors = Readonly<Record<Operation, Floor>>

/** As many turns as fill a session's memory of earlier chains: each of their header keys is tried before the new one. */
const turnsBefore = 6

/** The floor of each of our operations, with a text of one size. */
export async function floorsFor(text: Text): Promise<Floors> {
  let draw = systemRandom
  const contender = doormat({ random: (sizeBytes) => draw(sizeBytes) })
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

  const stranger = await contender.meet()
  const initiated = heard(() => stranger.initiate(text))
  const opening = await initiated.wire
  const respond = record(() => stranger.respond(opening))

  const meeting = await acquaint(contender)
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
  return {
    'initiate': initiated.floor,
    respond,
    'encrypt': encrypted.floor,
    decrypt,
    'ping-pong': together(first.floor, turn),
  }
}

/**
 * Each of these floors, as often in a row.
 * @param how through libsodium's wrapper, or from address to address
 */
export async function floorTurn(
  floors: Floors,
  counts: Partial<Record<Operation, number>>,
  how: 'replay' | 'replayRaw' = 'replay',
  clock: Clock = timed,
): Promise<Figures> {
  const figures: Record<string, number> = {}
  for (const [operation, count] of Object.entries(counts))
    figures[operation] = await clock(count, () => {
      for (let i = 0; i < count; i++) floors[operation as Operation][how]()
    })
  return figures
}
