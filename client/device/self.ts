import { concat, decode, equal, field, fromUtf8, Reader, textField, u8, utf8 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import {
  createAccount,
  type DeviceList,
  deviceIn,
  type DeviceRecord,
  type DeviceSecrets,
  succeed,
} from '../../crypto/identity.ts'
import {
  type AccountSecret,
  type AgreementSecret,
  type DeviceId,
  keySizeBytes,
  type PolicyKey,
  signingPairFrom,
  type SigningSecret,
} from '../../crypto/keys.ts'
import type { Random } from '../../crypto/random.ts'
import { ClientError } from './errors.ts'
import { openKnownList } from './opened-lists.ts'
import { sealQueue } from './queue.ts'
import { endOtherSessions } from './sessions.ts'
import type { DeviceStore } from './store.ts'
import { sealAllContacts } from './trust.ts'

/** How this device was told to behave when it was made. */
export interface Choices {
  /** sends under no access mode but `none` */
  readonly refusesAccess: boolean
  /** tells others that their messages have come, and been read */
  readonly receipts: boolean
}

/** Who this device is. */
export interface Self extends Choices, RelayPlace {
  readonly device: DeviceSecrets
  /** pinned when the device was made */
  readonly policyKey: PolicyKey
  /** the account's newest device list that this device has seen */
  readonly signedList: Uint8Array
  readonly list: DeviceList
  /** the account's other devices */
  others(): readonly DeviceRecord[]
  /** whether this is the account's first device, which alone changes its list */
  readonly isFirst: boolean
  /** What signs device lists: only the first device has it, and it never leaves. @throws ClientError `not-primary` */
  accountSecret(): AccountSecret
  /** Takes a newer list of the same account. @throws CryptoError `account-changed` | `list-went-back` and others */
  adopt(signedList: Uint8Array): void
  /** A device that says it is of this account. @throws CryptoError `wrong-person` and what `adopt` throws, but for an older list */
  admit(signedList: Uint8Array, sender: DeviceRecord): void
}

/** Where a relay is. */
export interface RelayPlace {
  readonly relayUrl: string
  /** PEM: who has to have signed the relay's certificate; null for whom this machine trusts */
  readonly relayCa: string | null
}

/** What a new device begins with. */
export interface Beginning extends RelayPlace {
  readonly device: DeviceSecrets
  /** null in a linked device */
  readonly accountSecret: AccountSecret | null
  readonly signedList: Uint8Array
  readonly policyKey: PolicyKey
  readonly choices: Choices
}

/** Makes the account and its first device. */
export function createSelf(
  user: string,
  rest: Omit<Beginning, 'device' | 'accountSecret' | 'signedList'>,
  random: Random,
): Beginning {
  const { device, accountSecret, signedList } = createAccount(user, random)
  return { ...rest, device, accountSecret, signedList }
}

/** Stores who this device is, before anybody hears of it. @throws ClientError `device-exists` */
export function storeSelf(store: DeviceStore, self: Beginning): Self {
  return store.transaction(() => {
    if (store.meta('self'))
      throw new ClientError('device-exists', 'this folder already holds a device', 'doormat contacts')
    store.setMeta('self', encodeSecrets(self.device, self.accountSecret, self.choices))
    store.setMeta('device list', self.signedList)
    storePlace(store, self)
    store.setMeta('policy key', self.policyKey)
    sealAllContacts(store)
    return loadSelf(store)
  })
}

/** For a device whose registration is being asked for again: what it was told before counts no more. */
export const chooseAnew = (store: DeviceStore, self: Self, choices: Choices): Self => {
  store.setMeta('self', encodeSecrets(self.device, self.accountSecret(), choices))
  return loadSelf(store)
}

/** Where this device looks for its relay from now on, once it is opened again. */
export const storePlace = (store: DeviceStore, { relayUrl, relayCa }: RelayPlace): void =>
  store.transaction(() => {
    store.setMeta('relay', utf8(relayUrl))
    if (relayCa === null) store.dropMeta('relay ca')
    else store.setMeta('relay ca', utf8(relayCa))
  })

/** Forgets a device that no relay has ever taken. */
export const dropSelf = (store: DeviceStore): void => store.transaction(() => store.dropMeta('self', 'relay ca'))

/**
 * Brings a store to what this version seals. The first version had the choices among other values, and vouched neither for
 * them nor for its contacts; which version it was, is sealed with the device's secrets. @throws CryptoError `not-authentic`
 */
export function sealSelf(store: DeviceStore): void {
  const secrets = store.meta('self')
  if (!secrets || versionOf(secrets) === 2) return
  store.transaction(() => {
    const choices = {
      refusesAccess: store.meta('refuses access') !== null,
      receipts: store.meta('no receipts') === null,
    }
    store.setMeta('self', concat(textField(labels[2]), secrets.subarray(textField(labels[1]).length), flags(choices)))
    store.dropMeta('refuses access', 'no receipts')
    sealAllContacts(store)
    sealQueue(store)
  })
}

/** @throws ClientError `no-device`, CryptoError `not-authentic` */
export function loadSelf(store: DeviceStore): Self {
  sealSelf(store)
  const [secrets, firstList, relay, policyKey] = ['self', 'device list', 'relay', 'policy key'].map((key) =>
    store.meta(key),
  )
  if (!secrets || !firstList || !relay || !policyKey)
    throw new ClientError('no-device', 'nobody is registered in this folder', 'doormat register NAME')
  const relayCa = store.meta('relay ca')
  const { device, accountSecret, choices } = decodeSecrets(secrets, firstList)
  const { id } = device.record
  // the first list has this device in it whatever comes: one that was removed can still show its history
  const signedList = () => store.meta('newest list') ?? firstList

  const self: Self = {
    device,
    relayUrl: fromUtf8(relay),
    relayCa: relayCa && fromUtf8(relayCa),
    policyKey: policyKey as PolicyKey,
    ...choices,
    get signedList() {
      return signedList()
    },
    get list() {
      return openKnownList(signedList())
    },
    others: () => self.list.devices.filter((record) => !equal(record.id, id)),
    isFirst: accountSecret !== null,
    accountSecret() {
      if (accountSecret) return accountSecret
      throw new ClientError('not-primary', 'only the first device of an account can change its devices')
    },
    adopt(list) {
      store.transaction(() => {
        const known = signedList()
        if (equal(known, list)) return
        const newest = succeed(known, list, openKnownList)
        store.setMeta('newest list', list)
        endOtherSessions(store, newest)
      })
    },
    admit(list, sender) {
      try {
        self.adopt(list)
      } catch (error) {
        if (!(error instanceof CryptoError) || error.code !== 'list-went-back') throw error
      }
      const known = deviceIn(self.list, sender.id)
      if (!known || !equal(known.identityKey, sender.identityKey))
        throw new CryptoError('wrong-person', 'the handshake is of no device of this account')
    },
  }
  return self
}

const labels = { 1: 'doormat device 1', 2: 'doormat device 2' } as const

function versionOf(secrets: Uint8Array): 1 | 2 {
  const label = new Reader(secrets).text(32)
  if (label === labels[1]) return 1
  if (label === labels[2]) return 2
  throw new Error('the device store is of another version')
}

const flags = ({ refusesAccess, receipts }: Choices) => concat(u8(refusesAccess ? 1 : 0), u8(receipts ? 1 : 0))

/** Device id (32), signing secret (32), identity secret (32), account secret behind its length, what was chosen (2). */
const encodeSecrets = (device: DeviceSecrets, accountSecret: AccountSecret | null, choices: Choices) =>
  concat(
    textField(labels[2]),
    device.record.id,
    device.signingSecret,
    device.identitySecret,
    field(accountSecret ?? new Uint8Array()),
    flags(choices),
  )

function decodeSecrets(
  bytes: Uint8Array,
  signedList: Uint8Array,
): { readonly device: DeviceSecrets; readonly accountSecret: AccountSecret | null; readonly choices: Choices } {
  return decode(bytes, (reader) => {
    reader.text(32)
    const id = reader.take(keySizeBytes) as DeviceId
    const signingSecret = reader.take(keySizeBytes) as SigningSecret
    const identitySecret = reader.take(keySizeBytes) as AgreementSecret
    const accountSecret = reader.field(keySizeBytes)
    const choices = { refusesAccess: reader.flag(), receipts: reader.flag() }
    const record = deviceIn(openKnownList(signedList), id)
    if (!record) throw new Error('the device store holds a list without its own device')
    // nobody would take what it signs
    if (!equal(signingPairFrom(signingSecret).public, record.signingKey))
      throw new CryptoError('not-authentic', 'the store on disk has been changed')
    if (accountSecret.length % keySizeBytes !== 0)
      throw new CryptoError('malformed', 'an account secret of a wrong size')
    return {
      device: { record, signingSecret, identitySecret },
      accountSecret: accountSecret.length === 0 ? null : (accountSecret as AccountSecret),
      choices,
    }
  })
}
