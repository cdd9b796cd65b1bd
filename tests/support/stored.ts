import { envelopeDigest } from '../../crypto/envelope.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import type { DeviceAddress } from '../../server/api.ts'
import type { AccountChange, Outcome, Posting, Store } from '../../server/store/store.ts'

/* What a test puts into a relay's store by its port, without a relay. */

const unchanged = { known: null, added: [], removed: [], claims: [] }

export const change = (store: Store, asked: Pick<AccountChange, 'user' | 'list'> & Partial<AccountChange>) =>
  store.register({ ...unchanged, ...asked })

/** A new account with these devices. */
export const enroll = (store: Store, user: string, devices: readonly DeviceId[], list: Uint8Array = new Uint8Array()) =>
  change(store, { user, list, added: devices })

export interface Handed {
  readonly from: DeviceAddress
  readonly to: DeviceAddress
  readonly envelope: Uint8Array
  readonly counter: number
  /** milliseconds since 1970, and the running time that it grows old by */
  readonly time?: number
  readonly sinceMs?: number
  readonly isFaulty?: boolean
}

export const posting = ({ time = 0, sinceMs = time, isFaulty = false, ...handed }: Handed): Posting => ({
  ...handed,
  time,
  sinceMs,
  isFaulty,
  digest: envelopeDigest(handed.envelope),
})

export const nothingElse = { acknowledgements: new Map<number, number>(), postings: [], beforeDisk: () => undefined }

/** Envelopes from one device to another, under the counters that come next, in one commit. */
export async function post(
  store: Store,
  from: DeviceAddress,
  to: DeviceAddress,
  envelopes: readonly Uint8Array[],
  time = 0,
  sinceMs = time,
): Promise<readonly Outcome[]> {
  const [sender, recipient] = [await store.device(from), await store.device(to)]
  const sent = await store.sentTo(sender?.row ?? 0, recipient?.row ?? 0)
  const postings = envelopes.map((envelope, i) => posting({ from, to, envelope, counter: sent + i + 1, time, sinceMs }))
  return store.commit({ ...nothingElse, postings })
}

export const acknowledge = (store: Store, device: number, sequence: number) =>
  store.commit({ ...nothingElse, acknowledgements: new Map([[device, sequence]]) })

/** Sizes in bytes of all that waits. */
export const sizesIn = async (store: Store, device: number): Promise<readonly number[]> =>
  (await store.mailAfter(device, 0, 100_000)).map(({ envelope }) => envelope.length)
