import { fromHex, hex } from '../../../crypto/bytes.ts'
import type { BlobId } from '../../../crypto/attachment.ts'
import { isGone, type Spool, SpoolError, type SpoolFiles } from '../../device/transfer.ts'
import { answered, ended } from './shelf.ts'

/*
 * Where ciphertext waits to go out in a browser: in memory, and in a database of its own from where it comes back after a reload. Its
 * one store has what was written under [device, blob in hex, where it begins].
 */

/** Ciphertext that is in memory alone: what is fetched to be shown at once. */
export function memoryFiles(): SpoolFiles & { ids(): readonly BlobId[] } {
  const files = new Map<string, { bytes: Uint8Array; size: number }>()
  return {
    async write(id, at, bytes) {
      const end = at + bytes.length
      const held = files.get(hex(id)) ?? { bytes: new Uint8Array(end), size: 0 }
      if (held.bytes.length < end) {
        const larger = new Uint8Array(Math.max(end, 2 * held.bytes.length))
        larger.set(held.bytes.subarray(0, held.size))
        held.bytes = larger
      }
      held.bytes.set(bytes, at)
      held.size = Math.max(held.size, end)
      files.set(hex(id), held)
    },
    async read(id, at, sizeBytes) {
      const { bytes, size } = files.get(hex(id)) ?? { bytes: new Uint8Array(), size: 0 }
      return bytes.slice(at, Math.min(at + sizeBytes, size))
    },
    size: async (id) => files.get(hex(id))?.size ?? 0,
    remove: async (id) => void files.delete(hex(id)),
    ids: () => [...files.keys()].map((name) => fromHex(name) as BlobId),
  }
}

/** What is taken from another file at a time. */
const copiedAtOnceBytes = 1024 * 1024

const openFiles = (): Promise<IDBDatabase> => {
  const request = indexedDB.open('doormat-files', 1)
  request.addEventListener('upgradeneeded', () => void request.result.createObjectStore('part'))
  return answered(request)
}

type Key = [device: string, blob: string, at: number]
const partsOf = (device: string) => IDBKeyRange.bound([device], [device, []])

/** The spool of one device, with what it still had when the page went. @throws DOMException where the browser keeps nothing */
export async function openSpool(device: string): Promise<Spool> {
  const database = await openFiles()
  const memory = memoryFiles()
  const parts = database.transaction('part').objectStore('part')
  const [keys, values] = await Promise.all([
    answered(parts.getAllKeys(partsOf(device))),
    answered(parts.getAll(partsOf(device)) as IDBRequest<Uint8Array[]>),
  ])
  for (const [i, [, blob, at]] of (keys as Key[]).entries())
    await memory.write(fromHex(blob) as BlobId, at, values[i] ?? new Uint8Array())

  async function change(work: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = database.transaction('part', 'readwrite')
    work(transaction.objectStore('part'))
    try {
      await ended(transaction)
    } catch {
      throw new SpoolError('this browser has no room left for a file on its way', false)
    }
  }
  async function write(id: BlobId, at: number, bytes: Uint8Array): Promise<void> {
    await change((store) => void store.put(bytes, [device, hex(id), at] satisfies Key))
    await memory.write(id, at, bytes)
  }
  async function remove(id: BlobId): Promise<void> {
    await memory.remove(id)
    await change((store) => void store.delete(IDBKeyRange.bound([device, hex(id)], [device, hex(id), []])))
  }

  return {
    ...memory,
    write,
    remove,
    async copy(from, to) {
      const sizeBytes = await memory.size(from)
      if (sizeBytes === 0) throw isGone('this browser')
      try {
        for (let at = 0; at < sizeBytes; at += copiedAtOnceBytes)
          await write(to, at, await memory.read(from, at, copiedAtOnceBytes))
      } catch (error) {
        await remove(to)
        throw error
      }
    },
    place: () => 'this browser',
  }
}

/** Forgets what devices had on its way. */
export async function removeSpools(devices: readonly string[]): Promise<void> {
  if (devices.length === 0) return
  const transaction = (await openFiles()).transaction('part', 'readwrite')
  for (const device of devices) transaction.objectStore('part').delete(partsOf(device))
  await ended(transaction)
}
