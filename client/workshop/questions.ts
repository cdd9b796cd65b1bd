import { counted } from '../words/counted.ts'
import type { Deleted, LogHead, LookedUp, Question, ReadByKey, Theft } from './api.ts'

/** What a measurement of a question can be taken from. */
export interface Measured {
  /** pairs of people in the room between whom anything has passed since a key went under the mat */
  readonly conversations: number
  /** of theirs, what the key opens */
  readonly read: ReadByKey
  readonly theft: Theft | null
  readonly deleted: Deleted
  readonly lookedUp: LookedUp | null
}

interface Asked extends Question {
  /** what came out, by opening or by counting; null while there is nothing to say yet */
  measure(now: Measured): string | null
}

/** What people are asked before they see: each has an answer that this room measures itself. */
export const questions: readonly Asked[] = [
  {
    id: 'how-many',
    text: 'How many of our conversations can the key open, of those since it went under the mat?',
    options: ['none', 'some', 'all'],
    measure: ({ conversations, read }) =>
      read.messages === 0
        ? null
        : `Opened: ${counted(read.messages, 'message')} in ${read.conversations.length} of ${counted(conversations, 'conversation')}.`,
  },
  {
    id: 'noticed',
    text: 'A clerk reads our messages without an order. Who can tell?',
    options: ['our phones', 'the audit log', 'nobody'],
    measure: ({ lookedUp }) =>
      lookedUp === null
        ? null
        : `The clerk read ${counted(lookedUp.read.messages, 'message')}. The audit log: ${entries(lookedUp.logBefore)} before, ${entries(lookedUp.log)} after.`,
  },
  {
    id: 'deleting',
    text: 'We delete everything on all phones. What can a thief of the key still read?',
    options: ['nothing', 'some of it', 'all of it'],
    measure: ({ deleted, theft }) =>
      deleted.phones === 0 || theft === null
        ? null
        : `${counted(deleted.phones, 'phone')} deleted. The thief reads ${theft.ofRoom.read} of ${counted(theft.ofRoom.of, 'message')} of ours that the authority has read.`,
  },
]

const entries = (log: LogHead | null) => counted(log?.entries ?? 0, 'entry', 'entries')

export const questionCalled = (id: string | null): Asked | null => questions.find((one) => one.id === id) ?? null
