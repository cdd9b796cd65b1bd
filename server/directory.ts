import { CryptoError } from '../crypto/errors.ts'
import { deviceIn, type DeviceRecord, keysIn, succeed } from '../crypto/identity.ts'
import { createListOpener, type OpenList } from '../crypto/opened-lists.ts'
import { checkPrekey, decodePrekey, encodeBundle, encodePrekey, isKem, type Prekey } from '../crypto/prekeys.ts'
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
import { whenFree } from './patience.ts'
import type { AccountChange, Claim, Lasting, Store, StoredDevice, StoredPrekey } from './store/store.ts'

/** Which people there are, with which devices, and the keys with which others can write to them while they are away. */
export interface Directory {
  /**
   * A new account, or the next list of one that is there.
   * @param charge is called before anything is written, once the signatures hold: for a newcomer, or for the account
   * @returns devices that are in it no more: their mail and prekeys are gone
   * @throws RelayError `name-taken` | `out-of-order` | `bad-request`
   */
  register(list: Uint8Array, charge: (user: string, isNew: boolean) => void): Promise<readonly DeviceAddress[]>
  /** @throws RelayError `unknown-user` */
  devices(user: string): Promise<Uint8Array>
  /**
   * A device that is in no list: the relay keeps a mailbox for it, and whose its id is.
   * @throws RelayError `unknown-user`, and `bad-request` where the id belongs to other keys
   */
  house(record: DeviceRecord): Promise<StoredDevice>
  /** The store's own name for a device. @throws RelayError `unknown-device` */
  rowOf(address: DeviceAddress): Promise<number>
  /** What a device has shown of itself; checks its list's signatures. @throws RelayError `unknown-device` */
  recordOf(address: DeviceAddress): Promise<DeviceRecord>
  /**
   * Prekeys that have expired, or were made under a wrong clock, make room.
   * @throws RelayError `bad-request` | `too-large`
   */
  publishPrekeys(
    address: DeviceAddress,
    prekeys: readonly Uint8Array[],
    replace: boolean,
    nowSeconds: number,
  ): Promise<void>
  /** Of a device that is in no list. */
  putPrekeys(device: StoredDevice, prekeys: readonly Prekey[], nowSeconds: number): Promise<void>
  countPrekeys(address: DeviceAddress, nowSeconds: number): Promise<PrekeyCounts>
  /** @param fresh whether the bundle may contain one-time keys */
  bundle(address: DeviceAddress, nowSeconds: number, fresh: boolean): Promise<Uint8Array>
}

/** Two clocks that differ by less both count as right. */
const leewaySeconds = 24 * 3600

/** How many device lists are remembered whose signatures need not be checked again: some 2 KiB each. */
const listsRemembered = 1024

/**
 * A prekey that expires later than it can was made under a clock that was ahead. Which clock is wrong is not known
 * here.
 */
const lasting = (nowSeconds: number): Lasting => ({
  afterSeconds: nowSeconds,
  untilSeconds: nowSeconds + prekeyLifetimeSeconds + leewaySeconds,
  onceAfterSignedSeconds: rotateAfterSeconds + leewaySeconds,
})

const stored = (prekey: Prekey, bytes: Uint8Array): StoredPrekey => ({
  kind: prekey.kind,
  id: prekey.id,
  expiresAtSeconds: prekey.expiresAtSeconds,
  bytes,
})

const claimOf = (record: DeviceRecord): Claim => ({ device: record.id, keys: keysIn(record) })

