import { createPrivateKey, createPublicKey, diffieHellman, sign as signRaw, verify as verifyRaw } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'

/*
 * Sections 1 and 2 of the specification in hex, made with nothing of crypto/: BLAKE2b, XChaCha20-Poly1305, ML-KEM and
 * X-Wing of noble, X25519 and Ed25519 of Node's OpenSSL.
 */

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (from: Uint8Array) => Buffer.from(from).toString('hex')
const integer = (size: number) => (value: number) =>
  BigInt(value)
    .toString(16)
    .padStart(2 * size, '0')

export const u8 = integer(1)
export const u32 = integer(4)
export const u64 = integer(8)
export const join = (...parts: readonly string[]) => parts.join('')
export const field = (part: string) => join(u32(part.length / 2), part)
export const text = (some: string) => field(hex(Buffer.from(some)))
export const optional = (part: string | null) => (part === null ? u8(0) : join(u8(1), part))
/** What begins everything but prekeys, handshakes and messages; and what begins those. */
export const [suite, conversationSuite] = [u8(1), u8(2)]

/** Labels of sections 4 and 6 to 8 are those of suite 2. */
const conversation = new Set([
  'prekey',
  'transcript',
  'root secret',
  'root key',
  'initiator header key',
  'responder header key',
  'root step',
  'next header key',
  'chain step',
  'message keys',
  'stanza seed',
  'context',
  'commitment',
])
const body = (label: string, parts: readonly string[]) =>
  bytes(join(text(`doormat ${conversation.has(label) ? 2 : 1} ${label}`), ...parts.map(field)))

export const derive = (label: string, key: string, parts: readonly string[] = [], size = 32) =>
  hex(blake2b(body(label, parts), { key: bytes(key), dkLen: size }))
/** Both keys of a derivation that makes two. */
export const pair = (label: string, key: string, parts: readonly string[] = []): [string, string] => {
  const both = derive(label, key, parts, 64)
  return [both.slice(0, 64), both.slice(64)]
}
export const digest = (label: string, ...parts: readonly string[]) => hex(blake2b(body(label, parts), { dkLen: 32 }))

const privateKey = (algorithm: '6e' | '70', secret: string) =>
  createPrivateKey({
    key: Buffer.from(`302e020100300506032b65${algorithm}04220420${secret}`, 'hex'),
    format: 'der',
    type: 'pkcs8',
  })
const publicKey = (algorithm: '6e' | '70', key: string) =>
  createPublicKey({ key: Buffer.from(`302a300506032b65${algorithm}032100${key}`, 'hex'), format: 'der', type: 'spki' })
const publicOf = (algorithm: '6e' | '70', secret: string) =>
  hex(createPublicKey(privateKey(algorithm, secret)).export({ format: 'der', type: 'spki' }).subarray(-32))

export const agreementKey = (secret: string) => publicOf('6e', secret)
export const signingKey = (secret: string) => publicOf('70', secret)
export const agree = (secret: string, key: string) =>
  hex(diffieHellman({ privateKey: privateKey('6e', secret), publicKey: publicKey('6e', key) }))
export const sign = (label: string, secret: string, message: string) =>
  hex(signRaw(null, body(label, [message]), privateKey('70', secret)))
export const verify = (label: string, key: string, message: string, signature: string) =>
  verifyRaw(null, body(label, [message]), publicKey('70', key), bytes(signature))

export const seal = (key: string, nonce: string, plain: string, associatedData = '') =>
  hex(xchacha20poly1305(bytes(key), bytes(nonce), bytes(associatedData)).encrypt(bytes(plain)))

const sealed = ({ cipherText, sharedSecret }: { cipherText: Uint8Array; sharedSecret: Uint8Array }) => ({
  ciphertext: hex(cipherText),
  secret: hex(sharedSecret),
})
export const kem = {
  key: (seed: string) => hex(ml_kem768.keygen(bytes(seed)).publicKey),
  encapsulate: (key: string, coins: string) => sealed(ml_kem768.encapsulate(bytes(key), bytes(coins))),
  decapsulate: (seed: string, ciphertext: string) =>
    hex(ml_kem768.decapsulate(bytes(ciphertext), ml_kem768.keygen(bytes(seed)).secretKey)),
}
export const xWing = {
  key: (seed: string) => hex(xwing.keygen(bytes(seed)).publicKey),
  encapsulate: (key: string, coins: string) => sealed(xwing.encapsulate(bytes(key), bytes(coins))),
  decapsulate: (seed: string, ciphertext: string) => hex(xwing.decapsulate(bytes(ciphertext), bytes(seed))),
}
