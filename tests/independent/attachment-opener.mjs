// Opens a file of a message, from docs/protocol.md alone: node tests/independent/attachment-opener.mjs BLOBS < CONTENT
// CONTENT is a content of section 10 in hex, as a holder has decrypted it; BLOBS is the folder beside an archive (section 14).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { blake2b } from '@noble/hashes/blake2.js'

const u32 = (n) => Buffer.of(n >>> 24, n >>> 16, n >>> 8, n)
const field = (bytes) => Buffer.concat([u32(bytes.length), bytes])
// Section 2: text(label), then each part as a field; the labels of section 10b begin with `doormat 1 `
const hash = (label, parts, key) =>
  Buffer.from(
    blake2b(Buffer.concat([Buffer.from(`doormat 1 attachment ${label}`), ...parts].map(field)), { dkLen: 32, key }),
  )

const reader = (bytes, at = 0) => {
  const take = (n) => {
    if (n > bytes.length - at) throw new Error('malformed')
    return bytes.subarray(at, (at += n))
  }
  return { take, u8: () => take(1)[0], field: () => take(take(4).readUInt32BE()), isAtEnd: () => at === bytes.length }
}

// Section 10: kind, id, sequence, time, places; then the body of a text (1), a text with a lifetime (3), a copy (4) or what is said to a group (6)
const content = reader(Buffer.from(readFileSync(0, 'utf8').trim(), 'hex'))
const kind = content.u8()
content.field()
content.take(8 + 8)
content.take(content.u8() * 36)
if (kind === 4) content.field()
if (kind === 6) {
  content.take(32 + 32 + 8 + 32 + 32)
  content.take(content.u8() * (32 + 8 + 32))
}
if (kind === 3 || kind === 4 || kind === 6) content.take(4)
content.field()
const extensions = new Map()
while (!content.isAtEnd()) extensions.set(content.u8(), content.field())

// Section 10b
const { take, field: next } = reader(extensions.get(2))
const [blobId, key, root, length, name] = [take(32), take(32), take(32), take(8), next()]
const size = Number(length.readBigUInt64BE())
const blob = readFileSync(join(process.argv[2], blobId.toString('hex')))
const sealedPiece = 65_536 + 16
const pieces = Array.from({ length: Math.ceil(blob.length / sealedPiece) }, (_, i) =>
  blob.subarray(i * sealedPiece, (i + 1) * sealedPiece),
)
const encryptionKey = hash('encryption', [], key)
const plain = pieces.map((piece, i) => {
  const nonce = Buffer.concat([Buffer.alloc(19), u32(i), Buffer.of(i === pieces.length - 1 ? 1 : 0)])
  return xchacha20poly1305(encryptionKey, nonce).decrypt(piece)
})
const tree = (leaves) => {
  if (leaves.length === 1) return leaves[0]
  const left = 2 ** Math.floor(Math.log2(leaves.length - 1))
  return hash('node', [tree(leaves.slice(0, left)), tree(leaves.slice(left))])
}
const leaves = pieces.map((piece, i) => hash('piece', [u32(i), piece]))
if (!hash('root', [length, tree(leaves)], key).equals(root)) throw new Error('not the file that the message names')
// Section 10e
const voice = extensions.has(5) ? `, a voice message of ${extensions.get(5).readUInt32BE()} ms` : ''
console.error(`${name}, ${size} bytes${voice}`)
process.stdout.write(Buffer.concat(plain).subarray(0, size))
