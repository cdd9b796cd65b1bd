import type { Utterance } from '../../client/lab/world/world.ts'

export const hour = 3600 * 1000

/** Something said that many hours after 1970 began. */
export const say = (hours: number, from: string, to: string, text: string): Utterance => ({
  at: hours * hour,
  from,
  to,
  text,
})
