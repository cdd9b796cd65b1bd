import type { AccessMode } from '../../crypto/access/mode.ts'
import { adversaries } from './adversaries.ts'
import { byDay, measure, tryControl } from './exposure.ts'
import type { Conduct } from './operator.ts'
import { pair, play, type Played } from './play.ts'
import type { ModeResult, WorldSummary } from './result.ts'
import { daysOf, type Timetable } from './timetable.ts'
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

export function summaryOf(world: World): WorldSummary {
  const { name, target, people, messages } = world
  const conversations = new Map<string, number>()
  for (const { from, to } of messages) {
    const names = pair(from, to)
    conversations.set(names, (conversations.get(names) ?? 0) + 1)
  }
  return {
    name,
    target,
    days: daysOf(world),
    people: people.map(({ name: person, role }) => ({ name: person, role })),
    conversations: [...conversations].map(([names, count]) => ({ pair: names, messages: count })),
    messages: messages.length,
    saidByDay: byDay(world, messages),
  }
}
