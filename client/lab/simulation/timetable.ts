import type { World } from '../world/world.ts'

/** When the operator uses the switch, and when something is stolen; simulated time, milliseconds since 1970. */
export interface Timetable {
  readonly on: number
  /** the relay is broken into, secrets are stolen, devices are seized */
  readonly breach: number
  readonly off: number
  /** another state compels the operator to use the switch once more, with keys of that state; null: none does */
  readonly again: number | null
  /** how often the mode gets new keys while it is on; null: never */
  readonly rotateEveryMs: number | null
}

const dayMs = 24 * 3600 * 1000

/** The midnight (UTC) before the first word of a world. */
export const beginningOf = ({ messages }: World): number => Math.floor((messages[0]?.at ?? 0) / dayMs) * dayMs

/** Days since the beginning of a world, with fractions. */
export const daysInto = (world: World, at: number): number => (at - beginningOf(world)) / dayMs

/** How many days a world has, the first and the last begun ones too. */
export const daysOf = (world: World): number =>
  Math.floor(daysInto(world, world.messages.at(-1)?.at ?? beginningOf(world))) + 1

/** What is measured if nothing else is asked for, as parts of a world's days. */
export const usualParts = { on: 0.4, breach: 0.6, off: 0.7, again: 0.85 } as const

export function usualTimetable(world: World): Timetable {
  const after = (part: number) => beginningOf(world) + Math.round(daysOf(world) * part * dayMs)
  const { on, breach, off, again } = usualParts
  return { on: after(on), breach: after(breach), off: after(off), again: after(again), rotateEveryMs: null }
}

/**
 * The mode is on for so many whole days, the usual ones in their middle as far as the world has days before and after.
 * The theft stays where it was, and no other state comes.
 * @throws RangeError for no whole number, or more days than the world has
 */
export function timetableWithDaysOn(world: World, daysOn: number): Timetable {
  const days = daysOf(world)
  if (!Number.isSafeInteger(daysOn) || daysOn < 1 || daysOn > days)
    throw new RangeError(`in this world a mode can be on for 1 to ${days} whole days, not ${daysOn}`)
  const middle = (days * (usualParts.on + usualParts.off)) / 2
  const first = Math.min(Math.max(0, middle - daysOn / 2), days - daysOn)
  const on = beginningOf(world) + Math.round(first * dayMs)
  return { ...usualTimetable(world), on, off: on + daysOn * dayMs, again: null }
}
