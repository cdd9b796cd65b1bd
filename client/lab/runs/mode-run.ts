import type { AccessMode } from '../../../crypto/access/mode.ts'
import { adversaries } from '../adversaries/adversaries.ts'
import { tryControl, tryPlainKeys } from '../adversaries/control.ts'
import { measure } from '../adversaries/exposure.ts'
import type { Conduct } from '../simulation/operator.ts'
import { play } from '../simulation/play.ts'
import type { Played } from '../simulation/played.ts'
import type { ModeResult } from './result.ts'
import type { Timetable } from '../simulation/timetable.ts'
import type { World } from '../world/world.ts'

/** A world that was played under one mode by each operator, and what everybody read of it. */
export interface ModeRun {
  /** with an operator who keeps within the order */
  readonly within: Played
  /** with a relay that answers as it likes */
  readonly turned: Played
  readonly result: ModeResult
}

/** @param progress which operator, and how many messages have been said */
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
  const everybody = mode.tapping ? await played('for everybody') : within
  const turned = await played('as it likes')
  const worlds: Readonly<Record<Conduct, Played>> = {
    'within the order': within,
    'for everybody': everybody,
    'as it likes': turned,
  }
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
    withheld: { order: within.withheld, activeRelay: turned.withheld },
    plainKeys: tryPlainKeys(within),
    cells: adversaries.map((adversary) => measure(worlds[adversary.conduct], adversary)),
    detections: { order: within.detections, activeRelay: turned.detections },
    control: tryControl(within),
    lastStates: within.lastStates,
    seconds: (performance.now() - begun) / 1000,
  }
  return { within, turned, result }
}
