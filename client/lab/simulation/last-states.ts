import { joinMode } from '../../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { equal } from '../../../crypto/bytes.ts'
import type { Random } from '../../../crypto/random.ts'
import { type Device, openDevice } from '../../device/device.ts'
import type { JoinMode } from '../../device/policies.ts'
import type { Actor } from './actor.ts'
import { type Snapshot, storeFrom } from './snapshot.ts'

/**
 * The mode without a recipient's refusals: some people have a client that takes garbage for stanzas, and here it is keys that
 * are tried.
 */
const takingAnything: JoinMode = (modeId, parameters) => ({
  ...joinMode(modeId, parameters),
  incoming: () => undefined,
})

/** What every device's last state opens of everything that passed. */
export interface LastStates {
  /** messages that had been read, and opened once more: their keys should have been gone */
  readonly readBefore: number
  /** a positive control: messages that were still to come opened, of as many envelopes as there were */
  readonly stillToCome: { readonly read: number; readonly of: number }
}

/** A world at its end. */
export interface Ending {
  /** whose devices are of no use afterwards */
  readonly actors: ReadonlyMap<string, Actor>
  readonly archive: readonly RecordedEnvelope[]
  readonly toCome: readonly RecordedEnvelope[]
  /** the devices of those who had mail to come */
  readonly before: ReadonlyMap<string, Snapshot>
  readonly policies: readonly Uint8Array[]
}

/**
 * Gives somebody all devices as they are in the end, and the whole archive. Devices with mail to come are taken as they
 * were before it came, so that there is something which must open.
 */
export function trialOfLastStates(
  { actors, archive, toCome, before, policies }: Ending,
  random: Random,
  clock: () => number,
): LastStates {
  const mail = new Map<string, RecordedEnvelope[]>()
  for (const recorded of archive) {
    const known = mail.get(recorded.toUser)
    if (known) known.push(recorded)
    else mail.set(recorded.toUser, [recorded])
  }
  let readBefore = 0
  let stillToCome = 0
  const attempt = (device: Device): void => {
    const known = new Set(receivedBy(device))
    const { id, user } = device.self.device.record
    const ours = (mail.get(user) ?? []).filter(({ toDevice }) => equal(toDevice, id))
    for (const opened of readWithLastState(device, ours)) {
      if (known.has(opened)) readBefore += 1
      else stillToCome += 1
    }
  }
  let expected = 0
  for (const [name, { device }] of actors) {
    const snapshot = before.get(name)
    if (!snapshot) attempt(device)
    else {
      const device = openDevice(storeFrom(snapshot), { joinMode: takingAnything, random, clock, running: clock })
      for (const link of policies) device.policies.append(link)
      attempt(device)
    }
    expected += toCome.filter(({ toDevice }) => equal(toDevice, device.self.device.record.id)).length
  }
  return { readBefore, stillToCome: { read: stillToCome, of: expected } }
}

/** The ids of all that has come to a device. */
export const receivedBy = ({ store }: Device): readonly string[] =>
  store.tables.history
    .all()
    .filter(({ direction }) => direction === 'in')
    .map(({ id }) => String(id))

/**
 * By the messenger's own inbox. All memory of what has come goes first, so that nothing is passed over as known; sessions
 * stay for one attempt, and go for another, in which first messages are answered with the prekeys that are left.
 * @param mail the envelopes to this device, in order
 */
function readWithLastState(device: Device, mail: readonly RecordedEnvelope[]): ReadonlySet<string> {
  const { store, inbox } = device
  const opened = new Set<string>()
  for (const forgotten of [memories, [...memories, 'sessions'] as const]) {
    store.transaction(() => {
      for (const name of forgotten) store.tables[name].clear()
      for (const [i, { fromUser, fromDevice, time, bytes }] of mail.entries())
        inbox.receive([{ sequence: i + 1, time, from: { user: fromUser, device: fromDevice }, envelope: bytes }])
    })
    for (const id of receivedBy(device)) opened.add(id)
  }
  return opened
}

const memories = ['taken', 'ledger', 'heard', 'held', 'history'] as const
