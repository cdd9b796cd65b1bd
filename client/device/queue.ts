import { concat, hex, Reader, u32 } from '../../crypto/bytes.ts'
import { envelopeDigest } from '../../crypto/envelope.ts'
import { type AgreementKey, type Digest, keySizeBytes } from '../../crypto/keys.ts'
import type { Place } from '../../crypto/ratchet-state.ts'
import type { DeviceAddress, SentCounter, Submission } from '../../server/api.ts'
import type { DeviceStore } from './store.ts'
import type { OutboxRow } from './tables/mail.ts'
import type { Vault } from './vault.ts'

/** An envelope that waits for the relay's word, and where it stands in its session. */
export interface Queued {
  readonly row: number
  /** in the history; null for what is not shown */
  readonly message: number | null
  /** what is not shown, encoded, should it have to be encrypted again */
  readonly content: Uint8Array | null
  readonly to: DeviceAddress
  /** the message's number, inside the encryption */
  readonly sequence: number
  readonly epoch: number
  readonly envelope: Uint8Array
  readonly place: Place
  /** places given up before, of which this one tells */
  readonly abandoned: readonly Place[]
}

/** An envelope with the counter under which it is handed in. */
export interface Outgoing {
  readonly row: number
  readonly message: number | null
  readonly submission: Submission
}

/** Envelopes for each device in order, and how far the relay has taken them. */
export interface Queue {
  add(entry: Omit<Queued, 'row'>): void
  to(address: DeviceAddress): readonly Queued[]
  /** how many wait for one device */
  length(address: DeviceAddress): number
  remove(row: number): void
  clear(): void
  /** Whether something of the message still waits for another person's device. */
  holds(message: number): boolean
  /** The same, for anybody's. */
  holdsAny(message: number): boolean
  /** devices that something waits for */
  addresses(): readonly DeviceAddress[]
  /** The first of one queue, with the counters that come next. */
  next(address: DeviceAddress, limit: number): readonly Outgoing[]
  /** The relay has accepted it. @returns its message, if that now has nothing left in the queue but copies for ourselves */
  settle(outgoing: Outgoing): number | null
  /** How far this device has sent to another; 0 and null at first. */
  sent(address: DeviceAddress): { readonly counter: number; readonly digest: Digest | null }
  /** What the relay remembers takes the place of what this store does. */
  adopt(counters: readonly SentCounter[]): void
  /** devices that something was sent to */
  everSentTo(): readonly DeviceAddress[]
}

/** @param self whose copies do not count */
export function createQueue({ vault, tables }: DeviceStore, self: string): Queue {
  const { outbox, sent: sentTable } = tables

  const sent: Queue['sent'] = (address) => sentTable.get(address) ?? { counter: 0, digest: null }

  const queue: Queue = {
    sent,
    holds: (message) => outbox.holds(message, self),
    holdsAny: (message) => outbox.holds(message, ''),
    add: ({ message, content, to, sequence, epoch, envelope, place, abandoned }) =>
      outbox.add({
        message,
        content: content && vault.seal(contentPlace(to), content),
        ...to,
        sequence,
        epoch,
        envelope,
        place: encodePlaces([place]),
        abandoned: encodePlaces(abandoned),
      }),
    to: (address) => outbox.to(address).map((row) => queuedOf(row, vault)),
    length: (address) => outbox.count(address),
    remove: (row) => void outbox.remove(row),
    clear: () => outbox.clear(),
    addresses: () => outbox.addresses(),
    next(address, limit) {
      const { counter } = sent(address)
      return outbox.first(address, limit).map(({ row, message, envelope }, i) => ({
        row,
        message,
        submission: { to: address, counter: counter + i + 1, envelope },
      }))
    },
    settle({ row, message, submission: { to, counter, envelope } }) {
      if (counter > sent(to).counter) sentTable.set({ ...to, counter, digest: envelopeDigest(envelope) })
      const removed = outbox.remove(row)
      return !removed || message === null || queue.holds(message) ? null : message
    },
    adopt(counters) {
      sentTable.clear()
      for (const { to, counter, digest } of counters) sentTable.set({ ...to, counter, digest })
    },
    everSentTo: () => sentTable.all(),
  }
  return queue
}

/** The same for the same device, and no other. */
export const addressKey = ({ user, device }: DeviceAddress): string => `${user} ${hex(device)}`

/** Where the content of what is not shown stands, for the vault: it goes to nobody else. */
export const contentPlace = ({ user, device }: DeviceAddress): string => `outbox ${user} ${hex(device)}`

/** For a store of a version that left contents as they were. */
export function sealQueue({ vault, tables: { outbox } }: DeviceStore): void {
  for (const { row, content, ...to } of outbox.all())
    if (content) outbox.setContent(row, vault.seal(contentPlace(to), content))
}

const queuedOf = (row: OutboxRow, vault: Vault): Queued => ({
  row: row.row,
  message: row.message,
  content: row.content && vault.open(contentPlace(row), row.content),
  to: { user: row.user, device: row.device },
  sequence: row.sequence,
  epoch: row.epoch,
  envelope: row.envelope,
  place: decodePlaces(row.place)[0] as Place,
  abandoned: decodePlaces(row.abandoned),
})

/** 36 bytes each */
const encodePlaces = (places: readonly Place[]) =>
  concat(...places.map(({ ratchetKey, index }) => concat(ratchetKey, u32(index))))

function decodePlaces(bytes: Uint8Array): Place[] {
  const reader = new Reader(bytes)
  const places: Place[] = []
  while (reader.offset < bytes.length)
    places.push({ ratchetKey: reader.take(keySizeBytes) as AgreementKey, index: reader.u32() })
  return places
}
