import { joinMode } from '../../crypto/access/index.ts'
import type { Reader, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { hex } from '../../crypto/bytes.ts'
import { type Envelope, envelopeDigest } from '../../crypto/envelope.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { openDevice } from '../device.ts'
import { openStore } from '../store.ts'
import type { Played } from './played.ts'
import { seededRandom } from './random.ts'
import { withSnapshot } from './snapshot.ts'

/** Tries an adversary's forgeries on the devices that had mail to come when the relay was broken into. */
export interface ForgingTrial {
  /** To be asked of every envelope, after it was read. */
  attempt(reader: Reader, recorded: RecordedEnvelope, envelope: Envelope): void
  /** whether one was taken for the sender's own; null: there was nothing to begin with */
  accepted(): boolean | null
  /** how long it has taken */
  seconds(): number
}

const text = 'I never said this.'

export function forgingTrial({ breach, policies, mode, conduct }: Played): ForgingTrial {
  const random = seededRandom(`forging ${mode.id} ${conduct}`)
  const candidates = new Set(
    breach.undelivered.filter(({ toUser }) => breach.recipients.has(toUser)).map(({ bytes }) => nameOf(bytes)),
  )
  let accepted: boolean | null = null
  let milliseconds = 0

  /** The device as it was, with nothing known but that the policy has gone on. */
  function isTaken({ fromUser, fromDevice, toUser, time }: RecordedEnvelope, forged: Uint8Array): boolean {
    const snapshot = breach.recipients.get(toUser)
    if (!snapshot) return false
    return withSnapshot(snapshot, (home) => {
      const store = openStore(home)
      try {
        const device = openDevice(store, { joinMode, random, clock: () => time })
        for (const link of policies) device.policies.append(link)
        const before = device.history.lastRow()
        device.inbox.receive([{ sequence: 1, time, from: { user: fromUser, device: fromDevice }, envelope: forged }])
        return device.history
          .after(before, fromUser, 10)
          .some((entry) => entry.kind === 'message' && entry.text === text)
      } finally {
        store.close()
      }
    })
  }

  return {
    accepted: () => accepted,
    seconds: () => milliseconds / 1000,
    attempt(reader, recorded, envelope) {
      if (accepted || !candidates.has(nameOf(recorded.bytes))) return
      const begun = performance.now()
      try {
        const forged = reader.forge(recorded, envelope, text, random)
        if (forged) accepted = isTaken(recorded, forged)
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error
      } finally {
        milliseconds += performance.now() - begun
      }
    },
  }
}

const nameOf = (envelope: Uint8Array) => hex(envelopeDigest(envelope))
