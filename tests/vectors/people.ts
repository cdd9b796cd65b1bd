import { modeCalled } from '../../crypto/access/index.ts'
import { compare, concat } from '../../crypto/bytes.ts'
import {
  createAccount,
  type DeviceSecrets,
  encodeDeviceRecord,
  proveDevice,
  signDeviceList,
} from '../../crypto/identity.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { encodePolicyReference, type SignedPolicy, signPolicy } from '../../crypto/policy.ts'
import {
  type AgreementPrekeySecret,
  createPrekey,
  encodeBundle,
  encodePrekey,
  type KemPrekeySecret,
  type PrekeySecret,
} from '../../crypto/prekeys.ts'
import { seededRandom } from '../support/random.ts'

const expiry = 1_900_000_000

/** Alice and Bob, Bob's prekeys, the operator's two policies and the custodian, with what the specification says of them. */
export function cast() {
  const random = seededRandom('vectors: people')
  const alice = createAccount('alice', random)
  const bob = createAccount('bob', random)
  const prekeys = prekeysOf(bob.device)
  const { policy, entry } = policies()
  const { signed, oneTime, kem, lastResort } = prekeys
  const entries = {
    identities: [alice, bob].map(identity),
    twoDevices: twoDevices(bob),
    prekeys: [signed, oneTime, kem, lastResort].map(published),
    bundles: {
      full: encodeBundle({ signed, oneTime, kem }),
      withoutOneTimeKeys: encodeBundle({ signed, oneTime: null, kem: lastResort }),
    },
    policy: entry,
  }
  return { alice, bob: { ...bob, prekeys }, policy, entries }
}

type Account = ReturnType<typeof createAccount>
export type Cast = ReturnType<typeof cast>

function prekeysOf(device: DeviceSecrets) {
  const random = seededRandom('vectors: prekeys')
  return {
    signed: createPrekey('signed', 1, expiry, device, random) as AgreementPrekeySecret,
    oneTime: createPrekey('one-time', 2, expiry + 1, device, random) as AgreementPrekeySecret,
    kem: createPrekey('KEM one-time', 3, expiry + 2, device, random) as KemPrekeySecret,
    lastResort: createPrekey('KEM last-resort', 4, expiry + 3, device, random) as KemPrekeySecret,
  }
}

/** Section 3. */
const identity = ({ device, accountSecret, list, signedList }: Account) => ({
  user: list.user,
  accountSecret,
  accountKey: list.accountKey,
  device: secrets(device),
  number: list.number,
  list: signedList,
})

const secrets = (device: DeviceSecrets) => ({
  id: device.record.id,
  signingSecret: device.signingSecret,
  signingKey: device.record.signingKey,
  identitySecret: device.identitySecret,
  identityKey: device.record.identityKey,
  record: encodeDeviceRecord(device.record),
  proof: proveDevice(device),
})

/** Section 3: the list of an account after it got a second device, in ascending order of their ids. */
function twoDevices({ list, device, accountSecret }: Account) {
  const another = createAccount(list.user, seededRandom('vectors: second device')).device
  const second = { ...another, record: { ...another.record, accountKey: list.accountKey } }
  const devices = [second, device].sort((a, b) => compare(a.record.id, b.record.id))
  const records = devices.map(({ record }) => record)
  return {
    number: 2,
    devices: devices.map(secrets),
    list: signDeviceList({ ...list, number: 2, devices: records }, devices.map(proveDevice), accountSecret),
  }
}

/** Section 4. */
const published = (prekey: PrekeySecret) => ({
  kind: prekey.kind,
  id: prekey.id,
  expiry: prekey.expiresAtSeconds,
  secret: prekey.secret as Uint8Array,
  key: prekey.key as Uint8Array,
  signature: prekey.signature,
  prekey: encodePrekey(prekey),
})

/** Sections 5 and 13: first no access, then a custodian. */
function policies() {
  const random = seededRandom('vectors: policies')
  const operator = generatePolicyPair(random)
  const escrow = modeCalled('message-key-escrow')
  const { parameters, secrets } = escrow.setup(random)
  const first = signPolicy('none', new Uint8Array(), 1_699_999_999_000, null, operator.secret)
  const second = signPolicy(escrow.id, parameters, 1_700_000_000_500, first, operator.secret)
  const entry = {
    policySecret: operator.secret,
    policyKey: operator.public,
    custodian: { secret: concat(...secrets.map(({ bytes }) => bytes)), key: parameters },
    links: [first, second].map(link),
  }
  return { policy: { first, second }, entry }
}

const link = ({ policy, parameters, reference, bytes }: SignedPolicy) => ({
  epoch: policy.epoch,
  modeId: policy.modeId,
  parameters,
  time: policy.time,
  previous: policy.previous,
  reference: encodePolicyReference(reference),
  link: bytes,
})
