import { modeCalled } from '../../../crypto/access/index.ts'
import { adversaries } from '../adversaries/adversaries.ts'
import { tryControl } from '../adversaries/control.ts'
import { measure } from '../adversaries/exposure.ts'
import type { LastStates } from '../simulation/last-states.ts'
import type { Conduct } from '../simulation/operator.ts'
import { play } from '../simulation/play.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { Detection } from '../simulation/noticing.ts'
import { usualTimetable } from '../simulation/timetable.ts'
import { datasetWorld } from '../world/dataset.ts'
import { readEdgeList } from '../world/edge-list.ts'
import { readTexts } from '../world/texts.ts'
import type { World } from '../world/world.ts'

/** What is to be replayed: all that another thread needs to do it by itself. */
export interface ReplayOrder {
  readonly dataset: string
  readonly text: string
  /** from the beginning of the dataset; null: all */
  readonly messages: number | null
  readonly modeId: string
  readonly seed: string
}

/** One of the two plays of it. */
export interface ReplayPart {
  readonly order: ReplayOrder
  readonly conduct: Conduct
}

/** What one of the two plays of a world has come to, told as it comes. */
export type News = { readonly conduct: Conduct } & (
  | { readonly kind: 'said'; readonly said: number }
  | { readonly kind: 'played'; readonly played: PlayedSummary }
  | { readonly kind: 'cell'; readonly cell: Cell }
  | { readonly kind: 'end'; readonly control: number; readonly seconds: number }
)

export interface PlayedSummary {
  readonly envelopes: number
  readonly envelopeBytes: number
  readonly lost: number
  readonly lastStates: LastStates
  readonly detections: readonly Detection[]
  readonly seconds: number
}

/** The two operators under whom a world is played. */
export const conducts: readonly Conduct[] = ['within the order', 'as it likes']

/** @throws LabError */
export function worldOf({ dataset, text, messages }: ReplayOrder): World {
  return datasetWorld(readEdgeList(dataset, messages ?? Infinity).edges, readTexts(text).texts, 'a dataset')
}

/**
 * Plays a world under one operator, and lets all adversaries read who are of that operator's world.
 * @param leaveIfAsked throws where somebody wants an end
 */
export async function replayPart(
  order: ReplayOrder,
  conduct: Conduct,
  tell: (news: News) => void,
  leaveIfAsked: () => void,
): Promise<void> {
  const world = worldOf(order)
  const begun = performance.now()
  const secondsSince = () => (performance.now() - begun) / 1000
  let told = begun
  const progress = (said: number) => {
    leaveIfAsked()
    if (performance.now() < told + progressEveryMs) return
    told = performance.now()
    tell({ conduct, kind: 'said', said })
  }
  const played = await play(world, modeCalled(order.modeId), usualTimetable(world), order.seed, progress, conduct)
  const { archive, lost, lastStates, detections } = played
  const envelopeBytes = archive.reduce((sum, { bytes }) => sum + bytes.length, 0)
  tell({
    conduct,
    kind: 'played',
    played: { envelopes: archive.length, envelopeBytes, lost, lastStates, detections, seconds: secondsSince() },
  })
  // where the operator has no part in the mode, one who plays it for everybody does nothing else
  const conductsHere = played.mode.tapping || conduct === 'as it likes' ? [conduct] : [conduct, 'for everybody']
  for (const adversary of adversaries.filter((one) => conductsHere.includes(one.conduct))) {
    leaveIfAsked()
    tell({ conduct, kind: 'cell', cell: measure(played, adversary) })
  }
  tell({ conduct, kind: 'end', control: tryControl(played), seconds: secondsSince() })
}

const progressEveryMs = 500
