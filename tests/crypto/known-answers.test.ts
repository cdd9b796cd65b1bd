import { expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { isSameAnswer, questions } from '../../crypto/known-answers.ts'
import { handOver, type NativeSodium, natively } from '../../crypto/native.ts'
import { compute, inWebAssembly, primitives } from '../../crypto/primitives.ts'
import { likeNative, reduced, restorePrimitives } from '../support/native.ts'

/*
 * Libraries that lie once each: to one of the questions, and well enough that no other question shows it. So each question is
 * needed, and whoever takes one away, or shortens a list, is told.
 */

restorePrimitives()

const good = likeNative()
type Lie = [what: string, about: string, lie: Partial<NativeSodium>]

const flip = (bytes: Uint8Array) => void (bytes[0] = (bytes[0] ?? 0) ^ 1)
const turned = (bytes: Uint8Array, at = 0) => bytes.with(at, (bytes.at(at) ?? 0) ^ 1)

const hashing = ([sizeBytes, overBytes, isKeyed]: readonly [number, number, boolean]): Lie => [
  `hashes ${overBytes} bytes to ${sizeBytes} otherwise, ${isKeyed ? 'with' : 'without'} a key`,
  'BLAKE2b',
  {
    crypto_generichash(to, over, key) {
      good.crypto_generichash(to, over, key)
      if (to.length === sizeBytes && over.length === overBytes && (key !== null) === isKeyed) flip(to)
    },
  },
]

const hashingTo = (sizeBytes: number): Lie => [
  `hashes to ${sizeBytes} bytes`,
  'BLAKE2b',
  {
    crypto_generichash(to, over, key) {
      if (to.length === sizeBytes) to.fill(1)
      else good.crypto_generichash(to, over, key)
    },
  },
]

/** Under another nonce, and opens it again. */
function sealing([textBytes, besideBytes]: readonly [number, number]): Lie {
  const nonceFor = (text: Uint8Array, beside: Uint8Array, nonce: Uint8Array) =>
    text.length === textBytes && beside.length === besideBytes ? turned(nonce) : nonce
  return [
    `seals ${textBytes} bytes otherwise, beside ${besideBytes}`,
    'XChaCha20-Poly1305',
    {
      crypto_aead_xchacha20poly1305_ietf_encrypt: (ciphertext, text, beside, unused, nonce, key) =>
        good.crypto_aead_xchacha20poly1305_ietf_encrypt(
          ciphertext,
          text,
          beside,
          unused,
          nonceFor(text, beside, nonce),
          key,
        ),
      crypto_aead_xchacha20poly1305_ietf_decrypt: (text, unused, ciphertext, beside, nonce, key) =>
        good.crypto_aead_xchacha20poly1305_ietf_decrypt(
          text,
          unused,
          ciphertext,
          beside,
          nonceFor(text, beside, nonce),
          key,
        ),
    },
  ]
}

const notOpening = (textBytes: number): Lie => [
  `does not open ${textBytes} bytes`,
  'XChaCha20-Poly1305',
  {
    crypto_aead_xchacha20poly1305_ietf_decrypt(text, ...rest) {
      if (text.length === textBytes) throw new Error('by this test')
      good.crypto_aead_xchacha20poly1305_ietf_decrypt(text, ...rest)
    },
  },
]

/** @param at the byte, from the end where it is negative */
const openingAltered = (textBytes: number, at: number): Lie => [
  `opens ${textBytes} bytes with byte ${at} altered`,
  'XChaCha20-Poly1305',
  {
    crypto_aead_xchacha20poly1305_ietf_decrypt(text, unused, ciphertext, ...rest) {
      const as = at < 0 ? ciphertext.length + at : at
      const isAltered =
        text.length === textBytes &&
        !isRefused(() =>
          good.crypto_aead_xchacha20poly1305_ietf_decrypt(text.slice(), unused, turned(ciphertext, as), ...rest),
        )
      if (!isAltered) good.crypto_aead_xchacha20poly1305_ietf_decrypt(text, unused, ciphertext, ...rest)
    },
  },
]

function isRefused(work: () => void): boolean {
  try {
    work()
    return false
  } catch {
    return true
  }
}

const lowOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
]
const odd = [
  'f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0900000000000000000000000000000000000000000000000000000000000080',
]
const badSigning = [
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
]

const agreeing = (what: string, isIt: (theirs: string) => boolean): Lie => [
  `agrees on something else with ${what}`,
  'X25519',
  {
    crypto_scalarmult(to, secret, theirs) {
      good.crypto_scalarmult(to, secret, theirs)
      if (isIt(hex(theirs))) flip(to)
    },
  },
]

const agreeingWithBad = (bad: string): Lie => [
  `agrees with ${bad}`,
  'X25519 keys of low order',
  {
    crypto_scalarmult(to, secret, theirs) {
      if (hex(theirs) !== bad) good.crypto_scalarmult(to, secret, theirs)
    },
  },
]

