import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyTally, openEvidence } from '../../client/authority/reading.ts'
import { AuthorityError } from '../../client/authority/errors.ts'
import { archiveEvidence, type Evidence, storeEvidence } from '../../client/authority/evidence.ts'
import { readPublicKey, readSecretKey, writeKeyFiles } from '../../client/authority/key-file.ts'
import { tryEverything } from '../../client/authority/trial.ts'
import { type Contacts, createContacts } from '../../client/device/contacts.ts'
import { createHistory, type History } from '../../client/device/history.ts'
import type { Receipts } from '../../client/device/receipts.ts'
import { createPolicies } from '../../client/device/policies.ts'
import { createPrekeys } from '../../client/device/prekeys.ts'
import { createQueue } from '../../client/device/queue.ts'
import { createSelf, loadSelf, type Self, storeSelf } from '../../client/device/self.ts'
import { createSessions } from '../../client/device/sessions.ts'
import { openStoreInMemory } from '../../client/device/memory/store.ts'
import type { DeviceStore } from '../../client/device/store.ts'
import type { TableSet } from '../../client/device/tables/tables.ts'
import { archiveMagic, encodeRecord, splitRecords } from '../../crypto/access/archive.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { type RecordedEnvelope } from '../../crypto/access/mode.ts'
import { base64url, concat, equal, field, Reader, textField, u32, u8, utf8 } from '../../crypto/bytes.ts'
import { isName } from '../../crypto/identity.ts'
import { decodeHandshake } from '../../crypto/pqxdh.ts'
import { encodePrekeySecret } from '../../crypto/prekeys.ts'
import { decodeSession, encodeSession } from '../../crypto/session.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { archiveOf } from '../support/recorded.ts'
import { enroll, post } from '../support/stored.ts'
import { type Decoder, refusing } from './decoders.ts'
import {
  asItWasKept,
  accounts,
  chain,
  encodedPrekeySecrets,
  envelopes,
  escrowed,
  handshakes,
  keptSessions,
  owner,
  records,
} from './samples.ts'

/*
 * What a device and an authority have written down and read again: forms in a store, files. A disk can be damaged, a
 * folder copied from a stranger.
 */

