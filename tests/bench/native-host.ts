import { nonceSizeBytes, tagSizeBytes } from '../../crypto/aead.ts'
import { take, within } from '../../crypto/arena.ts'
import { keySizeBytes } from '../../crypto/keys.ts'
import { primitives } from '../../crypto/primitives.ts'
import { loadNative } from '../../server/native.ts'
import { acquaint, type Meeting, textOf } from './contender.ts'
import { doormat } from './doormat.ts'
import { messagesOf, paddedSizeOf } from './messages.ts'
import { answerParent } from './relay/processes.ts'
import type { Scale } from './scale.ts'
import { type Clock, timed, worked } from './timing.ts'
import { messageTurn, setUpTurn } from './turns.ts'

/*
 * Our messages with native code, in a process of their own: whoever computed in WebAssembly and natively by turns would
 * measure neither, for the compiler would have seen both.
 */

process.env['DOORMAT_NATIVE'] = '1'
const libsodium = await loadNative()
const contender = doormat()
const meetings = new Map<number, Meeting>()

export interface TurnAsked {
  readonly size: number
  readonly scale: Scale
  readonly clock: 'timed' | 'worked'
}

async function meetingFor(size: number): Promise<Meeting> {
  const meeting = meetings.get(size) ?? (await acquaint(contender))
  meetings.set(size, meeting)
  return meeting
}

/** The two calls over all of a padded text that no message can do without: one AEAD, one hash. */
const leastTurn = (sizeBytes: number, count: number, by: Clock) =>
  by(count, () =>
    within(() => {
      const text = { address: take(sizeBytes + tagSizeBytes), sizeBytes }
      const [to, nonce, key] = [take(keySizeBytes), take(nonceSizeBytes), take(keySizeBytes)]
      for (let i = 0; i < count; i++) {
        primitives.seal(text, nonce, key, { address: to, sizeBytes: keySizeBytes })
        primitives.hash(to, keySizeBytes, text, key)
      }
    }),
  )

answerParent({
  /** null where it is not native after all */
  version: () => (libsodium.kind === 'native' ? libsodium.version : null),
  async turn({ size, scale, clock }: TurnAsked) {
    const [text, by] = [textOf(size), { timed, worked }[clock]]
    return {
      ...(await messageTurn(await meetingFor(size), text, messagesOf(size, scale), scale.turns, by)),
      ...(await setUpTurn(contender, text, scale.setUps, by)),
      least: await leastTurn(paddedSizeOf(size), messagesOf(size, scale), by),
    }
  },
})
