import type { BlobRoom, NewBlob, Reservation, StoredBlob } from './store.ts'

/** What one account has reserved. */
export interface AccountUse {
  readonly count: number
  readonly bytes: number
  /** how many of them have not come whole */
  readonly open: number
}

/** What a store keeps of a blob. One that was removed can leave its room taken, until it would have grown old. */
export interface KeptBlob extends StoredBlob {
  readonly isRemoved: boolean
}

/** How a reservation is answered, the same by every store. `done` is for a blob that is not there yet, or is the same. */
export function judgeReservation(
  { owner, sizeBytes }: NewBlob,
  known: KeptBlob | null,
  own: AccountUse,
  room: BlobRoom,
): Reservation {
  if (known) return !known.isRemoved && known.owner === owner && known.sizeBytes === sizeBytes ? 'done' : 'taken'
  if (own.count >= room.countOfAccount || own.bytes + sizeBytes > room.bytesOfAccount) return 'owner-full'
  return own.open >= room.openOfAccount ? 'owner-open' : 'done'
}

export const isWhole = ({ receivedBytes, sizeBytes }: StoredBlob): boolean => receivedBytes === sizeBytes
