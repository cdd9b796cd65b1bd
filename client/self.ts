import { concat, decode, field, fromUtf8, textField, utf8 } from '../crypto/bytes.ts'
import { createAccount, deviceIn, type DeviceSecrets, openDeviceList } from '../crypto/identity.ts'
import {
  type AccountSecret,
  type AgreementSecret,
  type DeviceId,
  keySizeBytes,
  type PolicyKey,
  type SigningSecret,
} from '../crypto/keys.ts'
import type { Random } from '../crypto/random.ts'
import { ClientError } from './errors.ts'
import type { DeviceStore } from './store.ts'

/** Who this device is. */
export interface Self {
  readonly device: DeviceSecrets
  readonly signedList: Uint8Array
  readonly relayUrl: string
  /** PEM: who has to have signed the relay's certificate; null for whom this machine trusts */
  readonly relayCa: string | null
  /** pinned when the device was made */
  readonly policyKey: PolicyKey
  /** sends under no access mode but `none` */
  readonly refusesAccess: boolean
}

/** Makes the account and its first device, and stores both before anybody hears of them. */
export function createSelf(
  store: DeviceStore,
  user: string,
  relayUrl: string,
  policyKey: PolicyKey,
  refusesAccess: boolean,
  random: Random,
  relayCa: string | null,
): Self {
  return store.transaction(() => {
    if (store.meta('self'))
      throw new ClientError('device-exists', 'there is a device in this folder already', 'doormat contacts')
    const { device, accountSecret, signedList } = createAccount(user, random)
    store.setMeta('self', encodeSecrets(device, accountSecret))
    store.setMeta('device list', signedList)
    store.setMeta('relay', utf8(relayUrl))
    if (relayCa !== null) store.setMeta('relay ca', utf8(relayCa))
    store.setMeta('policy key', policyKey)
    if (refusesAccess) store.setMeta('refuses access', new Uint8Array([1]))
    return { device, signedList, relayUrl, relayCa, policyKey, refusesAccess }
  })
}

/** @throws ClientError `no-device` */
export function loadSelf(store: DeviceStore): Self {
  const [secrets, signedList, relay, policyKey] = ['self', 'device list', 'relay', 'policy key'].map((key) =>
    store.meta(key),
  )
  if (!secrets || !signedList || !relay || !policyKey)
    throw new ClientError('no-device', 'nobody is registered in this folder', 'doormat register NAME')
  const relayCa = store.meta('relay ca')
  return {
    device: decodeSecrets(secrets, signedList),
    signedList,
    relayUrl: fromUtf8(relay),
    relayCa: relayCa && fromUtf8(relayCa),
    policyKey: policyKey as PolicyKey,
    refusesAccess: store.meta('refuses access') !== null,
  }
}

const encodeSecrets = (device: DeviceSecrets, accountSecret: AccountSecret) =>
  concat(
    textField('doormat device 1'),
    device.record.id,
    device.signingSecret,
    device.identitySecret,
    field(accountSecret),
  )

function decodeSecrets(bytes: Uint8Array, signedList: Uint8Array): DeviceSecrets {
  return decode(bytes, (reader) => {
    if (reader.text(32) !== 'doormat device 1') throw new Error('the device store is of another version')
    const id = reader.take(keySizeBytes) as DeviceId
    const signingSecret = reader.take(keySizeBytes) as SigningSecret
    const identitySecret = reader.take(keySizeBytes) as AgreementSecret
    reader.field(keySizeBytes)
    const record = deviceIn(openDeviceList(signedList), id)
    if (!record) throw new Error('the device store holds a list without its own device')
    return { record, signingSecret, identitySecret }
  })
}
