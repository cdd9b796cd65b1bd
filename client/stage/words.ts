import { z } from 'zod'

/*
 * What the workshop asks of the process that has the people on stage, and what that answers.
 */

/** `sensitive` has a story of abuse in it, which a room should be told of first. */
export const stories = ['ordinary', 'sensitive'] as const
export type Story = (typeof stories)[number]

export const stageAskSchema = z.discriminatedUnion('do', [
  /** Everybody makes keys, or takes up those that they have. @returns account keys, base64url, by name */
  z.object({ do: z.literal('prepare') }),
  /** Everybody makes an account with them, and comes in. @returns null */
  z.object({ do: z.literal('enter') }),
  /** Lines of these people come first from now on; of nobody in particular, where none is named. @returns null */
  z.object({ do: z.literal('attend'), people: z.array(z.string()) }),
  /** Waits until everybody has heard of that link of the policy chain, and not for long. @returns null */
  z.object({ do: z.literal('learn'), epoch: z.number() }),
  /** The next line of the story is written, and waited for until it has arrived. @returns `spokenSchema`, null after the last */
  z.object({ do: z.literal('say') }),
  /** The story goes on by itself, or stops. @returns null */
  z.object({ do: z.literal('play'), isPlaying: z.boolean() }),
  /** @returns `playedSchema` */
  z.object({ do: z.literal('look') }),
  /** What the two who talk, and whoever is between them, have of one message. @returns `followedSchema` */
  z.object({ do: z.literal('follow'), from: z.string(), to: z.string(), id: z.string() }),
  /** Everybody deletes what they wrote and read. @returns how many messages */
  z.object({ do: z.literal('forget') }),
])
export type StageAsk = z.output<typeof stageAskSchema>

export const spokenSchema = z.object({ from: z.string(), to: z.string(), id: z.string() })
export type Spoken = z.output<typeof spokenSchema>

export const playedSchema = z.object({
  /** lines of the story that were written, of how many */
  said: z.number(),
  of: z.number(),
  isPlaying: z.boolean(),
})
export type Played = z.output<typeof playedSchema>

export const followedSchema = z.object({
  /** the text as it stands on the sender's device now; null where it is deleted */
  written: z.string().nullable(),
  /** and on the receiver's */
  received: z.string().nullable(),
  /** as it left, base64url; null where it has not, or that is forgotten */
  envelope: z.string().nullable(),
  /** whether the sender's device keeps it back, because the receiver's key has changed */
  isHeldBack: z.boolean(),
})
export type Followed = z.output<typeof followedSchema>
