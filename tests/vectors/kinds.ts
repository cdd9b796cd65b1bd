import { type Content, encodeContent } from '../../crypto/content.ts'
import { createAccount, createDevice, encodeDeviceRecord } from '../../crypto/identity.ts'
import type { DeviceId, PolicyKey } from '../../crypto/keys.ts'
import { linkCode, linkNumber, linkSlot, type LinkSecret, linkSteps, sealNote } from '../../crypto/linking.ts'
import { utf8 } from '../../crypto/bytes.ts'
import { seededRandom } from '../support/random.ts'

/** Section 10: what the conversation has none of, each alone. */
export function contents() {
  const common = { id: 'message-9', sequence: 9, sentAt: 1_700_000_000_009, abandoned: [] }
  const said = { ...common, text: 'grüße 🗝' }
  const unseen = { ...common, sequence: 0, text: '' }
  const ids = Array.from({ length: 64 }, (_, i) => `message-${i + 1}`)
  const given: readonly Content[] = [
    { kind: 'text', ...said, lifetimeSeconds: 604_800 },
    { kind: 'copy', ...said, to: 'bob' },
    { kind: 'copy', ...said, to: 'bob', lifetimeSeconds: 90 },
    { kind: 'receipt', ...unseen, status: 'delivered', ids: ['message-1'] },
    { kind: 'receipt', ...unseen, status: 'read', ids },
  ]
  return given.map((content) => ({ ...content, encoded: encodeContent(content) }))
}

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
