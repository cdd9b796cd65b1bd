import type { Changes } from './pages.ts'

/*
 * Where a browser keeps devices: one database of IndexedDB with two stores. `device` has a record for each, `page` its pages under
 * [device, number]. Whatever belongs together is asked for at once, for a transaction ends as soon as nothing more is asked of it.
 */

/** One device that this browser keeps for a page. */
export interface Kept {
  readonly id: string
  /** the room's policy key, base64url: another room, or the same one after a reset, is another one */
  readonly room: string
  readonly name: string
  /** how many pages its file has */
  readonly count: number
  /** the tab that works with it; the newest has it */
  readonly owner: string
}

/** Another tab has taken the device up. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver'
}

/** The device is not there any more: somebody has cleared what this browser keeps. */
export class Cleared extends Error {
  override readonly name = 'Cleared'
}

/** @throws DOMException where the browser keeps nothing */
export async function openShelf(): Promise<IDBDatabase> {
  const request = indexedDB.open('doormat', 1)
  request.addEventListener('upgradeneeded', () => {
    request.result.createObjectStore('device', { keyPath: 'id' })
    request.result.createObjectStore('page')
  })
  return answered(request)
}

export const keptDevices = (shelf: IDBDatabase): Promise<readonly Kept[]> =>
  answered(shelf.transaction('device').objectStore('device').getAll() as IDBRequest<Kept[]>)

/** A device without a page yet. */
export async function addDevice(shelf: IDBDatabase, device: Omit<Kept, 'count'>): Promise<void> {
  const transaction = shelf.transaction('device', 'readwrite')
  transaction.objectStore('device').add({ ...device, count: 0 } satisfies Kept)
  await ended(transaction)
}

/** Takes a device up, away from the tab that had it. @returns its pages in order. @throws Cleared */
export async function takeUp(shelf: IDBDatabase, id: string, owner: string): Promise<readonly Uint8Array[]> {
  const transaction = shelf.transaction(['device', 'page'], 'readwrite')
  const devices = transaction.objectStore('device')
  const reading = answered(transaction.objectStore('page').getAll(pagesOf(id)) as IDBRequest<Uint8Array[]>)
  const device = await answered(devices.get(id) as IDBRequest<Kept | undefined>)
  if (!device) throw new Cleared('this browser does not keep the device any more')
  devices.put({ ...device, owner } satisfies Kept)
  const pages = await reading
  await ended(transaction)
  return pages
}

/** Keeps what has changed: all of it or nothing. @throws TakenOver | Cleared | DOMException `QuotaExceededError` and others */
export async function keep(shelf: IDBDatabase, id: string, owner: string, { pages, count }: Changes): Promise<void> {
  const transaction = shelf.transaction(['device', 'page'], 'readwrite', { durability: 'relaxed' })
  const over = ended(transaction)
  const devices = transaction.objectStore('device')
  let why: Error | null = null
  const asking = devices.get(id) as IDBRequest<Kept | undefined>
  asking.addEventListener('success', () => {
    const device = asking.result
    if (device?.owner !== owner) {
      why = device ? new TakenOver('another tab has taken this device up') : new Cleared('what was kept is gone')
      return transaction.abort()
    }
    devices.put({ ...device, count } satisfies Kept)
    const stored = transaction.objectStore('page')
    for (const [number, page] of pages) stored.put(page, [id, number])
    stored.delete(IDBKeyRange.bound([id, count], [id, Infinity]))
  })
  await over.catch((error: unknown) => {
    throw why ?? error
  })
}

/** Forgets devices with all their pages. */
export async function removeDevices(shelf: IDBDatabase, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const transaction = shelf.transaction(['device', 'page'], 'readwrite')
  for (const id of ids) {
    transaction.objectStore('device').delete(id)
    transaction.objectStore('page').delete(pagesOf(id))
  }
  await ended(transaction)
}

const pagesOf = (id: string) => IDBKeyRange.bound([id, 0], [id, Infinity])

export const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('the browser keeps nothing')))
  })

export const ended = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = () => reject(transaction.error ?? new Error('the browser could not keep this'))
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', failed)
  })
