import { z } from 'zod'

/*
 * The contract between the workshop and its pages, and the only file of client/workshop/ that a page knows. A page of the room may ask for
 * what stands under `/room`; the host's pages, on this machine alone and with the token, for what stands under `/host`.
 */

/** A join code: six characters that nobody mistakes for others when they are read aloud. */
export const codeAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
export const codeLength = 6
export const ticketPattern = /^[A-Za-z0-9_-]{22}$/

const name = z.string().regex(/^[a-z][a-z0-9._-]{0,31}$/)
const ticket = z.string().regex(ticketPattern)

/** `POST /room/seats`. The ticket is the phone's own: it proves later that the same phone asks. */
export const seatSchema = z.strictObject({ code: z.string().max(32), name, mayShow: z.boolean(), ticket })
/** `POST /room/deleted`: how many messages a phone has deleted because the host asked all to. */
export const deletedSchema = z.strictObject({ ticket, count: z.int().min(0) })

/** `POST /room/answers`: which of the options of the question that is asked now. */
export const answerSchema = z.strictObject({ ticket, question: z.string().max(32), option: z.int().min(0).max(9) })

/** What the whole room does on its phones, checked by what was really done. */
const exerciseIds = ['between', 'evade'] as const
const exerciseId = z.enum(exerciseIds)
/** `POST /room/compared`: what somebody saw who compared numbers with another person, while the exercise about that runs. */
export const comparedSchema = z.strictObject({ ticket, other: name, said: z.enum(['same', 'different']) })
/** `POST /room/standing`: how it stands with one person's exercise; hints, and never the answer. */
export const standingAskSchema = z.strictObject({ ticket })
export const standingSchema = z.object({ isDone: z.boolean(), says: z.array(z.string()) })
export type Standing = z.output<typeof standingSchema>

/** Why the room says no; the message is meant for the person. */
export const roomErrors = {
  'wrong-code': 403,
  'name-taken': 409,
  'room-full': 409,
  'too-many': 429,
  'bad-request': 400,
  'not-the-host': 401,
  'laptop-full': 507,
} as const
export type RoomErrorCode = keyof typeof roomErrors
export const roomErrorSchema = z.object({ code: z.string(), message: z.string() })

const questionSchema = z.object({ id: z.string(), text: z.string(), options: z.array(z.string()) })
export type Question = z.output<typeof questionSchema>

/** `GET /room`: what everybody in the room may know. */
export const roomSchema = z.object({
  /** the relay's policy key, base64url: another room has another one, and so has this one after a reset */
  id: z.string(),
  /** who has come in: has a seat, and has made an account */
  people: z.array(z.string()),
  seats: z.number(),
  /** how often the host has asked everybody to delete */
  deletions: z.number(),
  /** what everybody is asked now */
  question: questionSchema.nullable(),
  /** what everybody does now, or has just done */
  exercise: z.object({ id: exerciseId, isOver: z.boolean() }).nullable(),
})
export type Room = z.output<typeof roomSchema>

/** What the authority's process has read, as it told a moment ago. */
export const readSchema = z.object({
  /** every message that the key opens, once for each conversation it was sent in */
  messages: z.number(),
  /** pairs of people, names in order, and how many messages between them the key opens */
  conversations: z.array(z.object({ people: z.tuple([z.string(), z.string()]), messages: z.number() })),
  /** of those who agreed, in the order in which they passed, the latest last */
  lines: z.array(z.object({ time: z.number(), from: z.string(), to: z.string(), text: z.string() })),
  /** the first time, by the server's clock, at which anything could be read; null while nothing can */
  since: z.number().nullable(),
  /** of the ids of all messages that the key opens: who has opened the same has the same */
  digest: z.string(),
  /** conversations with texts that their writers had locked themselves: of each of the two, how many messages since, locked and open */
  locked: z.array(z.array(z.object({ name: z.string(), locked: z.number(), open: z.number() }))),
})
export type ReadByKey = z.output<typeof readSchema>

export const theftSchema = z.object({
  folder: z.string(),
  files: z.array(z.object({ name: z.string(), sizeBytes: z.number() })),
  command: z.string(),
  read: readSchema,
  /** what the program said when it could not open them */
  fault: z.string().nullable(),
})
export type Theft = z.output<typeof theftSchema>

const deletedSumSchema = z.object({ phones: z.number(), messages: z.number() })
export type Deleted = z.output<typeof deletedSumSchema>

/** `GET /host`: all that the wall and the host's page show. */
export const hostSchema = z.object({
  room: roomSchema,
  addresses: z.array(z.string()),
  code: z.string(),
  /** of the first address with the code, as rows of modules */
  qr: z.array(z.array(z.boolean())),
  mode: z.object({ id: z.string(), title: z.string(), epoch: z.number(), since: z.number() }),
  modes: z.array(z.object({ id: z.string(), title: z.string(), who: z.string() })),
  mayShow: z.array(z.string()),
  /** who is connected now */
  online: z.array(z.string()),
  /** pairs of people between whom anything has passed, and how many envelopes: the server sees that without any key */
  passed: z.array(z.object({ people: z.tuple([z.string(), z.string()]), envelopes: z.number() })),
  read: readSchema,
  theft: theftSchema.nullable(),
  deleted: deletedSumSchema,
  questions: z.array(questionSchema),
  /** of the question that is asked now: how many chose each option, and what was measured once the host shows it */
  answers: z
    .object({ votes: z.array(z.number()), isRevealed: z.boolean(), measured: z.string().nullable() })
    .nullable(),
  /** who may need help: not connected, have sent nothing, have not answered what is asked */
  stuck: z.object({ away: z.array(z.string()), silent: z.array(z.string()), unanswered: z.array(z.string()) }),
  exercise: z
    .object({
      id: exerciseId,
      isOver: z.boolean(),
      people: z.array(z.object({ name: z.string(), isDone: z.boolean() })),
      /** without names */
      lines: z.array(z.object({ text: z.string(), isExposed: z.boolean() })),
      pairs: z.array(z.object({ people: z.array(z.string()), text: z.string(), isExposed: z.boolean() })),
    })
    .nullable(),
  blank: z.boolean(),
  hideNames: z.boolean(),
})
export type HostView = z.output<typeof hostSchema>

/** `POST /host/switch` */
export const switchSchema = z.strictObject({ mode: z.string().max(48) })
/** `POST /host/ask`: null ends it; until it is revealed the wall shows nothing but the guesses. */
export const askSchema = z.strictObject({ question: z.string().max(32).nullable(), isRevealed: z.boolean() })
/** `POST /host/exercise`: null ends it and takes it off the wall. */
export const exerciseSchema = z.strictObject({ exercise: exerciseId.nullable(), isOver: z.boolean() })
/** `POST /host/wall` */
export const wallSchema = z.strictObject({ blank: z.boolean(), hideNames: z.boolean() })
/** `POST /host/seat`: for somebody with a terminal, who has no page to ask for a seat. */
export const guestSchema = z.strictObject({ name })
