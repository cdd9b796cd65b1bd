import { z } from 'zod'
import { readSchema } from '../api.ts'

/*
 * What the workshop asks of the authority's process, and what that answers. No secret is in it, but for the instrument of a key substitution,
 * which is the key itself: there the server reads in between. Of what was read it has only the lines of those who agreed.
 */

const mayShow = z.array(z.string())

export const authorityAskSchema = z.discriminatedUnion('do', [
  /** Makes a key for a mode, if there is none yet. @returns its public half, base64url */
  z.object({ do: z.literal('key'), mode: z.string() }),
  /** What the relay taps these people by, in a mode that needs that. @returns it, base64url */
  z.object({ do: z.literal('instrument'), mode: z.string(), people: z.array(z.string()) }),
  /** Reads what has passed since the last time. @returns `ledgerSchema` */
  z.object({ do: z.literal('read'), mayShow, onStage: z.array(z.string()) }),
  /** One message, as the authority has it. @returns its text; null where no key opens it */
  z.object({ do: z.literal('find'), from: z.string(), id: z.string() }),
  /** Somebody copies the keys and the archive into a folder. @returns the names of the files */
  z.object({ do: z.literal('copy'), into: z.string() }),
  /** A court's order for one person is written, checked and carried out. @returns `executedSchema` */
  z.object({ do: z.literal('order'), mode: z.string(), person: z.string(), since: z.number(), mayShow }),
  /** A clerk looks somebody up, and no order names them. @returns `lookedUpSchema` */
  z.object({ do: z.literal('look up'), person: z.string(), mayShow }),
])
export type AuthorityAsk = z.output<typeof authorityAskSchema>

export const ledgerSchema = z.object({
  read: readSchema,
  /** the same without the people on stage, and without any text */
  ofRoom: readSchema,
  /** envelopes that a key opened, by the ten seconds in which they passed: when, milliseconds since 1970, and how many */
  opened: z.array(z.tuple([z.number(), z.number()])),
})
export type Ledger = z.output<typeof ledgerSchema>
