import { concat, decode, equal, field, u32, u8 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import {
  createDevice,
  deviceIn,
  deviceListMaximumBytes,
  type DeviceRecord,
  openDeviceList,
  proveDevice,
} from '../../crypto/identity.ts'
import { mustEqual } from '../../crypto/kdf.ts'
import {
  type AgreementKey,
  type DeviceId,
  keySizeBytes,
  type PolicyKey,
  signatureSizeBytes,
  type SigningKey,
} from '../../crypto/keys.ts'
import {
  type LinkSecret,
  linkNumber,
  linkSlot,
  type LinkStep,
  linkSteps,
  openNote,
  sealNote,
  withDevice,
  withoutDevice,
} from '../../crypto/linking.ts'
import type { Random } from '../../crypto/random.ts'
import { linkNoteMaximumBytes, type Relay, RelayError } from '../../server/api.ts'
import { connectAs } from './connecting.ts'
import type { Contacts } from './contacts.ts'
import type { Device } from './device.ts'
import { ClientError } from './errors.ts'
import { noteRegistration } from './registration.ts'
import { type Choices, type RelayPlace, type Self, storeSelf } from './self.ts'
import type { DeviceStore } from './store.ts'
import { addContact } from './trust.ts'

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

/** Shows the number to the person at this end. @returns whether they say that the other end shows the same */
export type Agree = (number: readonly string[]) => Promise<boolean>

/** One of the two devices while one is linked. */
export interface LinkEnd {
  readonly relay: Relay
  readonly secret: LinkSecret
  readonly random: Random
  readonly pause: Pause
  readonly agree: Agree
}

const nothing = new Uint8Array()
const refused = (where: string) =>
  new ClientError('link-failed', `the numbers are not the same, said ${where}: nothing was linked`, 'doormat link')

/**
 * On the new device: waits for the account, answers with its own keys, and, once both people have found the same number on
 * both devices, stores itself as soon as it stands in the list.
 * @throws ClientError `link-failed` | `wrong-relay` | `device-exists`, CryptoError `not-authentic` and others, RelayError
 */
export async function joinAccount(
  store: DeviceStore,
  place: RelayPlace,
  choices: Choices,
  end: LinkEnd,
): Promise<Self> {
  const { relay, random } = end
  if (store.meta('self')) throw new ClientError('device-exists', 'this folder already holds a device')
  const accountNote = await note(end, linkSteps.account)
  const account = decodeAccount(accountNote)
  if (!equal(account.policyKey, await relay.policyKey()))
    throw new ClientError('wrong-relay', 'the other device knows this relay by another policy key')
  const { user, accountKey } = openDeviceList(account.signedList)
  const device = createDevice(user, accountKey, random(keySizeBytes) as DeviceId, random)
  const deviceNote = encodeKeys(device.record, proveDevice(device))
  await leave(end, linkSteps.device, deviceNote)
  const { digest, digits } = linkNumber(account.policyKey, accountNote, deviceNote, device.record)
  const agreed = await end.agree(digits)
  await leave(end, linkSteps.agreement, agreed ? digest : nothing)
  if (!agreed) throw refused('you')
  const signedList = await note(end, linkSteps.welcome)
  if (signedList.length === 0) throw refused('the person at the first device')
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
    for (const { signedList: list, verified } of account.contacts)
      addContact(store, { user: openDeviceList(list).user, list, verified, accepted: true })
    noteRegistration(store, 'complete')
    return self
  })
}

/**
 * On the account's first device: hands over what the account is, and, once both people have found the same number on both
 * devices, signs the list with the new device in it.
 * @throws ClientError `not-primary` | `link-failed`, CryptoError `not-authentic` and others, RelayError
 */
export async function approveDevice({ self, contacts }: Device, end: LinkEnd): Promise<DeviceRecord> {
  const accountSecret = self.accountSecret()
  await begin(self, end)
  const accountNote = encodeAccount(self, contacts)
  await leave(end, linkSteps.account, accountNote)
  const deviceNote = await note(end, linkSteps.device)
  const { record, proof } = decodeKeys(self, deviceNote)
  const { digest, digits } = linkNumber(self.policyKey, accountNote, deviceNote, record)
  if (!(await end.agree(digits))) {
    await leave(end, linkSteps.welcome, nothing)
    throw refused('you')
  }
  const theirs = await note(end, linkSteps.agreement)
  if (theirs.length === 0) throw refused('the person at the new device')
  mustEqual(digest, theirs, 'the new device has agreed to another number')
  await publish(self, end.relay, withDevice(self.signedList, record, proof, accountSecret))
  await leave(end, linkSteps.welcome, self.signedList)
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

/** The relay keeps notes only where a device that it knows has begun. Mail that it delivers meanwhile comes again. */
async function begin(self: Self, { relay, secret }: LinkEnd): Promise<void> {
  const ignore = () => undefined
  const connection = await connectAs(self, relay, { ready: ignore, deliver: ignore, policy: ignore, closed: ignore })
  try {
    await connection.reserveLink(linkSlot(secret))
  } finally {
    connection.close()
  }
}

/** @throws ClientError `link-failed` where another note lies there: somebody else has read the code */
async function leave({ relay, secret, random }: LinkEnd, step: LinkStep, bytes: Uint8Array): Promise<void> {
  try {
    await relay.leaveNote(linkSlot(secret), step, sealNote(secret, step, bytes, random))
  } catch (error) {
    if (!(error instanceof RelayError) || error.code !== 'out-of-order') throw error
    throw new ClientError('link-failed', 'somebody else has used this code: nothing was linked', 'doormat link')
  }
}

async function note({ relay, secret, pause }: LinkEnd, step: LinkStep): Promise<Uint8Array> {
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
