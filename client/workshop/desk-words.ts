import { z } from 'zod'
import { readSchema } from './api.ts'

/*
 * What the workshop and the authority's process say to each other: one asks, the other answers, in order. No secret is ever in it, and of what
 * was read only the lines of those who agreed.
 */

export const askSchema = z.discriminatedUnion('do', [
  /** Makes a key for a mode, if there is none yet. @returns its public half */
  z.object({ ref: z.number(), do: z.literal('key'), mode: z.string() }),
  /** Reads what has passed since the last time. */
  z.object({ ref: z.number(), do: z.literal('read'), mayShow: z.array(z.string()) }),
  /** Somebody copies the key and the archive into a folder. */
  z.object({ ref: z.number(), do: z.literal('copy'), into: z.string() }),
])
export type Ask = z.output<typeof askSchema>

export const answerSchema = z.union([
  z.object({ ref: z.number(), parameters: z.string() }),
  z.object({ ref: z.number(), read: readSchema }),
  z.object({ ref: z.number(), files: z.array(z.string()) }),
  z.object({ ref: z.number(), fault: z.string() }),
])
export type Answer = z.output<typeof answerSchema>
