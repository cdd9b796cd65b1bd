import { CryptoError } from '../crypto/errors.ts'
import { deviceIn, type DeviceRecord, openDeviceList } from '../crypto/identity.ts'
import { checkPrekey, decodePrekey, encodeBundle, isKem, type Prekey, type PrekeyKind } from '../crypto/prekeys.ts'
import { equal } from '../crypto/bytes.ts'
import { type DeviceAddress, type PrekeyCounts, prekeysOfKindMaximum, RelayError } from './api.ts'
import type { Store } from './store/store.ts'

/** Who there is, on which devices, and the keys with which somebody can write to them while they are away. */
export interface Directory {
  register(list: Uint8Array): void
  devices(user: string): Uint8Array
  /** The store's name for a device. @throws RelayError `unknown-device` */
  rowOf(address: DeviceAddress): number
  /** What a device has shown of itself; checks its list's signatures. @throws RelayError `unknown-device` */
  recordOf(address: DeviceAddress): DeviceRecord
  /** What has expired goes first. @throws RelayError `bad-request` | `too-large` */
  publishPrekeys(address: DeviceAddress, prekeys: readonly Uint8Array[], replace: boolean, nowSeconds: number): void
  countPrekeys(address: DeviceAddress, nowSeconds: number): PrekeyCounts
  /** @param fresh whether one-time keys may be in it */
  bundle(address: DeviceAddress, nowSeconds: number, fresh: boolean): Uint8Array
}

export function createDirectory(store: Store): Directory {
  const listOf = (user: string): Uint8Array => {
    const list = store.account(user)
    if (!list) throw new RelayError('unknown-user', 'nobody has registered that name here')
    return list
  }

  const rowOf: Directory['rowOf'] = (address) => {
    const stored = store.device(address)
    if (!stored) throw new RelayError('unknown-device', 'that person has no such device')
    return stored.row
  }

  const recordOf: Directory['recordOf'] = (address) => {
    rowOf(address)
    const record = deviceIn(openDeviceList(listOf(address.user)), address.device)
    if (!record) throw new RelayError('unknown-device', 'that person has no such device')
    return record
  }

  return {
    rowOf,
    recordOf,
    devices: listOf,

    /** The first key wins a name; the same list again is no error, for its answer may have been lost. */
    register(bytes) {
      const list = refuse(() => openDeviceList(bytes))
      store.transaction(() => {
        const known = store.account(list.user)
        if (known && !equal(known, bytes)) throw new RelayError('name-taken', 'that name is taken')
        if (!known)
          store.addAccount(
            list.user,
            bytes,
            list.devices.map(({ id }) => id),
          )
      })
    },

    publishPrekeys(address, encoded, replace, nowSeconds) {
      const [row, record] = [rowOf(address), recordOf(address)]
      const prekeys = encoded.map((bytes) => {
        const prekey = refuse((): Prekey => {
          const decoded = decodePrekey(bytes)
          checkPrekey(record, decoded)
          return decoded
        })
        return { kind: prekey.kind, id: prekey.id, expiresAtSeconds: prekey.expiresAtSeconds, bytes }
      })
      store.transaction(() => {
        if (replace) store.dropPrekeys(row)
        else store.expirePrekeys(row, nowSeconds)
        store.putPrekeys(row, prekeys)
        for (const kind of new Set(prekeys.map((prekey) => prekey.kind)))
          if (store.countPrekeys(row, kind, nowSeconds) > prekeysOfKindMaximum)
            throw new RelayError('too-large', `a device has at most ${prekeysOfKindMaximum} prekeys of a kind here`)
      })
    },

    countPrekeys(address, nowSeconds) {
      const row = rowOf(address)
      return {
        oneTime: store.countPrekeys(row, 'one-time', nowSeconds),
        kemOneTime: store.countPrekeys(row, 'KEM one-time', nowSeconds),
      }
    },

    /** One-time keys leave the store in the transaction that hands them out. */
    bundle(address, nowSeconds, fresh) {
      const row = rowOf(address)
      return store.transaction(() => {
        const signed = store.lastPrekey(row, 'signed')
        const take = (kind: PrekeyKind) => (fresh ? store.takePrekey(row, kind, nowSeconds) : null)
        const kem = take('KEM one-time') ?? store.lastPrekey(row, 'KEM last-resort')
        if (!signed || !kem) throw new RelayError('no-prekeys', 'that device has not published its prekeys yet')
        const oneTime = take('one-time')
        return encodeBundle({
          signed: agreementPrekey(signed),
          oneTime: oneTime && agreementPrekey(oneTime),
          kem: kemPrekey(kem),
        })
      })
    },
  }
}

function agreementPrekey(bytes: Uint8Array) {
  const prekey = decodePrekey(bytes)
  if (isKem(prekey)) throw new Error('the store gave a KEM prekey for another kind')
  return prekey
}

function kemPrekey(bytes: Uint8Array) {
  const prekey = decodePrekey(bytes)
  if (!isKem(prekey)) throw new Error('the store gave another kind for a KEM prekey')
  return prekey
}

/** What fails a check of crypto/ is a bad request here. */
function refuse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) throw new RelayError('bad-request', error.message)
    throw error
  }
}
