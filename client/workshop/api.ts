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
export const seatSchema = z.strictObject({
  code: z.string().max(32),
  name,
  mayShow: z.boolean(),
  ticket,
  /** base64url of the account key that will be registered under the name; null while there is none yet */
  account: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .nullable(),
})
/** `POST /room/deleted`: how many messages a phone has deleted because the host asked all to. */
export const deletedSchema = z.strictObject({ ticket, count: z.int().min(0).max(100_000) })

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
  'sent-out': 403,
  'host-is-asked': 429,
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
  question: questionSchema
    .extend({
      /** once the host shows what came out, no guess is taken any more */
      isRevealed: z.boolean(),
      /** what came out; null before that, and while there is nothing to say */
      measured: z.string().nullable(),
    })
    .nullable(),
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
  /** of those messages, how many are of people who agreed to be shown */
  agreed: z.number(),
  /** the latest of those, in the order in which they passed, the latest last */
  lines: z.array(z.object({ time: z.number(), from: z.string(), to: z.string(), text: z.string() })),
  /** when the first and the last message passed that could be read, by the server's clock; null while nothing can */
  since: z.number().nullable(),
  until: z.number().nullable(),
  /** of the ids of all messages that the key opens: who has opened the same has the same */
  digest: z.string(),
  /** conversations with texts that their writers had locked themselves: of each of the two, how many messages since, locked and open */
  locked: z.array(z.array(z.object({ name: z.string(), locked: z.number(), open: z.number() }))),
})
export type ReadByKey = z.output<typeof readSchema>

export const theftSchema = z.object({
  /** who has it: `thief`, or the states whose custodians were compelled */
  by: z.union([z.literal('thief'), z.array(z.string())]),
  folder: z.string(),
  files: z.array(z.object({ name: z.string(), sizeBytes: z.number() })),
  command: z.string(),
  read: readSchema,
  /** of the people in the room, without those on stage: how many of their messages opened, of how many that the authority had read by then */
  ofRoom: z.object({ read: z.number(), of: z.number() }),
  /** what the program said when it could not open them */
  fault: z.string().nullable(),
})
export type Theft = z.output<typeof theftSchema>

/** The end of the order desk's audit log. */
export const logHeadSchema = z.object({ entries: z.number(), last: z.string(), digest: z.string() })
export type LogHead = z.output<typeof logHeadSchema>

/** What an order for one person gave. */
export const executedSchema = z.object({
  person: z.string(),
  serial: z.string(),
  /** that the order desk made, and how many of them rest on somebody's word */
  checks: z.number(),
  onTrust: z.number(),
  read: readSchema,
  /** people whose messages the same key opens where nobody keeps to an order */
  possible: z.number(),
  log: logHeadSchema.nullable(),
})
export type Executed = z.output<typeof executedSchema>

/** What a clerk saw who looked somebody up without an order. */
export const lookedUpSchema = z.object({
  person: z.string(),
  read: readSchema,
  /** the end of the audit log when the clerk began, and when they had read */
  logBefore: logHeadSchema.nullable(),
  log: logHeadSchema.nullable(),
})
export type LookedUp = z.output<typeof lookedUpSchema>

/** What one party has of one message. */
const deskSchema = z.object({
  who: z.enum(['sender', 'network', 'server', 'authority', 'thief', 'receiver']),
  /** as they read it; null where they cannot, or have it no more */
  text: z.string().nullable(),
  /** what they have instead: the first bytes of the envelope, hex, and how many there are */
  bytes: z.object({ hex: z.string(), size: z.number() }).nullable(),
  note: z.string(),
})
export type Desk = z.output<typeof deskSchema>

/** One message on its way, from desk to desk: those up to `at` are shown. */
const walkSchema = z.object({ from: z.string(), to: z.string(), at: z.number(), desks: z.array(deskSchema) })
export type Walk = z.output<typeof walkSchema>

const stageSchema = z.object({
  people: z.array(z.string()),
  /** whether all of them have come in */
  isReady: z.boolean(),
  /** why they have left again */
  fault: z.string().nullable(),
  isPlaying: z.boolean(),
  said: z.number(),
  of: z.number(),
  isSensitive: z.boolean(),
  /** what the key opens of what they wrote to each other */
  read: z.object({ messages: z.number(), conversations: z.number() }),
})

