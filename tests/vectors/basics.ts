import { archiveMagic, encodeRecord } from '../../crypto/access/archive.ts'
import { concat, field, textField, u32, u64, u8, utf8 } from '../../crypto/bytes.ts'
import { type Person, safetyNumber } from '../../crypto/fingerprint.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import { derive, digest, type Label, labels, sign } from '../../crypto/kdf.ts'
import { generateSigningPair } from '../../crypto/keys.ts'
import { seededRandom } from '../support/random.ts'

/** Section 1. */
export const encoding = () => ({
  u8: [0, 1, 255].map((value) => ({ value, encoded: u8(value) })),
  u32: [0, 0x01020304, 2 ** 32 - 1].map((value) => ({ value, encoded: u32(value) })),
  u64: [0, 0x01020304050607, Number.MAX_SAFE_INTEGER].map((value) => ({ value, encoded: u64(value) })),
  field: [new Uint8Array(), Uint8Array.of(1, 2, 3)].map((bytes) => ({ bytes, encoded: field(bytes) })),
  text: ['', 'alice', 'grüße 🗝'].map((text) => ({ text, encoded: textField(text) })),
})

/** Section 2: `derive`, `digest` and `sign`, with none, one and several parts. */
export function keyed() {
  const random = seededRandom('vectors: keyed')
  const partLists = [[], [new Uint8Array()], [utf8('a'), utf8('bc')], [utf8('ab'), utf8('c')]]
  const signing = generateSigningPair(random)
  return {
    derive: [
      ...partLists.map((parts) => derived(labels.context, random(32), parts, 32)),
      derived(labels.fingerprint, random(32), [utf8('part')], 42),
      derived(labels.escrowCoins, random(32), [utf8('part')], 64),
    ],
    digest: partLists.map((parts) => ({
      label: labels.transcript,
      parts,
      output: digest(labels.transcript, ...parts),
    })),
    sign: [new Uint8Array(), utf8('abc')].map((message) => ({
      label: labels.prekey,
      secret: signing.secret,
      key: signing.public,
      message,
      signature: sign(labels.prekey, signing.secret, message),
    })),
  }
}

const derived = (label: Label, key: Uint8Array, parts: readonly Uint8Array[], sizeBytes: number) => ({
  label,
  key,
  parts,
  sizeBytes,
  output: derive<Uint8Array>(label, key, parts, sizeBytes),
})

/** Section 11. */
export const numbers = (one: Person, other: Person) => ({
  people: [one, other].map(({ user, accountKey }) => ({
    user,
    accountKey,
    fingerprint: derive<Uint8Array>(labels.fingerprint, accountKey, [textField(user)], 42),
  })),
  ...safetyNumber(one, other),
})

/** Section 14: an archive with these envelopes in it, all from the one to the other. */
export function archive(from: DeviceRecord, to: DeviceRecord, envelopes: readonly Uint8Array[]) {
  const records = envelopes.map((bytes, i) => ({
    time: 1_700_000_001_000 + i,
    fromUser: from.user,
    fromDevice: from.id,
    toUser: to.user,
    toDevice: to.id,
    bytes,
  }))
  const encoded = records.map((record) => ({ ...record, record: encodeRecord(record) }))
  return { records: encoded, file: concat(archiveMagic, ...encoded.map(({ record }) => record)) }
}
