import { hex } from '../../crypto/bytes.ts'
import type { BlobId } from '../../crypto/attachment.ts'
import { type AccountUse, isWhole, judgeReservation, type KeptBlob } from './blob-room.ts'
import type { BlobAges, BlobRoom, BlobUse, NewBlob, StoredBlob } from './store.ts'

const unused: AccountUse = { count: 0, bytes: 0, open: 0 }

function isOld(blob: KeptBlob, { wholeMs, unfinishedMs, untouchedMs }: BlobAges): boolean {
  if (isWhole(blob)) return blob.sinceMs < wholeMs
  return blob.sinceMs < (blob.receivedBytes > 0 ? unfinishedMs : untouchedMs)
}

/** What a store in memory knows of blobs. */
export function memoryBlobs() {
  const blobs = new Map<string, KeptBlob>()
  const accounts = new Map<string, AccountUse>()
  let all: BlobUse = { count: 0, bytes: 0 }

  /** Counts one more of these, or one less. */
  function count(blob: KeptBlob | undefined, by: 1 | -1): void {
    if (!blob) return
    const own = accounts.get(blob.owner) ?? unused
    const next = {
      count: own.count + by,
      bytes: own.bytes + by * blob.sizeBytes,
      open: own.open + (isWhole(blob) ? 0 : by),
    }
    if (next.count === 0) accounts.delete(blob.owner)
    else accounts.set(blob.owner, next)
    all = { count: all.count + (blob.receivedBytes > 0 ? by : 0), bytes: all.bytes + by * blob.receivedBytes }
  }

  function set(key: string, next: KeptBlob): void {
    count(blobs.get(key), -1)
    count(next, 1)
    blobs.set(key, next)
  }

  function drop(key: string): void {
    count(blobs.get(key), -1)
    blobs.delete(key)
  }

  return {
    one(id: BlobId): StoredBlob | null {
      const known = blobs.get(hex(id))
      if (!known || known.isRemoved) return null
      const { isRemoved: _, ...blob } = known
      return blob
    },
    use: (): BlobUse => all,
    reserve(blob: NewBlob, room: BlobRoom) {
      const known = blobs.get(hex(blob.id)) ?? null
      const outcome = judgeReservation(blob, known, accounts.get(blob.owner) ?? unused, room)
      if (outcome === 'done' && !(known && isWhole(known)))
        set(hex(blob.id), { ...blob, receivedBytes: known?.receivedBytes ?? 0, isRemoved: false })
      return outcome
    },
    grow(id: BlobId, fromBytes: number, toBytes: number, sinceMs: number): boolean {
      const known = blobs.get(hex(id))
      if (!known || known.isRemoved || known.receivedBytes !== fromBytes) return false
      set(hex(id), { ...known, receivedBytes: toBytes, sinceMs })
      return true
    },
    remove(id: BlobId, staysCounted: boolean): void {
      const known = blobs.get(hex(id))
      if (known && staysCounted) set(hex(id), { ...known, isRemoved: true })
      else drop(hex(id))
    },
    old: (ages: BlobAges, most: number): readonly BlobId[] =>
      [...blobs]
        .filter(([, blob]) => isOld(blob, ages))
        .toSorted(
          ([key, one], [otherKey, other]) =>
            Number(isWhole(other)) - Number(isWhole(one)) || one.sinceMs - other.sinceMs || (key < otherKey ? -1 : 1),
        )
        .slice(0, most)
        .map(([, { id }]) => id),
    expire: (ids: readonly BlobId[], ages: BlobAges): readonly BlobId[] =>
      ids.filter((id) => {
        const known = blobs.get(hex(id))
        if (!known || !isOld(known, ages)) return false
        drop(hex(id))
        return true
      }),
  }
}
