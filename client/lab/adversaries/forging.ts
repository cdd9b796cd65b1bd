import { joinMode } from '../../../crypto/access/index.ts'
import { recordName } from '../../../crypto/access/archive.ts'
import type { Reader, RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { hex } from '../../../crypto/bytes.ts'
import type { Envelope } from '../../../crypto/envelope.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { openDevice } from '../../device/device.ts'
import type { Played } from '../simulation/played.ts'
import { seededRandom } from '../simulation/random.ts'
import { type Snapshot, storeFrom } from '../simulation/snapshot.ts'

/** Tries an adversary's forgeries on devices that had mail to come: when the relay was broken into, and at the end. */
export interface ForgingTrial {
  /** To be asked of every envelope, after it was read. */
  attempt(reader: Reader, recorded: RecordedEnvelope, envelope: Envelope): void
  /** whether one was taken for the sender's own; null: there was nothing to begin with */
  accepted(): boolean | null
  /** how long it has taken */
  seconds(): number
}

const text = 'I never said this.'

/** What a copied device does with a genuine envelope, by the envelope's name: the same for every adversary who forges. */
const taken = new WeakMap<Snapshot, Map<string, boolean>>()

export function forgingTrial({ breach, ending, policies, mode, conduct }: Played): ForgingTrial {
  const random = seededRandom(`forging ${mode.id} ${conduct}`)
  const devices = new Map<string, Snapshot>()
  for (const { undelivered, recipients } of [breach, ending])
    for (const recorded of undelivered) {
      const device = recipients.get(recorded.toUser)
      if (device) devices.set(nameOf(recorded), device)
    }
  let accepted: boolean | null = null
  let milliseconds = 0

  /** What the device shows of it, which knows nothing but that the policy has gone on. */
  function shown(device: Snapshot, { fromUser, fromDevice, time }: RecordedEnvelope, bytes: Uint8Array) {
    const {
      policies: chain,
      history,
      inbox,
    } = openDevice(storeFrom(device), { joinMode, random, clock: () => time, running: () => time })
    for (const link of policies) chain.append(link)
    const before = history.lastRow()
    inbox.receive([{ sequence: 1, time, from: { user: fromUser, device: fromDevice }, envelope: bytes }])
    return history.after(before, fromUser, 10).flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []))
  }

  function takesGenuine(device: Snapshot, recorded: RecordedEnvelope): boolean {
    const known = taken.get(device) ?? new Map<string, boolean>()
    taken.set(device, known)
    const isTaken = known.get(nameOf(recorded)) ?? shown(device, recorded, recorded.bytes).length > 0
    known.set(nameOf(recorded), isTaken)
    return isTaken
  }

  return {
    accepted: () => accepted,
    seconds: () => milliseconds / 1000,
    attempt(reader, recorded, envelope) {
      const device = accepted ? undefined : devices.get(nameOf(recorded))
      if (!device) return
      const begun = performance.now()
      try {
        const forged = reader.forge(recorded, envelope, text, random)
        // a device that does not take the genuine one either shows nothing by refusing
        if (forged && takesGenuine(device, recorded)) accepted = shown(device, recorded, forged).includes(text)
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error
      } finally {
        milliseconds += performance.now() - begun
      }
    },
  }
}

const nameOf = (recorded: RecordedEnvelope) => hex(recordName(recorded))
