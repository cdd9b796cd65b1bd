import type { Draws } from './draws.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** The simulated month: 30 days from Monday, 2 March 2026, 00:00 UTC. The end is no longer part of it. */
export const worldDays = 30
export const worldStart = Date.UTC(2026, 2, 2)
export const worldEnd = worldStart + worldDays * day

/** @param dayNumber 1 to 30  @param time `HH:MM` */
export function moment(dayNumber: number, time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return worldStart + (dayNumber - 1) * day + hours * hour + minutes * minute
}

/** How much is begun in each hour of a day, from midnight: almost nothing at night, most in the evening. */
const rhythm = [1, 0, 0, 0, 0, 1, 4, 9, 9, 6, 5, 5, 8, 7, 4, 4, 6, 9, 11, 13, 14, 12, 7, 3]
const hours = rhythm.flatMap((weight, index) => Array.from({ length: weight }, () => index))

/** A time of that day at which people write. @param dayNumber 1 to 30 */
export const waking = (dayNumber: number, { pick, below }: Draws): number =>
  worldStart + (dayNumber - 1) * day + pick(hours) * hour + below(hour / second) * second

/** Until the same person's next words: they are typed, and that is all. */
export const typing = (text: string, { below }: Draws): number => (5 + Math.ceil(text.length / 6) + below(30)) * second

/** Until the other's answer: mostly at once, now and then after a while. */
export function answering(text: string, { below, percent }: Draws): number {
  const thinking = percent(85) ? below(100) * second : (2 + below(25)) * minute
  return (8 + Math.ceil(text.length / 6)) * second + thinking
}
