import { systemRandom } from '../../crypto/random.ts'
import { acquaint, type Maybe, type Text, type Wire } from './contender.ts'
import { doormat } from './doormat.ts'
import { type Floor, floorOf } from './floor.ts'
import { type Figures, timed } from './timing.ts'
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
  /** What an operation returns while it is recorded. */
  async function heard(operation: () => Maybe<Wire>): Promise<{ floor: Floor; wire: Wire }> {
    let wire: Maybe<Wire> = ''
    const floor = record(() => void (wire = operation()))
    return { floor, wire: await wire }
  }

  const stranger = await contender.meet()
  const initiated = await heard(() => stranger.initiate(text))
  const respond = record(() => stranger.respond(initiated.wire))

  const meeting = await acquaint(contender)
  for (let i = 0; i < turnsBefore; i++) {
    await meeting.decrypt('bob', await meeting.encrypt('alice', text))
    await meeting.decrypt('alice', await meeting.encrypt('bob', text))
  }
  const first = await heard(() => meeting.encrypt('alice', text))
  const turn = record(() => meeting.decrypt('bob', first.wire))
  const encrypted = await heard(() => meeting.encrypt('alice', text))
  const decrypt = record(() => meeting.decrypt('bob', encrypted.wire))
  return {
    'initiate': initiated.floor,
    respond,
    'encrypt': encrypted.floor,
    decrypt,
    'ping-pong': {
      calls: new Map([...turn.calls].map(([name, count]) => [name, count + (first.floor.calls.get(name) ?? 0)])),
      replay() {
        first.floor.replay()
        turn.replay()
      },
    },
  }
}

/** Each of these floors, as often in a row. */
export async function floorTurn(floors: Floors, counts: Partial<Record<Operation, number>>): Promise<Figures> {
  const figures: Record<string, number> = {}
  for (const [operation, count] of Object.entries(counts))
    figures[operation] = await timed(count, () => {
      for (let i = 0; i < count; i++) floors[operation as Operation].replay()
    })
  return figures
}