export function createDirectory(store: Store): Directory {
  const openList = createListOpener(listsRemembered)

  async function listOf(user: string): Promise<Uint8Array> {
    const list = await store.account(user)
    if (!list) throw new RelayError('unknown-user', 'nobody has registered that name here')
    return list
  }

  async function deviceAt(address: DeviceAddress): Promise<StoredDevice> {
    const device = await store.device(address)
    if (!device) throw noSuchDevice()
    return device
  }

  const rowOf: Directory['rowOf'] = async (address) => (await deviceAt(address)).row

  const recordOf: Directory['recordOf'] = async (address) => {
    await deviceAt(address)
    const record = deviceIn(openList(await listOf(address.user)), address.device)
    if (!record) throw noSuchDevice()
    return record
  }

  async function put(device: number, prekeys: readonly StoredPrekey[], replace: boolean, now: number): Promise<void> {
    const put = () => store.publishPrekeys(device, prekeys, replace, lasting(now), prekeysOfKindMaximum)
    if (!(await whenFree(put)))
      throw new RelayError('too-large', `a device has at most ${prekeysOfKindMaximum} prekeys of a kind here`)
  }

  /**
   * An id belongs to the keys that it first had here, as a name does to its account key: mailbox, counters and prekeys go by
   * it, and somebody chose it. Where nothing has been taken down yet, the list of those who are there already says which.
   * @returns whether the account is still as it was when this was decided
   */
  async function change(asked: AccountChange): Promise<boolean> {
    const done = await whenFree(() => store.register(asked))
    if (done === 'other-keys') throw new RelayError('bad-request', 'an id of a device belongs to other keys here')
    return done === 'done'
  }

  return {
    rowOf,
    recordOf,
    devices: listOf,

    /**
     * The first key gets the name, and changing the list takes that key's signature. The same list again is no error.
     */
    async register(list, charge) {
      const { user, devices } = refuse(() => openList(list))
      const ids = devices.map(({ id }) => id)
      for (let isCharged = false; ; isCharged = true) {
        const known = await store.account(user)
        if (known && equal(known, list)) return []
        if (known) follows(known, list, openList)
        if (!isCharged) charge(user, !known)
        const listed = known ? openList(known).devices : []
        const before = listed.map(({ id }) => id)
        const removed = added(ids, before)
        const claims = [...listed, ...devices].map(claimOf)
        if (await change({ user, known, list, added: added(before, ids), removed, claims }))
          return removed.map((device) => ({ user, device }))
      }
    },

    async house(record) {
      const { user, id: device } = record
      const [there, keys] = [await store.device({ user, device }), await store.keysOf({ user, device })]
      if (there && keys && equal(keys, keysIn(record))) return there
      for (;;) {
        const list = await listOf(user)
        const listed = deviceIn(openList(list), device)
        const claims = [...(listed ? [listed] : []), record].map(claimOf)
        if (await change({ user, known: list, list, added: [device], removed: [], claims }))
          return deviceAt({ user, device })
      }
    },

    async publishPrekeys(address, encoded, replace, nowSeconds) {
      const [{ row }, record] = [await deviceAt(address), await recordOf(address)]
      const prekeys = encoded.map((bytes) =>
        refuse(() => {
          const decoded = decodePrekey(bytes)
          checkPrekey(record, decoded)
          return stored(decoded, bytes)
        }),
      )
      await put(row, prekeys, replace, nowSeconds)
    },

    putPrekeys: ({ row }, prekeys, nowSeconds) =>
      put(
        row,
        prekeys.map((prekey) => stored(prekey, encodePrekey(prekey))),
        false,
        nowSeconds,
      ),

    async countPrekeys(address, nowSeconds) {
      return store.countPrekeys(await rowOf(address), lasting(nowSeconds))
    },

    async bundle(address, nowSeconds, fresh) {
      const row = await rowOf(address)
      const taken = await whenFree(() => store.takeBundle(row, lasting(nowSeconds), fresh))
      if (!taken) throw new RelayError('no-prekeys', 'that device has not published its prekeys yet')
      const { signed, kem, oneTime } = taken
      return encodeBundle({
        signed: agreementPrekey(signed),
        oneTime: oneTime && agreementPrekey(oneTime),
        kem: kemPrekey(kem),
      })
    },
  }
}

const noSuchDevice = () => new RelayError('unknown-device', 'that person has no such device')

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
