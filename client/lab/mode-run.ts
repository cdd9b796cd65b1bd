import type { AccessMode } from '../../crypto/access/mode.ts'
import { adversaries } from './adversaries.ts'
import { tryControl } from './control.ts'
import { measure } from './exposure.ts'
import type { Conduct } from './operator.ts'
import { play } from './play.ts'
import type { Played } from './played.ts'
import type { ModeResult } from './result.ts'
import type { Timetable } from './timetable.ts'
import type { World } from './world/world.ts'

/** A world that was played twice under one mode, and what everybody read of it. */
export interface ModeRun {
  /** with an operator who keeps within the order */
  readonly within: Played
  /** with a relay that answers as it likes */
  readonly turned: Played
  readonly result: ModeResult
}

/** @param progress which of the two times, and how many messages have been said */
export async function runMode(
  world: World,
  mode: AccessMode,
  timetable: Timetable,
  seed: string,
  progress: (conduct: Conduct, said: number) => void,
): Promise<ModeRun> {
  const begun = performance.now()
  const played = (conduct: Conduct) => play(world, mode, timetable, seed, (said) => progress(conduct, said), conduct)
  const within = await played('within the order')
  const turned = await played('as it likes')
  const { id, title, year, source } = mode
  const secrets = within.holdings.authority[0]?.secrets ?? []
  const result: ModeResult = {
    id,
    title,
    year,
    source,
    secrets: secrets.map(({ name, holder, jurisdiction }) => ({ name, holder, jurisdiction })),
    envelopes: within.archive.length,
    envelopeBytes: within.archive.reduce((sum, { bytes }) => sum + bytes.length, 0),
    lost: within.lost,
    cells: adversaries.map((adversary) =>
      measure(adversary.conduct === 'within the order' ? within : turned, adversary),
    ),
    detections: { order: within.detections, activeRelay: turned.detections },
    control: tryControl(within),
    lastStates: within.lastStates,
    seconds: (performance.now() - begun) / 1000,
  }
  return { within, turned, result }
}
