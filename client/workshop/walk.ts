import { fromBase64url, hex } from '../../crypto/bytes.ts'
import { modeCalled } from '../../crypto/access/index.ts'
import type { StageProcess } from '../stage/stage.ts'
import type { Spoken } from '../stage/words.ts'
import type { AuthorityProcess } from './authority/authority.ts'
import type { Desk, Walk } from './api.ts'
import type { Passed } from './passed.ts'
import { switchCalled } from './switches.ts'
import type { Stick } from './thief.ts'

const shownBytes = 48

interface Parties {
  readonly stage: StageProcess
  readonly authority: AuthorityProcess
  readonly passed: Passed
  readonly mode: string
  /** What somebody reads who has copied all keys that there are; null where there are none. */
  steal(): Promise<Stick | null>
}

/**
 * Follows one message: each desk is asked what it has of it, and says no more than that. Sender and receiver are on stage, and say it
 * themselves; the authority and the thief decrypt the recorded envelope.
 */
export async function followMessage(spoken: Spoken, parties: Parties): Promise<Walk> {
  const { stage, authority, passed, mode } = parties
  const { from, to, id } = spoken
  const { written, received, envelope, isHeldBack } = await stage.follow(spoken)
  const left = envelope === null ? null : fromBase64url(envelope)
  const bytes = left && { hex: hex(left.subarray(0, shownBytes)), size: left.length }
  const recorded = left && passed.record(left)
  const read = await authority.find(from, id)
  const stick = await parties.steal()
  const stolen = stick?.lines.find((line) => line.from === from && line.id === id)?.text ?? null
  const desk = (who: Desk['who'], text: string | null, note: string, has: Desk['bytes'] = null): Desk => ({
    who,
    text,
    note,
    bytes: has,
  })
  const title = modeCalled(mode).title
  const isShared = (switchCalled(mode)?.holders.length ?? 0) > 1
  return {
    from,
    to,
    at: 0,
    desks: [
      desk('sender', written, written === null ? `${from} has deleted it.` : `${from} wrote this.`),
      desk(
        'network',
        null,
        left
          ? 'Anybody on the way sees bytes, and whom they are for.'
          : isHeldBack
            ? `Nothing has left: ${to}’s key has changed, and ${from}’s device keeps it back.`
            : 'Nothing of it has left yet.',
        bytes,
      ),
      desk(
        'server',
        null,
        recorded
          ? `The server keeps: ${recorded.fromUser} to ${recorded.toUser}, at ${clock(recorded.time)}, and the same bytes.`
          : 'The server has not recorded it.',
        recorded && bytes,
      ),
      desk(
        'authority',
        read,
        read !== null
          ? isShared
            ? 'The custodians have opened it together.'
            : 'The authority has opened it with its key.'
          : mode === 'none'
            ? 'The authority has no key to it.'
            : `The authority has a key (${title}), and this does not open with it.`,
        read === null ? bytes : null,
      ),
      desk('thief', stolen, thiefNote(stick, stolen), stolen === null ? bytes : null),
      desk('receiver', received, received === null ? `${to} has nothing of it.` : `${to} reads this.`),
    ],
  }
}

function thiefNote(stick: Stick | null, stolen: string | null): string {
  if (!stick) return 'A thief has copied what the server keeps. There is no key to steal.'
  if (stolen !== null) return `A thief has copied ${stick.files.length} files, and reads it.`
  if (stick.fault !== null) return `A thief’s program says: ${stick.fault.replace(/^doormat: /, '')}.`
  return `A thief has copied ${stick.files.length} files, and they do not open it.`
}

const clock = (ms: number) => new Date(ms).toTimeString().slice(0, 8)
