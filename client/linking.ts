import { concat, decode, equal, field, u32, u8 } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import {
  createDevice,
  deviceIn,
  deviceListMaximumBytes,
  type DeviceRecord,
  openDeviceList,
  proveDevice,
} from '../crypto/identity.ts'
import {
  type AgreementKey,
  type DeviceId,
  keySizeBytes,
  type PolicyKey,
  signatureSizeBytes,
  type SigningKey,
} from '../crypto/keys.ts'
import {
  type LinkSecret,
  linkSlot,
  type LinkStep,
  linkSteps,
  openNote,
  sealNote,
  withDevice,
  withoutDevice,
} from '../crypto/linking.ts'
import type { Random } from '../crypto/random.ts'
import { linkNoteMaximumBytes, type Relay } from '../server/api.ts'
import type { Contacts } from './contacts.ts'
import type { Device } from './device.ts'
import { ClientError } from './errors.ts'
import { type Choices, type RelayPlace, type Self, storeSelf } from './self.ts'
import type { DeviceStore } from './store.ts'
import { countContact } from './trust.ts'

/** Sleeps a little between looks. @throws what ends the wait */
export type Pause = () => Promise<void>

/** Somebody's device list, and whether a person has compared their safety number. */
interface KnownContact {
  readonly signedList: Uint8Array
  readonly verified: boolean
}

interface Account {
  readonly policyKey: PolicyKey
  readonly signedList: Uint8Array
  readonly contacts: readonly KnownContact[]
}

/**
 * On the new device: waits for the account, answers with its own keys, and stores itself once it stands in the list.
 * @throws ClientError `link-failed` | `wrong-relay` | `device-exists`, CryptoError `not-authentic` and others, RelayError
 */
export async function joinAccount(
  store: DeviceStore,
  place: RelayPlace,
  relay: Relay,
  secret: LinkSecret,
  choices: Choices,
  random: Random,
  pause: Pause,
): Promise<Self> {
  if (store.meta('self')) throw new ClientError('device-exists', 'there is a device in this folder already')
  const account = decodeAccount(await note(relay, secret, linkSteps.account, pause))
  if (!equal(account.policyKey, await relay.policyKey()))
    throw new ClientError('wrong-relay', 'the other device knows this relay by another policy key')
  const { user, accountKey } = openDeviceList(account.signedList)
  const device = createDevice(user, accountKey, random(keySizeBytes) as DeviceId, random)
  await leave(relay, secret, linkSteps.device, encodeKeys(device.record, proveDevice(device)), random)
  const signedList = await note(relay, secret, linkSteps.welcome, pause)
  const list = openDeviceList(signedList)
  const entry = deviceIn(list, device.record.id)
  if (!equal(list.accountKey, accountKey) || !entry || !equal(entry.identityKey, device.record.identityKey))
    throw new ClientError('link-failed', 'the other device has signed a list without this one')
  return store.transaction(() => {
    const self = storeSelf(store, {
      device,
      accountSecret: null,
      signedList,
      ...place,
      policyKey: account.policyKey,
      choices,
    })
    for (const contact of account.contacts) {
      const { user: name } = openDeviceList(contact.signedList)
      store.run(
        'INSERT INTO contact (user, list, verified, accepted) VALUES (?, ?, ?, 1)',
        name,
        contact.signedList,
        contact.verified ? 1 : 0,
      )
      countContact(store, name)
    }
    store.setMeta('registered', new Uint8Array([1]))
    return self
  })
}

/**
 * On the account's first device: hands over what the account is, and signs the list with the new device in it.
 * @throws ClientError `not-primary` | `link-failed`, CryptoError `not-authentic` and others, RelayError
 */
export async function approveDevice(
  device: Device,
  relay: Relay,
  secret: LinkSecret,
  random: Random,
  pause: Pause,
): Promise<DeviceRecord> {
  const { self, contacts } = device
  const accountSecret = self.accountSecret()
  await leave(relay, secret, linkSteps.account, encodeAccount(self, contacts), random)
  const { record, proof } = decodeKeys(self, await note(relay, secret, linkSteps.device, pause))
  await publish(self, relay, withDevice(self.signedList, record, proof, accountSecret))
  await leave(relay, secret, linkSteps.welcome, self.signedList, random)
  return record
}

/** On the account's first device: signs the list without that one, whose mail and prekeys the relay throws away. */
export async function removeDevice({ self }: Device, relay: Relay, id: DeviceId): Promise<void> {
  await publish(self, relay, withoutDevice(self.signedList, id, self.accountSecret()))
}

async function publish(self: Self, relay: Relay, signedList: Uint8Array): Promise<void> {
  await relay.register(signedList)
  self.adopt(signedList)
}

const leave = (relay: Relay, secret: LinkSecret, step: LinkStep, bytes: Uint8Array, random: Random) =>
  relay.leaveNote(linkSlot(secret), step, sealNote(secret, step, bytes, random))

async function note(relay: Relay, secret: LinkSecret, step: LinkStep, pause: Pause): Promise<Uint8Array> {
  for (;;) {
    const sealed = await relay.readNote(linkSlot(secret), step)
    if (sealed) return openNote(secret, step, sealed)
    await pause()
  }
}

/** Policy key (32), signed list behind its length, count (4); a contact: list behind its length, verified (1). Those compared first, as many as fit. */
function encodeAccount(self: Self, contacts: Contacts): Uint8Array {
  const known = contacts.signedLists().toSorted((one, other) => Number(other.verified) - Number(one.verified))
  const entries: Uint8Array[] = []
  let left = linkNoteMaximumBytes - deviceListMaximumBytes - 256
  for (const { signedList, verified } of known) {
    const entry = concat(field(signedList), u8(verified ? 1 : 0))
    if ((left -= entry.length) < 0) break
    entries.push(entry)
  }
  return concat(self.policyKey, field(self.signedList), u32(entries.length), ...entries)
}

const decodeAccount = (bytes: Uint8Array): Account =>
  decode(bytes, (reader) => {
    const policyKey = reader.take(keySizeBytes) as PolicyKey
    const signedList = reader.field(deviceListMaximumBytes)
    const contacts = Array.from({ length: countOf(reader.u32()) }, () => ({
      signedList: reader.field(deviceListMaximumBytes),
      verified: reader.flag(),
    }))
    return { policyKey, signedList, contacts }
  })

/** No more than can stand in a note: a length must not make us reserve anything. */
function countOf(count: number): number {
  if (count > linkNoteMaximumBytes) throw new CryptoError('malformed', 'more contacts than fit')
  return count
}

/** Id (32), signing key (32), identity key (32), proof (64). */
const encodeKeys = ({ id, signingKey, identityKey }: DeviceRecord, proof: Uint8Array) =>
  concat(id, signingKey, identityKey, proof)

const decodeKeys = ({ list }: Self, bytes: Uint8Array) =>
  decode(bytes, (reader) => {
    const record: DeviceRecord = {
      user: list.user,
      accountKey: list.accountKey,
      id: reader.take(keySizeBytes) as DeviceId,
      signingKey: reader.take(keySizeBytes) as SigningKey,
      identityKey: reader.take(keySizeBytes) as AgreementKey,
    }
    return { record, proof: reader.take(signatureSizeBytes) }
  })
