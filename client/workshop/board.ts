import type { AccessStatus } from '../../server/api.ts'
import type { Executed, LookedUp, Theft, Timeline, Walk } from './api.ts'

type Event = Timeline['events'][number]

/** What the host has done in this round, and what came of it. */
export interface Board {
  access: AccessStatus
  /** whom the mode in force taps, where it does that */
  tapped: readonly string[]
  /** whether what was measured stands beside what was guessed */
  isRevealed: boolean
  theft: Theft | null
  order: Executed | null
  lookedUp: LookedUp | null
  walk: Walk | null
  /** messages that the people on stage have deleted */
  deletedOnStage: number
  readonly events: Event[]
}

export const emptyBoard = (access: AccessStatus): Board => ({
  access,
  tapped: [],
  isRevealed: false,
  theft: null,
  order: null,
  lookedUp: null,
  walk: null,
  deletedOnStage: 0,
  events: [],
})

export const note = (board: Board, what: Event['what']): void => void board.events.push({ at: Date.now(), what })
