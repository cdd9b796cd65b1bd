// Opens a backup, from docs/protocol.md alone: PASSPHRASE=… node tests/independent/backup-opener.mjs BACKUP
// Prints what was said, one JSON object a line; whose it is, on standard error.
import { readFileSync } from 'node:fs'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { argon2id } from '@noble/hashes/argon2.js'
import { blake2b } from '@noble/hashes/blake2.js'

const u32 = (n) => Buffer.of(n >>> 24, n >>> 16, n >>> 8, n)
const field = (bytes) => Buffer.concat([u32(bytes.length), bytes])
const derive = (label, key, parts) =>
  blake2b(Buffer.concat([Buffer.from(`doormat 1 ${label}`), ...parts].map(field)), { dkLen: 32, key })

const reader = (bytes, at = 0) => {
  const take = (n) => {
    if (n > bytes.length - at) throw new Error('malformed')
    return bytes.subarray(at, (at += n))
  }
  const number = (n) => Number(BigInt(`0x${take(n).toString('hex')}`))
  const next = () => take(number(4))
  return {
    take,
    field: next,
    text: () => next().toString('utf8'),
    u8: () => number(1),
    u32: () => number(4),
    u64: () => number(8),
    optional: (read) => (take(1)[0] === 1 ? read() : null),
    offset: () => at,
    isAtEnd: () => at === bytes.length,
  }
}

// Section 10f: the label, and the lock
const file = readFileSync(process.argv[2])
const head = reader(file)
if (head.text() !== 'doormat backup 1') throw new Error('no backup')
const lock = head.field()
const inLock = reader(lock)
if (inLock.text() !== 'doormat lock 1') throw new Error('another lock')
const [t, memory, salt] = [inLock.u32(), inLock.u32(), inLock.take(16)]
const before = lock.subarray(0, inLock.offset())
const [nonce, wrapped] = [inLock.take(24), inLock.take(48)]
const passphrase = Buffer.from((process.env.PASSPHRASE ?? '').normalize('NFC'))
const wrapping = argon2id(passphrase, salt, { t, m: memory / 1024, p: 1, dkLen: 32, version: 0x13 })
const fileKey = xchacha20poly1305(wrapping, nonce, before).decrypt(wrapped)
const key = derive('backup encryption', fileKey, [lock])

// the pieces
const sealed = file.subarray(head.offset())
const size = 65_536 + 16
const count = sealed.length / size
if (!Number.isInteger(count) || count === 0) throw new Error('not whole')
const plain = Array.from({ length: count }, (_, i) => {
  const place = Buffer.concat([Buffer.alloc(19), u32(i), Buffer.of(i === count - 1 ? 1 : 0)])
  return xchacha20poly1305(key, place).decrypt(sealed.subarray(i * size, (i + 1) * size))
})

// the records
const all = reader(Buffer.concat(plain))
for (let record = all.field(); record.length > 0; record = all.field()) {
  const { u8, u32, u64, text, take, optional, field } = reader(record)
  const kind = u8()
  if (kind === 1) console.error(`of ${text()}`)
  if (kind !== 8) continue
  const peer = text()
  const direction = u8() === 1 ? 'out' : 'in'
  const author = optional(text)
  take(32)
  const [id, sentAt] = [text(), u64()]
  u64()
  const state = u8()
  const [epoch, lifetimeSeconds] = [optional(u32), u32()]
  const [leftMs, said] = [optional(u64), text()]
  const attachment = optional(() => field().toString('hex'))
  console.log(
    JSON.stringify({
      peer,
      direction,
      author,
      id,
      sentAt,
      state,
      epoch,
      lifetimeSeconds,
      leftMs,
      text: said,
      attachment,
    }),
  )
}
if (/[^\0]/.test(all.take(file.length - head.offset() - 16 * count - all.offset()).toString('latin1')))
  throw new Error('padding is not zero')
