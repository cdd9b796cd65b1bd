import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import type { RecordingRelay } from './recording-relay.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'
import type { Town } from './town.ts'
import type { World } from '../world/world.ts'

/** What could be taken at the moment of the breach. */
export interface Breach {
  /** how many envelopes of the archive had passed */
  readonly passed: number
  /** what stood in the relay's mailboxes */
  readonly undelivered: readonly RecordedEnvelope[]
  /** the devices of the target, and of whoever has theirs read at home */
  readonly devices: { readonly target: Snapshot; readonly shared: Snapshot }
  /** the devices of some who have mail to come, for trying whether they take a forgery */
  readonly recipients: ReadonlyMap<string, Snapshot>
}

/** so many devices are copied to try forgeries on */
const recipientsMaximum = 12

export async function breakIn({ target, shared }: World, recording: RecordingRelay, town: Town): Promise<Breach> {
  const lying = await recording.undelivered()
  const copyOf = (name: string) => snapshotOf(town.actor(name).device.store)
  const recipients = [...new Set(lying.map(({ toUser }) => toUser))].slice(0, recipientsMaximum)
  return {
    passed: recording.archive.length,
    undelivered: lying,
    devices: { target: copyOf(target), shared: copyOf(shared) },
    recipients: new Map(recipients.map((name) => [name, copyOf(name)])),
  }
}
