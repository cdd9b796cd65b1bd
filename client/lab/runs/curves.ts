import { modeCalled } from '../../../crypto/access/index.ts'
import { adversaries } from '../adversaries/adversaries.ts'
import type { Cell } from '../adversaries/cell.ts'
import { tryControl } from '../adversaries/control.ts'
import { measure } from '../adversaries/exposure.ts'
import { phases } from '../simulation/phase.ts'
import { play } from '../simulation/play.ts'
import type { Played } from '../simulation/played.ts'
import type { Share } from '../simulation/share.ts'
import { type Timetable, timetableWithDaysOn, usualTimetable } from '../simulation/timetable.ts'
import { builtinWorld, type WorldShares } from '../world/builtin.ts'
import { evasionIn } from '../world/evasion.ts'
import { pairsWriting } from '../world/pair.ts'
import type { World } from '../world/world.ts'

export type CurveId = 'comparing' | 'evading' | 'days on'

/** A property of a world that is turned, while everything else of that world stays as it is. */
export interface Curve {
  readonly id: CurveId
  /** shares of all pairs from 0 to 1, or whole days */
  readonly values: readonly number[]
  readonly mode: string
  /** of the matrix */
  readonly adversary: string
  readonly shares: (value: number) => WorldShares
  readonly timetable: (world: World, value: number) => Timetable
  /** what stands beside the headline's figure */
  readonly beside: (played: Played, cell: Cell) => Share
  /** the pairs who do what is turned; null where it is not people who do it */
  readonly those: ((world: World) => World['verified']) | null
}

const tenths = (most: number) => Array.from({ length: most + 1 }, (_, i) => i / 10)

const escrow = { mode: 'message-key-escrow', adversary: 'order, as possible' } as const

export const curves: readonly Curve[] = [
  {
    id: 'comparing',
    values: tenths(10),
    mode: 'none',
    adversary: 'active relay',
    shares: (comparing) => ({ comparing }),
    timetable: usualTimetable,
    beside: neverSent,
    those: ({ verified }) => verified,
  },
  {
    id: 'evading',
    values: tenths(5),
    ...escrow,
    shares: (evading) => ({ evading }),
    timetable: usualTimetable,
    beside: (_played, { messages }) => messages.during,
    those: ({ evading }) => evading.map(({ between }) => between),
  },
  {
    id: 'days on',
    values: [1, 3, 6, 9, 15, 21, 30],
    ...escrow,
    shares: () => ({}),
    timetable: timetableWithDaysOn,
    beside: (_played, { messages }) => ({
      read: phases.reduce((sum, phase) => sum + messages[phase].read, 0),
      of: phases.reduce((sum, phase) => sum + messages[phase].of, 0),
    }),
    those: null,
  },
]

/** One world that was played once, and what the adversary of a curve read in it. */
export interface CurveRun {
  readonly seed: string
  readonly messages: number
  readonly pairs: number
  readonly comparing: number
  readonly evading: number
  /** the figure of the findings' headline: read, of what complying people said while the mode was on */
  readonly headline: Share
  readonly beside: Share
  /** conversations of which at least one message was read, of all in the whole time */
  readonly conversations: Share
  /** people who do what is turned with at least one other, of all; null where it is not people who do it */
  readonly involved: Share | null
  /** people who compared safety numbers before they wrote, and found different ones */
  readonly warned: Share
}

/** What is to be played, so that another thread can do it by itself. */
export interface CurveTask {
  readonly curve: CurveId
  readonly value: number
  readonly seed: string
  readonly people: number
}

/**
 * Plays one world for one point of a curve, and lets the one adversary read whom the curve is about.
 * @param progress messages said so far
 * @throws RangeError for a value that no such world has; Error where a control failed, so that the figure means nothing
 */
export async function runCurve(task: CurveTask, progress: (said: number) => void): Promise<CurveRun> {
  const { curve: id, value, seed, people } = task
  const curve = curves.find((one) => one.id === id)
  const adversary = adversaries.find((one) => one.id === curve?.adversary)
  if (!curve || !adversary) throw new Error(`there is no curve ${id}`)
  const world = builtinWorld(seed, people, curve.shares(value))
  const timetable = curve.timetable(world, value)
  const played = await play(world, modeCalled(curve.mode), timetable, seed, progress, adversary.conduct)
  holdControls(played)
  const cell = measure(played, adversary)
  return {
    seed,
    messages: world.messages.length,
    pairs: pairsWriting(world.messages).length,
    comparing: world.verified.length,
    evading: world.evading.length,
    headline: cell.complying.messages,
    beside: curve.beside(played, cell),
    conversations: cell.conversations,
    involved: curve.those && { read: new Set(curve.those(world).flat()).size, of: people },
    warned: played.detections.find(({ id }) => id === 'compared first')?.noticed ?? { read: 0, of: people },
  }
}

/** What complying people meant to say while the mode was on, and did not, since their safety numbers differed. */
function neverSent({ world, truth }: Played): Share {
  const evasion = evasionIn(world)
  const meant = [...truth.values()].filter(({ from, to, phase }) => phase === 'during' && evasion(from, to) === null)
  return { read: meant.filter(({ sent }) => sent === null).length, of: meant.length }
}

/** A zero counts only where the same attempt had to succeed on one control message, and last states opened what they had to. */
function holdControls(played: Played): void {
  const { control, lastStates } = played
  const { readBefore, stillToCome } = lastStates
  if (tryControl(played) !== (control ? 1 : 0) || readBefore !== 0 || stillToCome.read !== stillToCome.of)
    throw new Error(`a control failed: what was read of ${played.world.name} means nothing`)
}
