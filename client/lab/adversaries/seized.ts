import { joinMode } from '../../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { type Attachment, decodeAttachment } from '../../../crypto/attachment.ts'
import { fromUtf8 } from '../../../crypto/bytes.ts'
import { keySizeBytes } from '../../../crypto/keys.ts'
import { lockWith, type StoreKey } from '../../../crypto/lock.ts'
import { openDevice } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import { relock } from '../../device/relock.ts'
import type { DeviceStore } from '../../device/store.ts'
import { lockedVault } from '../../device/vault.ts'
import { seededRandom } from '../simulation/random.ts'
import { fileOf, type Snapshot, snapshotOf, storeFrom } from '../simulation/snapshot.ts'

/** A message as it stands in the history of a device. */
export interface Found {
  readonly id: string
  readonly text: string
  /** what the device knows of its file; null where it has none, or where only a text was looked for */
  readonly attachment: Attachment | null
}

/** The same device, had its owner chosen a passphrase. */
export function locked(device: Snapshot): Snapshot {
  const random = seededRandom('a locked device')
  const key = random(keySizeBytes) as StoreKey
  const store = storeFrom(device)
  relock(store, lockWith('seven words that nobody would ever guess', key, random), lockedVault(key, random))
  return snapshotOf(store)
}

/**
 * What a copy of a device shows: its messages, the newest first. None, where it is locked.
 * @param mail envelopes that it is fed first, as if the relay had delivered them
 * @param policies the operator's chain, for that
 */
export function foundIn(
  device: Snapshot,
  mail: readonly RecordedEnvelope[],
  policies: readonly Uint8Array[],
): readonly Found[] {
  try {
    const store = storeFrom(device)
    if (mail.length > 0) feed(store, mail, policies)
    return store.tables.history
      .all()
      .filter(({ kind }) => kind === 'message')
      .map(({ id, text, attachment }) => ({
        id: String(id),
        text: fromUtf8(text),
        attachment: attachment && decodeAttachment(attachment),
      }))
      .toReversed()
  } catch (error) {
    if (error instanceof ClientError && error.code === 'locked') return []
    throw error
  }
}

function feed(store: DeviceStore, mail: readonly RecordedEnvelope[], policies: readonly Uint8Array[]): void {
  let now = 0
  const device = openDevice(store, {
    joinMode,
    random: seededRandom('a copied device'),
    clock: () => now,
    running: () => now,
  })
  for (const link of policies) device.policies.append(link)
  for (const [i, { fromUser, fromDevice, time, bytes }] of mail.entries()) {
    now = time
    device.inbox.receive([{ sequence: i + 1, time, from: { user: fromUser, device: fromDevice }, envelope: bytes }])
  }
}

/** Which of some texts stand in the bytes of a device as they are; short ones could stand in any file. */
export function rawIn(device: Snapshot, texts: readonly Found[]): readonly Found[] {
  const bytes = Buffer.from(fileOf(device))
  return texts.filter(({ text }) => Buffer.byteLength(text) >= rawMinimumBytes && bytes.includes(text))
}

const rawMinimumBytes = 12

/** As much of it as somebody can read from a screen. @param words 250 a minute is a usual estimate */
export function readOnScreen(found: readonly Found[], words: number): readonly Found[] {
  let left = words
  return found.filter(({ text }) => (left -= text.split(/\s+/).length) >= 0)
}
