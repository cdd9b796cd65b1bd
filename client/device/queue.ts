import { concat, hex, Reader, u32 } from '../../crypto/bytes.ts'
import { envelopeDigest } from '../../crypto/envelope.ts'
import { type AgreementKey, type DeviceId, type Digest, keySizeBytes } from '../../crypto/keys.ts'
import type { Place } from '../../crypto/ratchet-state.ts'
import type { DeviceAddress, SentCounter, Submission } from '../../server/api.ts'
import { bytesOf, type DeviceStore, type Row } from './store.ts'

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
export function createQueue(store: DeviceStore, self: string): Queue {
  const setSent = ({ user, device }: DeviceAddress, counter: number, digest: Digest) =>
    store.run(
      'INSERT OR REPLACE INTO sent (user, device, counter, digest) VALUES (?, ?, ?, ?)',
      user,
      device,
      counter,
      digest,
    )

  const sent: Queue['sent'] = ({ user, device }) => {
    const row = store.get('SELECT counter, digest FROM sent WHERE user = ? AND device = ?', user, device)
    return row ? { counter: Number(row['counter']), digest: bytesOf(row['digest']) } : { counter: 0, digest: null }
  }

  const queue: Queue = {
    sent,
    holds: (message) => store.get('SELECT 1 FROM outbox WHERE message = ? AND user <> ?', message, self) !== null,
    add: ({ message, content, to, sequence, epoch, envelope, place, abandoned }) =>
      void store.run(
        'INSERT INTO outbox (message, content, user, device, sequence, epoch, envelope, place, abandoned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        message,
        content && store.vault.seal(contentPlace(to), content),
        to.user,
        to.device,
        sequence,
        epoch,
        envelope,
        encodePlaces([place]),
        encodePlaces(abandoned),
      ),
    to: ({ user, device }) =>
      store
        .all('SELECT * FROM outbox WHERE user = ? AND device = ? ORDER BY row', user, device)
        .map((row) => queuedOf(row, store)),
    length: ({ user, device }) =>
      Number(store.get('SELECT count(*) AS count FROM outbox WHERE user = ? AND device = ?', user, device)?.['count']),
    remove: (row) => void store.run('DELETE FROM outbox WHERE row = ?', row),
    clear: () => void store.run('DELETE FROM outbox'),
    addresses: () =>
      store.all('SELECT user, device FROM outbox GROUP BY user, device ORDER BY min(row)').map(addressOf),
    next(address, limit) {
      const { user, device } = address
      const { counter } = sent(address)
      const first = 'SELECT row, message, envelope FROM outbox WHERE user = ? AND device = ? ORDER BY row LIMIT ?'
      return store.all(first, user, device, limit).map(({ row, message, envelope }, i) => ({
        row: Number(row),
        message: message === null ? null : Number(message),
        submission: { to: address, counter: counter + i + 1, envelope: bytesOf(envelope) },
      }))
    },
    settle({ row, message, submission: { to, counter, envelope } }) {
      if (counter > sent(to).counter) setSent(to, counter, envelopeDigest(envelope))
      const removed = store.run('DELETE FROM outbox WHERE row = ?', row)
      return !removed || message === null || queue.holds(message) ? null : message
    },
    adopt(counters) {
      store.run('DELETE FROM sent')
      for (const { to, counter, digest } of counters) setSent(to, counter, digest)
    },
    everSentTo: () => store.all('SELECT user, device FROM sent').map(addressOf),
  }
  return queue
}

/** The same for the same device, and no other. */
export const addressKey = ({ user, device }: DeviceAddress): string => `${user} ${hex(device)}`

const addressOf = (row: Row): DeviceAddress => ({ user: String(row['user']), device: bytesOf<DeviceId>(row['device']) })

/** Where the content of what is not shown stands, for the vault: it goes to nobody else. */
export const contentPlace = ({ user, device }: DeviceAddress): string => `outbox ${user} ${hex(device)}`

/** Where a row's content stands; null for a row without. */
export const queuedPlace = (row: Row): string | null => (row['content'] === null ? null : contentPlace(addressOf(row)))

/** For a store of a version that left contents as they were. */
export function sealQueue(store: DeviceStore): void {
  for (const row of store.all('SELECT row, user, device, content FROM outbox WHERE content IS NOT NULL'))
    store.run(
      'UPDATE outbox SET content = ? WHERE row = ?',
      store.vault.seal(contentPlace(addressOf(row)), bytesOf(row['content'])),
      Number(row['row']),
    )
}

function contentIn(row: Row, { vault }: DeviceStore): Uint8Array | null {
  const place = queuedPlace(row)
  return place === null ? null : vault.open(place, bytesOf(row['content']))
}

const queuedOf = (row: Row, store: DeviceStore): Queued => ({
  row: Number(row['row']),
  message: row['message'] === null ? null : Number(row['message']),
  content: contentIn(row, store),
  to: addressOf(row),
  sequence: Number(row['sequence']),
  epoch: Number(row['epoch']),
  envelope: bytesOf(row['envelope']),
  place: decodePlaces(bytesOf(row['place']))[0] as Place,
  abandoned: decodePlaces(bytesOf(row['abandoned'])),
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