const folder = mkdtempSync(join(tmpdir(), 'doormat-fuzz-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const file = (name: string) => join(folder, name)

const time = { clock: () => 1, running: () => 1 }

/** A store in which something stands. */
function storeWith(put: (tables: TableSet) => unknown): DeviceStore {
  const store = openStoreInMemory()
  put(store.tables)
  return store
}

const anybody = { user: owner.record.user, device: owner.record.id }
const noHistory = {} as History
const noReceipts = {} as Receipts
const { self, metas } = (() => {
  const store = openStoreInMemory()
  const relay = { relayUrl: 'http://127.0.0.1:1', relayCa: null, policyKey: chain.pair.public }
  const choices = { refusesAccess: false, receipts: true }
  const self: Self = storeSelf(store, createSelf('alice', { ...relay, choices }, seededRandom('self')))
  return { self, metas: store.tables.meta.all() }
})()

const [label, earlierLabel] = [textField('doormat device 2'), textField('doormat device 1')]
const secrets = metas.find(({ key }) => key === 'self')?.value ?? new Uint8Array()
/** The same device, but for one value. */
const selfWith = (key: string, value: Uint8Array) =>
  loadSelf(
    storeWith(({ meta }) => {
      meta.fill(metas)
      meta.set(key, value)
    }),
  )
/** As the first version kept them, with the choices elsewhere. */
const earlierSecrets = concat(earlierLabel, secrets.subarray(label.length, -2))

const place = { ratchetKey: owner.record.identityKey, index: 7 }
const outboxRow = {
  message: 1,
  content: null,
  ...anybody,
  sequence: 1,
  epoch: 1,
  envelope: new Uint8Array(),
}
const historyRow = {
  kind: 'message',
  peer: 'bob',
  direction: 'in',
  author: null,
  device: owner.record.id,
  id: 'm1',
  sequence: 1,
  sentAt: 1,
  recordedAt: 1,
  state: 'received',
  epoch: 1,
  lifetimeSeconds: 0,
  attachment: null,
  confirmed: null,
  about: null,
  goesAt: null,
} as const
const contactRow = {
  user: 'carol',
  changedList: null,
  verified: false,
  accepted: false,
  blocked: false,
  lifetimeSeconds: 0,
  readRow: 0,
  seal: new Uint8Array(),
}
const encodedPlace = concat(place.ratchetKey, u32(place.index))

const isOwnFault = (message: string) => (error: unknown) =>
  error instanceof Error && error.constructor === Error && error.message.includes(message)

const inTheStore: readonly Decoder[] = [
  {
    name: "loadSelf, from the device's secrets",
    samples: [secrets, earlierSecrets],
    again(bytes) {
      const { device, refusesAccess, receipts } = selfWith('self', bytes)
      const isEarlier = equal(bytes.subarray(0, earlierLabel.length), earlierLabel)
      const version = isEarlier ? earlierLabel : label
      const known = concat(version, device.record.id, device.signingSecret, device.identitySecret)
      // the account's secret is kept for later, and not looked at
      const secret = field(new Reader(bytes.subarray(known.length)).field(bytes.length))
      return concat(known, secret, ...(isEarlier ? [] : [u8(refusesAccess ? 1 : 0), u8(receipts ? 1 : 0)]))
    },
    refuses: (error) => refusing('malformed', 'not-authentic')(error) || isOwnFault('the device store')(error),
    cost: 10,
  },
  {
    name: "loadSelf, from the device's list",
    samples: [self.signedList],
    again: (bytes) => selfWith('device list', bytes) && self.signedList,
    refuses: (error) =>
      refusing('malformed', 'bad-key', 'bad-signature')(error) || isOwnFault('the device store')(error),
    cost: 10,
  },
  {
    name: 'places in the queue',
    samples: [new Uint8Array(), encodedPlace, concat(encodedPlace, encodedPlace)],
    again(bytes) {
      const store = storeWith(({ outbox }) => outbox.add({ ...outboxRow, place: encodedPlace, abandoned: bytes }))
      const [queued] = createQueue(store, 'alice').to(anybody)
      return concat(...(queued?.abandoned ?? []).map(({ ratchetKey, index }) => concat(ratchetKey, u32(index))))
    },
    refuses: refusing('malformed'),
    cost: 1,
  },
  {
    name: 'text in the history',
    samples: ['', 'hello', 'Gruß 👩‍👩‍👧'].map(utf8),
    again(bytes) {
      const store = storeWith(({ history }) => history.add({ ...historyRow, text: bytes }))
      return utf8(at(createHistory(store, time).after(0, null, 1), 0).text)
    },
    refuses: refusing('malformed'),
    cost: 1,
  },
  {
    name: 'lists of contacts',
    samples: accounts.map(({ signedList }) => signedList),
    again(bytes) {
      const store = storeWith(({ contacts }) => contacts.put({ ...contactRow, list: bytes }))
      const contacts: Contacts = createContacts(store, noHistory, noReceipts)
      return contacts.get('carol') ? bytes : new Uint8Array()
    },
    refuses: refusing('malformed', 'bad-key', 'bad-signature'),
    cost: 10,
  },
  {
    name: 'links of the policy chain',
    samples: [chain.head.bytes],
    again(bytes) {
      const store = storeWith(({ policies }) => policies.add({ epoch: 1, link: bytes }))
      return createPolicies(store, self, joinMode, noHistory).head()?.bytes ?? new Uint8Array()
    },
    refuses: refusing('malformed', 'bad-signature', 'policy-broken'),
    cost: 5,
  },
  {
    name: 'sessions',
    samples: keptSessions,
    again(bytes) {
      const { theirs, ephemeralKey: ephemeral } = decodeSession(bytes)
      const { user, id: device } = theirs
      const store = storeWith(({ sessions }) => sessions.add({ user, device, ephemeral, retired: false, bytes }))
      return asItWasKept(bytes, encodeSession(at(createSessions(store).with(user, device), 0)))
    },
    refuses: refusing('malformed'),
    cost: 3,
  },
  {
    name: "the device's prekeys",
    samples: encodedPrekeySecrets.slice(2),
    again(bytes) {
      const handshake = decodeHandshake(at(handshakes, 1))
      const { signedPrekeyId, oneTimePrekeyId, kemPrekeyId } = handshake
      // every id gives the same key here, which is a KEM key and so none of the others
      const store = storeWith(({ prekeys }) => {
        for (const id of new Set([signedPrekeyId, oneTimePrekeyId ?? 0, kemPrekeyId]))
          prekeys.add({ id, kind: 'KEM one-time', expires: 1, made: 1, bytes })
      })
      const prekeys = createPrekeys(store, self, seededRandom('prekeys'), time)
      try {
        return encodePrekeySecret(prekeys.answering(handshake).kem)
      } catch (error) {
        if (refusing('key-gone')(error) && at(encodedPrekeySecrets, 2).length === bytes.length) return bytes
        throw error
      }
    },
    refuses: (error) => refusing('malformed', 'key-gone')(error) || isOwnFault('stored')(error),
    cost: 3,
  },
]

const escrowSecret = at(escrowed.secrets, 0).bytes
writeKeyFiles(file('escrow.key'), 'message-key-escrow', [escrowSecret], escrowed.parameters)

const isRefusal = (code: AuthorityError['code']) => (error: unknown) =>
  error instanceof AuthorityError && error.code === code

/** @returns the bytes given, if the key is the one that stands in the file */
function keyIn(bytes: Uint8Array, member: 'secret' | 'parameters', read: (path: string) => Uint8Array): Uint8Array {
  writeFileSync(file('key'), bytes)
  const key = read(file('key'))
  const said = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  return base64url(key) === said[member] ? bytes : new Uint8Array()
}

/** Every envelope that the evidence gives, each as the type promises. */
function drain(evidence: Evidence): { readonly given: readonly RecordedEnvelope[]; readonly cutOffBytes: number } {
  const given: RecordedEnvelope[] = []
  for (;;) {
    const next = evidence.next()
    if (next.done) return { given, cutOffBytes: next.value.cutOffBytes }
    const { fromUser, toUser, fromDevice, toDevice, time, bytes } = next.value
    const sound = isName(fromUser) && isName(toUser) && fromDevice.length === 32 && toDevice.length === 32
    if (!sound || !Number.isFinite(time) || !(bytes instanceof Uint8Array)) throw new Error('evidence of another form')
    given.push(next.value)
  }
}

async function storeFile(): Promise<Uint8Array> {
  const path = file('relay.db')
  const store = openSqliteStore(path)
  const { fromUser, fromDevice, toUser, toDevice } = at(records, 0)
  const [from, to] = [
    { user: fromUser, device: fromDevice },
    { user: toUser, device: toDevice },
  ]
  for (const { user, device } of [from, to]) await enroll(store, user, [device])
  await post(
    store,
    from,
    to,
    records.map(({ bytes }) => bytes),
  )
  store.close()
  return readFileSync(path)
}

const inFiles: readonly Decoder[] = [
  {
    name: 'readSecretKey',
    samples: [readFileSync(file('escrow.key'))],
    again: (bytes) => keyIn(bytes, 'secret', (path) => readSecretKey(path).secret),
    refuses: isRefusal('bad-key-file'),
    cost: 5,
  },
  {
    name: 'readPublicKey',
    samples: [readFileSync(file('escrow.key.pub'))],
    again: (bytes) => keyIn(bytes, 'parameters', (path) => readPublicKey(path).parameters),
    refuses: isRefusal('bad-key-file'),
    cost: 5,
  },
  {
    name: 'archiveEvidence',
    samples: [archiveOf(records), archiveOf(records.slice(1)), archiveOf([])],
    again(bytes) {
      writeFileSync(file('archive'), bytes)
      const { given, cutOffBytes } = drain(archiveEvidence(file('archive')))
      const isWhole = splitRecords(bytes.subarray(archiveMagic.length)).records.length === given.length
      const rest = bytes.subarray(bytes.length - cutOffBytes)
      // what stands there twice is given once
      return isWhole ? concat(archiveMagic, ...given.map(encodeRecord), rest) : bytes
    },
    refuses: isRefusal('bad-evidence'),
    cost: 20,
  },
  {
    name: 'openEvidence of an archive',
    samples: [archiveOf(records)],
    again(bytes) {
      writeFileSync(file('archive'), bytes)
      const tally = emptyTally()
      const key = { mode: 'message-key-escrow', secret: escrowSecret }
      const readings = [...openEvidence(archiveEvidence(file('archive')), [key], tally)]
      return readings.length === tally.opened ? bytes : new Uint8Array()
    },
    refuses: isRefusal('bad-evidence'),
    cost: 50,
  },
  {
    name: "storeEvidence of a relay's store",
    samples: [await storeFile()],
    again(bytes) {
      writeFileSync(file('copy.db'), bytes)
      drain(storeEvidence(file('copy.db')))
      return bytes
    },
    refuses: isRefusal('bad-evidence'),
    cost: 50,
  },
  {
    name: 'tryEverything on an envelope',
    samples: envelopes,
    again(bytes) {
      tryEverything([{ ...at(records, 0), bytes }], [escrowSecret])
      return bytes
    },
    refuses: refusing('malformed'),
    cost: 20,
  },
]

export const stored: readonly Decoder[] = [...inTheStore, ...inFiles]
