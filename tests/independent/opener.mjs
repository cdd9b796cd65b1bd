// Opens an archive with an escrow key, from docs/protocol.md alone: node tests/independent/opener.mjs ARCHIVE KEYFILE
import { readFileSync } from 'node:fs'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js'

// Section 1: integers are big-endian, and every length is checked
const reader = (bytes, at = 0) => {
  const take = (n) => {
    if (n > bytes.length - at) throw new Error('malformed')
    return bytes.subarray(at, (at += n))
  }
  const field = () => take(take(4).readUInt32BE())
  return { take, field, u8: () => take(1)[0], text: () => field().toString(), at: () => at }
}

const openEnvelope = (bytes, seed) => {
  // Section 9: suite (2, or 1 in an older archive), reference, handshake if there is one, encrypted header, stanzas, and the sealed body
  const envelope = reader(bytes)
  if (![1, 2].includes(envelope.u8())) throw new Error('malformed')
  const reference = envelope.take(36)
  if (envelope.u8() === 1) envelope.field()
  envelope.take(80)
  const start = envelope.at()
  const payloads = new Map(Array.from({ length: envelope.u8() }, () => [envelope.text(), envelope.field()]))
  const stanzas = bytes.subarray(start, envelope.at())
  const [nonce, , ciphertext] = [envelope.take(24), envelope.take(32), envelope.field()]
  // Section 13: the stanza gives a wrapping key (section 2: keyed BLAKE2b of text(label)), and that EK ‖ context
  const stanza = reader(payloads.get('message-key-escrow') ?? Buffer.of())
  const shared = xwing.decapsulate(stanza.take(1120), seed)
  const label = Buffer.from('doormat 1 message-key-escrow wrap')
  const wrapKey = blake2b(Buffer.of(0, 0, 0, label.length, ...label), { key: shared, dkLen: 32 })
  const payload = xchacha20poly1305(wrapKey, new Uint8Array(24), reference).decrypt(stanza.take(80))
  // Section 8: the body is the content as a field, then its padding
  const ad = Buffer.concat([payload.subarray(32), stanzas])
  const padded = xchacha20poly1305(payload.subarray(0, 32), nonce, ad).decrypt(ciphertext)
  // Section 10: the text comes after kind, id, sequence, time and the places
  const body = reader(Buffer.from(padded)).field()
  const content = reader(body)
  const [kind] = content.take(1)
  content.field()
  content.take(8 + 8)
  content.take(content.u8() * 36)
  // section 10c: where a message stands in its group, and its lifetime; news of a group has no text
  if (kind === 6) {
    content.take(32 + 32 + 8 + 32 + 32)
    content.take(content.u8() * (32 + 8 + 32))
    content.take(4)
  }
  // news, reactions and deletions say nothing that is shown as a text
  if (kind === 7 || kind === 8 || kind === 9)
    return { epoch: reference.readUInt32BE(), text: '', content: body.toString('hex') }
  // the whole of it is for attachment-opener.mjs
  return { epoch: reference.readUInt32BE(), text: content.text(), content: body.toString('hex') }
}

// Section 13: the authority's key file; section 14: the archive, less a record cut off at its end
const [archive, keyFile] = process.argv.slice(2, 4).map((path) => readFileSync(path))
const seed = Buffer.from(JSON.parse(keyFile).secret, 'base64url')
const file = reader(archive)
if (file.take(18).toString() !== 'doormat archive 1\n') throw new Error('not an archive')
const records = []
try {
  while (file.at() < archive.length) records.push(reader(file.field()))
} catch {
  console.error('the last record is cut off')
}
let opened = 0
for (const { take, text, field } of records) {
  const [time, from, , to] = [Number(take(8).readBigUInt64BE()), text(), take(32), text(), take(32)]
  try {
    console.log(JSON.stringify({ from, to, time, ...openEnvelope(field(), seed) }))
    opened += 1
  } catch {
    // no stanza, or one that is sealed to another key
  }
}
console.error(`opened ${opened} of ${records.length}`)
