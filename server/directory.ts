import { CryptoError } from '../crypto/errors.ts'
import { deviceIn, type DeviceRecord, keysIn, succeed } from '../crypto/identity.ts'
import { createListOpener, type OpenList } from '../crypto/opened-lists.ts'
import { checkPrekey, decodePrekey, encodeBundle, isKem, type Prekey, type PrekeyKind } from '../crypto/prekeys.ts'
import { equal } from '../crypto/bytes.ts'
import type { DeviceId } from '../crypto/keys.ts'
import {
  type DeviceAddress,
  type PrekeyCounts,
  prekeyLifetimeSeconds,
  prekeysOfKindMaximum,
  RelayError,
  rotateAfterSeconds,
} from './api.ts'
import type { ExpiryRange, Store } from './store/store.ts'

/** Which people there are, with which devices, and the keys with which others can write to them while they are away. */
export interface Directory {
  /**
   * A new account, or the next list of one that is there.
   * @param charge is called before anything is written, once the signatures hold: for a newcomer, or for the account
   * @returns devices that are in it no more: their mail and prekeys are gone
   * @throws RelayError `name-taken` | `out-of-order` | `bad-request`
   */
  register(list: Uint8Array, charge: (user: string, isNew: boolean) => void): readonly DeviceAddress[]
  devices(user: string): Uint8Array
  /**
   * Takes down whose a device's id is, within the transaction that makes its row. An id belongs to the keys that it first
   * had here, as a name does to its account key: mailbox, counters and prekeys go by it, and somebody chose it.
   * @throws RelayError `bad-request` where those are other keys
   */
  claim(record: DeviceRecord): void
  /** The store's own name for a device. @throws RelayError `unknown-device` */
  rowOf(address: DeviceAddress): number
  /** What a device has shown of itself; checks its list's signatures. @throws RelayError `unknown-device` */
  recordOf(address: DeviceAddress): DeviceRecord
  /**
   * Prekeys that have expired, or were made under a wrong clock, make room.
   * @throws RelayError `bad-request` | `too-large`
   */
  publishPrekeys(address: DeviceAddress, prekeys: readonly Uint8Array[], replace: boolean, nowSeconds: number): void
  countPrekeys(address: DeviceAddress, nowSeconds: number): PrekeyCounts
  /** @param fresh whether the bundle may contain one-time keys */
  bundle(address: DeviceAddress, nowSeconds: number, fresh: boolean): Uint8Array
}

/** Two clocks that differ by less both count as right. */
const leewaySeconds = 24 * 3600
const everything: ExpiryRange = { afterSeconds: -1, untilSeconds: Number.MAX_SAFE_INTEGER }

/** How many device lists are remembered whose signatures need not be checked again: some 1 KiB each. */
const listsRemembered = 4096

export function createDirectory(store: Store): Directory {
  const openList = createListOpener(listsRemembered)

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
    const record = deviceIn(openList(listOf(address.user)), address.device)
    if (!record) throw new RelayError('unknown-device', 'that person has no such device')
    return record
  }

  /**
   * A prekey that expires later than it can was made under a clock that was ahead. Which clock is wrong is not known
   * here.
   */
  const lasting = (nowSeconds: number): ExpiryRange => ({
    afterSeconds: nowSeconds,
    untilSeconds: nowSeconds + prekeyLifetimeSeconds + leewaySeconds,
  })

  const lastSigned = (row: number, nowSeconds: number) => store.lastPrekey(row, 'signed', lasting(nowSeconds))

  /** One-time keys are measured by the signed one beside them: whatever clock made it, they expire a week later at most. */
  function usableOnce(row: number, nowSeconds: number): ExpiryRange {
    const signed = lastSigned(row, nowSeconds)
    const latest = signed ? decodePrekey(signed).expiresAtSeconds + rotateAfterSeconds + leewaySeconds : Infinity
    return { afterSeconds: nowSeconds, untilSeconds: Math.min(latest, Number.MAX_SAFE_INTEGER) }
  }

  function makeRoom(row: number, kind: PrekeyKind, nowSeconds: number): void {
    const isLasting = kind === 'signed' || kind === 'KEM last-resort'
    const good = isLasting ? lasting(nowSeconds) : usableOnce(row, nowSeconds)
    store.thinPrekeys(row, kind, good, prekeysOfKindMaximum)
    if (store.countPrekeys(row, kind, everything) > prekeysOfKindMaximum)
      throw new RelayError('too-large', `a device has at most ${prekeysOfKindMaximum} prekeys of a kind here`)
  }

  const claim: Directory['claim'] = (record) => {
    const address = { user: record.user, device: record.id }
    const keys = keysIn(record)
    const listed = deviceIn(openList(listOf(record.user)), record.id)
    const known = store.keysOf(address) ?? (listed && keysIn(listed))
    if (known && !equal(known, keys))
      throw new RelayError('bad-request', 'an id of a device belongs to other keys here')
    store.setKeys(address, keys)
  }

  return {
    rowOf,
    recordOf,
    claim,
    devices: listOf,

    /**
     * The first key gets the name, and changing the list takes that key's signature. The same list again is no error.
     */
    register(bytes, charge) {
      const { user, devices } = refuse(() => openList(bytes))
      const ids = devices.map(({ id }) => id)
      return store.transaction(() => {
        const known = store.account(user)
        if (known && equal(known, bytes)) return []
        if (known) follows(known, bytes, openList)
        charge(user, !known)
        if (!known) {
          store.addAccount(user, bytes, ids)
          devices.forEach(claim)
          return []
        }
        const listed = openList(known).devices
        const before = listed.map(({ id }) => id)
        listed.forEach(claim)
        store.changeAccount(user, bytes, added(before, ids), added(ids, before))
        devices.forEach(claim)
        return added(ids, before).map((device) => ({ user, device }))
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
        store.putPrekeys(row, prekeys)
        for (const kind of new Set(prekeys.map((prekey) => prekey.kind))) makeRoom(row, kind, nowSeconds)
      })
    },

    countPrekeys(address, nowSeconds) {
      const row = rowOf(address)
      const usable = usableOnce(row, nowSeconds)
      return {
        oneTime: store.countPrekeys(row, 'one-time', usable),
        kemOneTime: store.countPrekeys(row, 'KEM one-time', usable),
      }
    },

    /** One-time keys leave the store in the transaction that hands them out. */
    bundle(address, nowSeconds, fresh) {
      const row = rowOf(address)
      return store.transaction(() => {
        const signed = lastSigned(row, nowSeconds)
        const usable = usableOnce(row, nowSeconds)
        const take = (kind: PrekeyKind) => (fresh ? store.takePrekey(row, kind, usable) : null)
        const kem = take('KEM one-time') ?? store.lastPrekey(row, 'KEM last-resort', lasting(nowSeconds))
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

const added = (before: readonly DeviceId[], after: readonly DeviceId[]) =>
  after.filter((id) => !before.some((one) => equal(one, id)))

function follows(known: Uint8Array, next: Uint8Array, open: OpenList): void {
  try {
    succeed(known, next, open)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    if (error.code === 'account-changed') throw new RelayError('name-taken', 'that name is taken')
    throw new RelayError('out-of-order', 'the account has a newer device list')
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

/** Whatever fails a check of crypto/ is a bad request here. */
function refuse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) throw new RelayError('bad-request', error.message)
    throw error
  }
}
