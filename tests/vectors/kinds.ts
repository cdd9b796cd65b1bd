import { newAttachmentKeys, paddedFileSize, sealAttachment } from '../../crypto/attachment.ts'
import { type Content, encodeContent } from '../../crypto/content.ts'
import { createAccount, createDevice, encodeDeviceRecord } from '../../crypto/identity.ts'
import { digest, labels } from '../../crypto/kdf.ts'
import type { DeviceId, Digest, PolicyKey } from '../../crypto/keys.ts'
import { linkCode, linkNumber, linkSlot, type LinkSecret, linkSteps, sealNote } from '../../crypto/linking.ts'
import { concat, utf8 } from '../../crypto/bytes.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('vectors: attachment')
const attachment = {
  ...newAttachmentKeys(random),
  root: random(32) as Digest,
  sizeBytes: 70_000,
  name: 'grüße.jpg',
  type: 'image/jpeg',
}

const place = {
  group: random(32) as Digest,
  head: random(32) as Digest,
  counter: 2,
  salt: random(32),
  previous: random(32) as Digest,
  heard: [{ device: random(32) as DeviceId, counter: 7, digest: random(32) as Digest }],
}

/** Section 10: what the conversation has none of, each alone. */
export function contents() {
  const common = { id: 'message-9', sequence: 9, sentAt: 1_700_000_000_009, abandoned: [] }
  const said = { ...common, text: 'grüße 🗝' }
  const seen = { ...common, text: '' }
  const unseen = { ...common, sequence: 0, text: '' }
  const ids = Array.from({ length: 64 }, (_, i) => `message-${i + 1}`)
  const given: readonly Content[] = [
    { kind: 'text', ...said, lifetimeSeconds: 604_800 },
    { kind: 'copy', ...said, to: 'bob' },
    { kind: 'copy', ...said, to: 'bob', lifetimeSeconds: 90 },
    { kind: 'receipt', ...unseen, status: 'delivered', ids: ['message-1'] },
    { kind: 'receipt', ...unseen, status: 'read', ids },
    { kind: 'text', ...said, lifetimeSeconds: 60, attachment },
    { kind: 'copy', ...said, to: 'bob', attachment: { ...attachment, type: '' } },
    { kind: 'text', ...said, lifetimeSeconds: 60, attachment: { ...attachment, type: 'audio/ogg', voiceMs: 12_345 } },
    { kind: 'unknown', number: 10, ...said, text: '', body: utf8('of a later version') },
    { kind: 'group', ...said, ...place },
    { kind: 'group', ...said, ...place, heard: [], lifetimeSeconds: 60, attachment },
    { kind: 'news', ...unseen, group: place.group, asks: true, changes: [], lists: [] },
    { kind: 'news', ...unseen, group: place.group, asks: false, changes: [utf8('a change')], lists: [utf8('a list')] },
  ]
  const answers = { author: 'alice', id: 'message-8' }
  const afterwords: readonly Content[] = [
    { kind: 'text', ...said, lifetimeSeconds: 60, attachment, answers },
    { kind: 'copy', ...said, to: 'bob', answers },
    { kind: 'group', ...said, ...place, answers },
    { kind: 'afterword', ...seen, said: { kind: 'reaction', of: answers, emoji: '👩‍🚀' } },
    { kind: 'afterword', ...seen, to: 'bob', said: { kind: 'reaction', of: { ...answers, author: 'bob' }, emoji: '' } },
    { kind: 'afterword', ...seen, said: { kind: 'deletion', ids: ['message-8'] } },
    { kind: 'afterword', ...seen, to: 'bob', said: { kind: 'deletion', ids } },
    { kind: 'group afterword', ...seen, ...place, said: { kind: 'reaction', of: answers, emoji: '❤️' } },
    {
      kind: 'group afterword',
      ...seen,
      ...place,
      heard: [],
      said: { kind: 'deletion', ids: ['message-8', 'message-7'] },
    },
  ]
  return [...given, ...afterwords].map((content) => ({ ...content, encoded: encodeContent(content) }))
}

interface AttachmentVector {
  readonly sizeBytes: number
  readonly paddedBytes: number
  readonly seed: Uint8Array
  readonly key: Uint8Array
  readonly blobDigest: Uint8Array
  readonly root: Uint8Array
}

/** Section 10b: files that repeat a digest, and what becomes of them. */
export const attachments = (): readonly AttachmentVector[] =>
  [3, 1100, 65_536, 65_537, 300_000].map((sizeBytes) => {
    const seed = utf8(`vectors: file of ${sizeBytes} bytes`)
    const repeated = digest(labels.lab, seed)
    const file = Uint8Array.from({ length: sizeBytes }, (_, i) => repeated[i % 32] ?? 0)
    const { key } = newAttachmentKeys(seededRandom(`vectors: key of ${sizeBytes} bytes`))
    const sealing = sealAttachment(key, sizeBytes)
    const sealed: Uint8Array[] = []
    for (let at = 0, wants = sealing.wants; wants !== null; at += wants, wants = sealing.wants)
      sealed.push(sealing.seal(file.subarray(at, at + wants)))
    return {
      sizeBytes,
      paddedBytes: paddedFileSize(sizeBytes),
      seed,
      key,
      blobDigest: digest(labels.lab, concat(...sealed)),
      root: sealing.root(),
    }
  })

/** Section 3: a code, where its notes lie, and a note of each step. */
export function linking() {
  const secret = seededRandom('vectors: link')(20) as LinkSecret
  const notes = Object.values(linkSteps).map((step) => {
    const note = utf8(`what step ${step} says`)
    const seed = `vectors: note ${step}`
    return {
      step,
      nonce: seededRandom(seed)(24),
      note,
      sealed: sealNote(secret, step, note, seededRandom(seed)),
    }
  })
  const random = seededRandom('vectors: link number')
  const { accountKey } = createAccount('alice', random).list
  const { record } = createDevice('alice', accountKey, random(32) as DeviceId, random)
  const policyKey = random(32) as PolicyKey
  const [account, device] = [utf8('what step 1 says'), utf8('what step 2 says')]
  const { digest, digits } = linkNumber(policyKey, account, device, record)
  const number = {
    policyKey: policyKey as Uint8Array,
    accountKey: accountKey as Uint8Array,
    record: encodeDeviceRecord(record),
    account,
    device,
    digest: digest as Uint8Array,
    digits,
  }
  return { secret: secret as Uint8Array, code: linkCode(secret), slot: linkSlot(secret) as Uint8Array, notes, number }
}
