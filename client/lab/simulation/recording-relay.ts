import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { generatePolicyPair } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import { blobFilesInMemory } from '../../../server/disk/blob-files.ts'
import { defaultLimits } from '../../../server/limits.ts'
import { type LocalRelay, openRelay } from '../../../server/relay.ts'
import { mailboxMaximumMessages } from '../../../server/store/mailroom.ts'
import { openMemoryStore } from '../../../server/store/memory-store.ts'
import { operatorToken } from './operator.ts'

/** The messenger's own relay in this process, with an archive in memory. */
export interface RecordingRelay {
  readonly relay: LocalRelay
  /** every envelope that it took, in order */
  readonly archive: readonly RecordedEnvelope[]
  /** every file that came whole, by the hexadecimal id of its blob: what `doormat relay --archive` keeps beside the envelopes */
  readonly blobs: ReadonlyMap<string, Uint8Array>
  /** What stands in its mailboxes, whosever they are: a device that has collected lets the relay forget. */
  undelivered(): Promise<readonly RecordedEnvelope[]>
}

/** @param people how many may register at once */
export async function openRecordingRelay(people: number, random: Random, clock: () => number): Promise<RecordingRelay> {
  const archive: RecordedEnvelope[] = []
  const blobs = new Map<string, Uint8Array>()
  const store = openMemoryStore()
  let waiting: RecordedEnvelope[] = []
  const relay = await openRelay({
    store,
    blobFiles: blobFilesInMemory(blobs),
    policyPair: generatePolicyPair(random),
    operatorToken,
    archive: {
      append: (recorded) => void waiting.push(recorded),
      flush() {
        archive.push(...waiting)
        waiting = []
      },
      discard: () => void (waiting = []),
      close: () => undefined,
    },
    random,
    clock,
    limits: { ...defaultLimits, registrations: { burst: people, perSecond: 1 } },
  })
  return {
    relay,
    archive,
    blobs,
    async undelivered() {
      await relay.settle()
      const mail: RecordedEnvelope[] = []
      const seen = new Set<number>()
      for (const { toUser, toDevice } of archive) {
        const row = (await store.device({ user: toUser, device: toDevice }))?.row
        if (row === undefined || seen.has(row)) continue
        seen.add(row)
        for (const { time, from, envelope: bytes } of await store.mailAfter(row, 0, mailboxMaximumMessages))
          mail.push({ time, fromUser: from.user, fromDevice: from.device, toUser, toDevice, bytes })
      }
      return mail
    },
  }
}
