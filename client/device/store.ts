import { equal } from '../../crypto/bytes.ts'
import type { LastLook } from '../../server/running-time.ts'
import { ClientError } from './errors.ts'
import type { Tables, TableSet } from './tables/tables.ts'
import { plainVault, type Vault } from './vault.ts'

/** Who works on a store, among several processes that may share it. */
export interface Holder {
  /** a whole number, of this one alone as long as it lives */
  readonly id: number
  /** Whether another is still there. */
  readonly isAlive: (id: number) => boolean
}

/** What a store needs of where it stands. */
export interface StoreHost {
  readonly holder: Holder
  /** Whether what failed with this error may work later, without anybody asking for anything else. */
  readonly mayPass: (error: unknown) => boolean
  /** @throws where what was opened is not in its place any more */
  readonly checkPresence: () => void
  /** Whether other processes may write to it. */
  readonly isShared: boolean
}

/** Of a store that one process has to itself. */
export const alone: StoreHost = {
  holder: { id: 1, isAlive: () => false },
  mayPass: () => false,
  checkPresence: () => undefined,
  isShared: false,
}

/**
 * What one device remembers, whole before and after every step: each reads and writes within one transaction, so several processes may share
 * a store that is on disk.
 */
export interface DeviceStore {
  /** how secrets and texts stand in it */
  readonly vault: Vault
  readonly holder: Holder
  readonly mayPass: StoreHost['mayPass']
  readonly isShared: boolean
  /** All or nothing, and on disk when it returns; nested calls join the outermost. */
  readonly transaction: <T>(work: () => T) => T
  /** what it remembers, as it stands there: secrets and texts behind the vault */
  readonly tables: TableSet
  meta(key: string): Uint8Array | null
  setMeta(key: string, value: Uint8Array): void
  dropMeta(...keys: readonly string[]): void
  /** When this store's clock was last looked at, by any process. */
  readonly lastLook: LastLook
  /** Changes whenever another process has committed. @throws where its file is gone from its place */
  version(): number
  /** Overwritten keys live on nowhere but, perhaps, in the store's own file. */
  tidy(): void
  /** Nor there; that takes longer. Not within a transaction. */
  scrub(): void
  close(): void
}

/** How to read a store, by its lock (see crypto/lock.ts); null for one without. */
export type Unlock = (lock: Uint8Array | null) => Vault

const withoutPassphrase: Unlock = (lock) => {
  if (lock) throw new ClientError('locked', 'this device has a passphrase')
  return plainVault
}

/**
 * A device's store on its tables.
 * @throws ClientError `locked` where a passphrase is needed, and what `unlock` throws
 */
export function storeOn(tables: Tables, host: StoreHost, unlock: Unlock = withoutPassphrase): DeviceStore {
  const lock = lockIn(tables)
  return unlocked(
    tables,
    host,
    guarded(unlock(lock), () => sameLock(lock, lockIn(tables))),
  )
}

/** Whether its owner has chosen a passphrase. */
export const isLocked = ({ tables }: DeviceStore): boolean => lockIn(tables) !== null

/** Another process may have changed the passphrase: nothing must be sealed with the old key then. */
const guarded = (vault: Vault, isCurrent: () => boolean): Vault => ({
  open: (place, stored) => vault.open(place, stored),
  seal(place, bytes) {
    if (!isCurrent()) throw new ClientError('locked', 'the passphrase of this device has been changed: start again')
    return vault.seal(place, bytes)
  },
})

const sameLock = (one: Uint8Array | null, other: Uint8Array | null) =>
  one === null || other === null ? one === other : equal(one, other)

/** Where a value stands, for the vault. */
export const metaPlace = (key: string): string => `meta ${key}`

/** The one value that is never sealed: what the passphrase opens. */
export const lockPlace = 'lock'
export const lockIn = ({ meta }: Pick<TableSet, 'meta'>): Uint8Array | null => meta.get(lockPlace)

function unlocked(tables: Tables, { holder, mayPass, checkPresence, isShared }: StoreHost, vault: Vault): DeviceStore {
  const { meta, look, transaction, tidy, scrub, close } = tables
  return {
    vault,
    holder,
    mayPass,
    isShared,
    tables,
    transaction,
    meta(key) {
      const stored = meta.get(key)
      return stored && vault.open(metaPlace(key), stored)
    },
    setMeta: (key, value) => meta.set(key, vault.seal(metaPlace(key), value)),
    dropMeta: (...keys) => keys.forEach((key) => meta.drop(key)),
    lastLook: { load: () => look.get(), save: (last) => look.set(last) },
    version() {
      checkPresence()
      return tables.version()
    },
    tidy,
    scrub,
    close,
  }
}