/** What happened when, for the line of time; all in milliseconds since 1970, by this machine's clock. */
const timelineSchema = z.object({
  binMs: z.number(),
  /** of each ten seconds in which anything passed: how many envelopes, and how many of them a key opened */
  bins: z.array(z.object({ at: z.number(), passed: z.number(), opened: z.number() })),
  events: z.array(
    z.object({ at: z.number(), what: z.enum(['on', 'off', 'order', 'looked up', 'stolen', 'compelled', 'deleted']) }),
  ),
})
export type Timeline = z.output<typeof timelineSchema>

/** What the wall can show. */
export const scenes = ['door', 'room', 'walk', 'order', 'time'] as const

const deletedSumSchema = z.object({ phones: z.number(), messages: z.number(), onStage: z.number() })
export type Deleted = z.output<typeof deletedSumSchema>

/** `GET /host`: all that the wall and the host's page show. */
export const hostSchema = z.object({
  room: roomSchema,
  addresses: z.array(z.string()),
  /** what phones are shown where they come in by https: its file on this machine, and its SHA-256 as browsers show it */
  certificate: z.object({ file: z.string(), fingerprint: z.string() }).nullable(),
  code: z.string(),
  /** of the first address with the code, as rows of modules */
  qr: z.array(z.array(z.boolean())),
  mode: z.object({ id: z.string(), title: z.string(), epoch: z.number(), since: z.number() }),
  modes: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      group: z.string(),
      /** who holds what, in a line */
      who: z.string(),
      /** whether the host has to name people */
      isForSome: z.boolean(),
      /** of each key file, in their order */
      holders: z.array(z.object({ holder: z.string(), jurisdiction: z.string() })),
    }),
  ),
  /** whom the mode in force taps, where it does that */
  tapped: z.array(z.string()),
  mayShow: z.array(z.string()),
  /** who has a seat, whether they have come in or not */
  seated: z.array(z.object({ name: z.string(), isHere: z.boolean() })),
  /** addresses that many have come in from, and from which somebody else wants to */
  asking: z.array(z.object({ address: z.string(), seats: z.number() })),
  /** who is connected now */
  online: z.array(z.string()),
  /** pairs of people between whom anything has passed, and how many envelopes: the server sees that without any key */
  passed: z.array(z.object({ people: z.tuple([z.string(), z.string()]), envelopes: z.number() })),
  read: readSchema,
  /** messages that the server has read with false keys, under no mode at all */
  serverRead: z.number(),
  theft: theftSchema.nullable(),
  order: executedSchema.nullable(),
  lookedUp: lookedUpSchema.nullable(),
  walk: walkSchema.nullable(),
  stage: stageSchema,
  timeline: timelineSchema,
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
  wall: z.object({
    isBlank: z.boolean(),
    hidesNames: z.boolean(),
    /** it shows what it showed when it was frozen */
    isFrozen: z.boolean(),
    scene: z.enum(scenes),
  }),
})
export type HostView = z.output<typeof hostSchema>

/** `POST /host/switch`; `people` where the mode is for some only. */
export const switchSchema = z.strictObject({ mode: z.string().max(48), people: z.array(name).max(50) })
/** `POST /host/take`: key files, and what has passed, are copied and opened elsewhere. */
export const takeSchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('thief'), all: z.boolean() }),
  z.strictObject({ by: z.literal('states'), states: z.array(z.string().max(48)).min(1).max(9) }),
])
export type Take = z.output<typeof takeSchema>
/** `POST /host/delete` and `POST /host/reset` */
export const nothingSchema = z.strictObject({})
/** `POST /host/order`, `POST /host/look-up` and `POST /host/send-out` */
export const personSchema = z.strictObject({ person: name })
/** `POST /host/let-in`: however many come from there */
export const addressSchema = z.strictObject({ address: z.string().max(64) })
/** `POST /host/play` */
export const playSchema = z.strictObject({ isPlaying: z.boolean() })
/** `POST /host/walk`: another message, or one desk further with the one that is shown. */
export const walkAskSchema = z.strictObject({ isNew: z.boolean() })
/** `POST /host/ask`: null ends it; until it is revealed the wall shows nothing but the guesses. */
export const askSchema = z.strictObject({ question: z.string().max(32).nullable(), isRevealed: z.boolean() })
/** `POST /host/exercise`: null ends it and takes it off the wall. */
export const exerciseSchema = z.strictObject({ exercise: exerciseId.nullable(), isOver: z.boolean() })
/** `POST /host/wall`: what is not said stays as it is. */
export const wallSchema = hostSchema.shape.wall.partial().strict()
/** `POST /host/seat`: for somebody with a terminal, who has no page to ask for a seat. */
export const guestSchema = z.strictObject({ name })