const converting = (bad: string): Lie => [
  `converts ${bad}`,
  'Ed25519 keys that are not good',
  {
    crypto_sign_ed25519_pk_to_curve25519(to, key) {
      if (hex(key) !== bad) good.crypto_sign_ed25519_pk_to_curve25519(to, key)
    },
  },
]

/** Key pairs with a public key in a form of its own, which it takes. */
function pairs(): Lie {
  let own = ''
  const plain = (key: Uint8Array) => (hex(key) === own ? turned(key) : key)
  return [
    'makes other key pairs',
    'Ed25519',
    {
      crypto_sign_seed_keypair(publicKey, secretKey, seed) {
        good.crypto_sign_seed_keypair(publicKey, secretKey, seed)
        flip(publicKey)
        own = hex(publicKey)
      },
      crypto_sign_verify_detached: (signature, over, key) =>
        good.crypto_sign_verify_detached(signature, over, plain(key)),
      crypto_sign_ed25519_pk_to_curve25519: (to, key) => good.crypto_sign_ed25519_pk_to_curve25519(to, plain(key)),
    },
  ]
}

/** Signatures in a form of its own, which it takes. */
const signing = (overBytes: number): Lie => [
  `signs ${overBytes} bytes otherwise`,
  'Ed25519',
  {
    crypto_sign_detached(signature, over, key) {
      good.crypto_sign_detached(signature, over, key)
      if (over.length === overBytes) flip(signature)
    },
    crypto_sign_verify_detached: (signature, over, key) =>
      good.crypto_sign_verify_detached(over.length === overBytes ? turned(signature) : signature, over, key),
  },
]

const taking = (what: string, isTaken: NativeSodium['crypto_sign_verify_detached']): Lie => [
  `takes a signature ${what}`,
  'Ed25519 signatures that do not hold',
  { crypto_sign_verify_detached: (...given) => isTaken(...given) || good.crypto_sign_verify_detached(...given) },
]

const verify = good.crypto_sign_verify_detached
const lies: Lie[] = [
  ...(
    [
      [32, 2048, true],
      [64, 2048, false],
      [32, 4097, true],
      [64, 4097, false],
      [16, 4097, true],
    ] as const
  ).map(hashing),
  ...[15, 65].map(hashingTo),
  ...(
    [
      [256, 0],
      [256, 33],
      [2048, 33],
      [4097, 33],
    ] as const
  ).map(sealing),
  ...[240, 256, 2048, 4097].flatMap((size) => [notOpening(size), openingAltered(size, 0), openingAltered(size, -1)]),
  [
    'has other public keys',
    'X25519',
    {
      crypto_scalarmult_base(to, secret) {
        good.crypto_scalarmult_base(to, secret)
        flip(to)
      },
    },
  ],
  agreeing('a good key', (theirs) => ![...odd, ...lowOrder].includes(theirs)),
  ...odd.map((key) => agreeing(key, (theirs) => theirs === key)),
  ...lowOrder.map(agreeingWithBad),
  pairs(),
  ...[0, 33, 300].map(signing),
  ['takes no signature', 'Ed25519', { crypto_sign_verify_detached: () => false }],
  [
    'converts a good key otherwise',
    'Ed25519',
    {
      crypto_sign_ed25519_pk_to_curve25519(to, key) {
        good.crypto_sign_ed25519_pk_to_curve25519(to, key)
        flip(to)
      },
    },
  ],
  taking('over another text', (_signature, over) => over.length === 34),
  taking('with its first half altered', (signature, over, key) => verify(turned(signature), over, key)),
  taking('with its second half altered', (signature, over, key) => verify(turned(signature, 32), over, key)),
  taking('in a second form', (signature, over, key) => verify(reduced(signature), over, key)),
  taking(
    'under a key of order 1',
    (signature, _over, key) => hex(key) === badSigning[0] && hex(signature).endsWith('00'),
  ),
  ...badSigning.map(converting),
]

const shownBy = (lie: Partial<NativeSodium>) =>
  questions.filter(({ ask }) => !isSameAnswer(ask, inWebAssembly, natively({ ...good, ...lie })))

it.each(lies)('one question shows a library that %s (%s), and it is refused', (_, about, lie) => {
  expect(shownBy(lie).map((question) => question.about)).toEqual([about])
  compute(inWebAssembly)
  expect(() => handOver({ ...good, ...lie })).toThrow(`(${about}) and is not used`)
  expect({ ...primitives }).toEqual(inWebAssembly)
})

it('and there is no question that shows none of them', () => {
  expect(new Set(lies.flatMap(([, , lie]) => shownBy(lie)))).toEqual(new Set(questions))
})
