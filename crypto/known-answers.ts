import { copy, put, take, within } from './arena.ts'
import { concat, equal, fromHex } from './bytes.ts'
import type { Primitives } from './primitives.ts'

/*
 * What native code is asked before it is trusted, and WebAssembly beside it. Much of it is what must be refused: a library
 * that agrees with a key of low order, or takes a signature in a second form, computes correctly and is not safe.
 */

/** In a frame of its own. @returns what was computed, and nothing where it was refused */
type Ask = (by: Primitives) => Uint8Array

interface Question {
  readonly about: string
  readonly ask: Ask
}

const refused = new Uint8Array()

/** Bytes without a meaning, the same each time. */
const some = (sizeBytes: number, which: number): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => (i * 73 + (i >> 8) * 29 + which * 101 + 7) & 255)

const [seed, secret, other, nonce] = [some(32, 1), some(32, 2), some(32, 3), some(24, 4)]
/** from the least that native code is asked for: for less, WebAssembly would be compared with itself */
const [hashedSizes, sealedSizes, openedSizes] = [
  [2048, 4097],
  [256, 2048, 4097],
  [240, 256, 2048, 4097],
]

/** X25519 keys of order 1, 2, 4 and 8 on the curve and its twist, each in a way of writing it. */
export const lowOrderAgreementKeys = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
].map(fromHex)
/** Good ones, though not in canonical form: both take them, for the same as the number that they stand for. */
const oddAgreementKeys = [
  'f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0900000000000000000000000000000000000000000000000000000000000080',
].map(fromHex)

/** Ed25519 keys of order 1, 2, 4 and 8, of mixed order, and not in canonical form. */
export const badSigningKeys = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  '9ea3f11f5bd34f0cd7147fd0a436c088f624c6100c1df6a53c0a29e05d60cea0',
  '4f5c0ee0a42cb0f328eb802f5bc93f7709db39eff3e2095ac3f5d61fa29f315f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
].map(fromHex)

/** The order of Ed25519's group, lowest byte first. */
const groupOrder = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/** A signature's other form, which only a check of its range refuses: its second half plus the order of the group. */
function stretched(signature: Uint8Array): Uint8Array {
  let carry = 0
  return signature.map((byte, i) => {
    if (i < 32) return byte
    const sum = byte + (groupOrder[i - 32] ?? 0) + carry
    carry = sum >> 8
    return sum & 255
  })
}

const turned = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1)

const hash =
  (sizeBytes: number, overBytes: number, isKeyed: boolean): Ask =>
  (by) => {
    const [to, text] = [take(sizeBytes), put(some(overBytes, 5))]
    const isGood = by.hash(to, sizeBytes, { address: text, sizeBytes: overBytes }, isKeyed ? put(secret) : null)
    return isGood ? copy(to, sizeBytes) : refused
  }

const spanOf = (bytes: Uint8Array) => ({ address: put(bytes), sizeBytes: bytes.length })

const sealed = (by: Primitives, textBytes: number, besideBytes: number): Uint8Array => {
  const text = put(concat(some(textBytes, 6), new Uint8Array(16)))
  by.seal({ address: text, sizeBytes: textBytes }, put(nonce), put(secret), spanOf(some(besideBytes, 7)))
  return copy(text, textBytes + 16)
}

/** Opens what `by` itself has sealed, after something was done to it. */
const opened =
  (textBytes: number, alter: (ciphertext: Uint8Array) => Uint8Array): Ask =>
  (by) => {
    const ciphertext = spanOf(alter(sealed(by, textBytes, 33)))
    const isGood = by.open(ciphertext, put(nonce), put(secret), spanOf(some(33, 7)))
    return isGood ? copy(ciphertext.address, textBytes) : refused
  }

const agreed =
  (theirs: Uint8Array): Ask =>
  (by) => {
    const to = take(32)
    return by.agree(to, put(secret), put(theirs)) ? copy(to, 32) : refused
  }

const converted =
  (key: Uint8Array): Ask =>
  (by) => {
    const to = take(32)
    return by.toAgreementKey(to, put(key)) ? copy(to, 32) : refused
  }

function pairBy(by: Primitives) {
  const [publicKey, secretKey] = [take(32), take(64)]
  by.signingPair(publicKey, secretKey, put(seed))
  return { publicKey, secretKey }
}

function signed(by: Primitives, overBytes: number): Uint8Array {
  const signature = take(64)
  by.sign(signature, spanOf(some(overBytes, 8)), pairBy(by).secretKey)
  return copy(signature, 64)
}

const verified =
  (alter: (signature: Uint8Array) => Uint8Array, text = some(33, 8)): Ask =>
  (by) =>
    by.verify(put(alter(signed(by, 33))), spanOf(text), pairBy(by).publicKey) ? Uint8Array.of(1) : refused

/** Everything that holds under a key of order 1 where nobody looks for such keys. */
const underNoKey: Ask = (by) => {
  const [one = refused] = badSigningKeys
  const isGood = by.verify(put(concat(one, new Uint8Array(32))), spanOf(some(33, 8)), put(one))
  return isGood ? Uint8Array.of(1) : refused
}

const asIs = (bytes: Uint8Array) => bytes
const about = (what: string, asks: readonly Ask[]): Question[] => asks.map((ask) => ({ about: what, ask }))

export const questions: readonly Question[] = [
  ...about('BLAKE2b', [
    ...hashedSizes.flatMap((size) => [hash(32, size, true), hash(64, size, false)]),
    ...[15, 16, 65].map((size) => hash(size, 4097, true)),
  ]),
  ...about('XChaCha20-Poly1305', [
    (by) => sealed(by, 256, 0),
    ...sealedSizes.map(
      (size): Ask =>
        (by) =>
          sealed(by, size, 33),
    ),
    ...openedSizes.flatMap((size) => [
      opened(size, asIs),
      opened(size, (ciphertext) => turned(ciphertext, 0)),
      opened(size, (ciphertext) => turned(ciphertext, ciphertext.length - 1)),
    ]),
  ]),
  ...about('X25519', [
    (by) => {
      const to = take(32)
      by.agreementKey(to, put(secret))
      return copy(to, 32)
    },
    ...[other, ...oddAgreementKeys].map(agreed),
  ]),
  ...about('X25519 keys of low order', lowOrderAgreementKeys.map(agreed)),
  ...about('Ed25519', [
    (by) => concat(copy(pairBy(by).publicKey, 32), copy(pairBy(by).secretKey, 64)),
    ...[0, 33, 300].map(
      (size): Ask =>
        (by) =>
          signed(by, size),
    ),
    verified(asIs),
    (by) => converted(copy(pairBy(by).publicKey, 32))(by),
  ]),
  ...about('Ed25519 signatures that do not hold', [
    verified(asIs, some(34, 8)),
    verified((signature) => turned(signature, 0)),
    verified((signature) => turned(signature, 32)),
    verified(stretched),
    underNoKey,
  ]),
  ...about('Ed25519 keys that are not good', badSigningKeys.map(converted)),
]

/**
 * Whether another library gives the same bytes as a known one, or refuses as that does. One that cannot be asked, because it
 * lacks a function or fails in it, has no answer.
 */
export function isSameAnswer(ask: Ask, known: Primitives, another: Primitives): boolean {
  const answer = within(() => ask(known))
  try {
    return equal(
      answer,
      within(() => ask(another)),
    )
  } catch {
    return false
  }
}
