import { sealBackup } from '../../crypto/backup.ts'
import { concat } from '../../crypto/bytes.ts'
import { digest, labels } from '../../crypto/kdf.ts'
import type { AccountKey, DeviceId } from '../../crypto/keys.ts'
import { type BackupRecord, encodeRecord } from '../../client/device/backup/records.ts'
import { seededRandom } from '../support/random.ts'

const seed = 'vectors: backup'
const random = seededRandom(`${seed}, records`)
const group = `+${'5a'.repeat(32)}`
const device = random(32) as DeviceId

const message = {
  kind: 'message',
  peer: 'bob',
  direction: 'out',
  author: null,
  device,
  id: 'message-1',
  sentAt: 1_700_000_000_001,
  recordedAt: 1_700_000_000_002,
  state: 'read',
  epoch: 3,
  lifetimeSeconds: 0,
  leftMs: null,
  text: 'grüße 🗝',
  attachment: null,
} as const

/** One of each kind, and of what can be left out both. */
const records: readonly BackupRecord[] = [
  {
    kind: 'owner',
    user: 'alice',
    accountKey: random(32) as AccountKey,
    madeAt: 1_700_000_000_000,
    refusesAccess: false,
    receipts: true,
  },
  {
    kind: 'person',
    user: 'bob',
    list: random(300),
    changedList: random(200),
    verified: false,
    accepted: true,
    blocked: false,
    lifetimeSeconds: 3600,
  },
  { kind: 'stranger', user: 'mallory' },
  { kind: 'group', peer: group, isAccepted: true },
  { kind: 'list', signedList: random(250) },
  { kind: 'change', signed: random(180) },
  { kind: 'muted', peer: group, until: null },
  { kind: 'muted', peer: 'bob', until: 1_700_000_600_000 },
  message,
  {
    ...message,
    peer: group,
    direction: 'in',
    author: 'carol',
    id: 'message-2',
    state: 'restored',
    epoch: null,
    lifetimeSeconds: 60,
    leftMs: 1500,
    text: 'x'.repeat(64_000),
    attachment: random(150),
  },
]

/** Section 10f: a backup of two pieces, and the key that its passphrase opens. */
export function backup() {
  const passphrase = 'correct horse battery staple'
  const encoded = records.map(encodeRecord)
  const [head = new Uint8Array(), ...pieces] = sealBackup(passphrase, encoded, seededRandom(seed))
  return {
    passphrase,
    fileKey: seededRandom(seed)(32),
    head,
    records: records.map((record, i) => ({ ...record, encoded: encoded[i] as Uint8Array })),
    pieces: pieces.length,
    piecesDigest: digest(labels.lab, concat(...pieces)),
  }
}
