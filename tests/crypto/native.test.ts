import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encryptAead } from '../../crypto/aead.ts'
import { hash, take, within } from '../../crypto/arena.ts'
import { hex } from '../../crypto/bytes.ts'
import { createAccount } from '../../crypto/identity.ts'
import { derive, digest, labels } from '../../crypto/kdf.ts'
import { badSigningKeys, lowOrderAgreementKeys } from '../../crypto/known-answers.ts'
import { agree, type AgreementKey, checkSigningKey, generateAgreementPair, type SigningKey } from '../../crypto/keys.ts'
import { handOver, hashedNativelyFrom, type NativeSodium, sealedNativelyFrom } from '../../crypto/native.ts'
import { compute, inWebAssembly, primitives } from '../../crypto/primitives.ts'
import { raw } from '../../crypto/sodium.ts'
import { couple } from '../support/couple.ts'
import { verdict } from '../support/decoding.ts'
import { mixedOrderKeys, nonCanonicalKeys, smallOrderKeys } from '../support/ed25519.ts'
import { missing } from '../support/missing.ts'
import { likeNative, reduced, restorePrimitives, sodiumNative } from '../support/native.ts'
import { seededRandom } from '../support/random.ts'

const native = sodiumNative()
const without = missing(native !== null, 'sodium-native cannot be loaded here: npm ci')
const random = seededRandom('native')

restorePrimitives()
afterEach(() => vi.restoreAllMocks())

it.runIf(process.env['DOORMAT_NATIVE'] === '1')('these tests compute natively, as they were asked to', () => {
  expect(primitives.agree).not.toBe(inWebAssembly.agree)
})

describe('what is handed over', () => {
  it('computes from then on', () => {
    compute(inWebAssembly)
    handOver(likeNative())
    expect(primitives.agree).not.toBe(inWebAssembly.agree)
  })

  const flipped = (bytes: Uint8Array) => void (bytes[0] = (bytes[0] ?? 0) ^ 1)
  const nothing = () => undefined
  const wrong: [string, string, (good: NativeSodium) => Partial<NativeSodium>][] = [
    [
      'hashes otherwise',
      'BLAKE2b',
      ({ crypto_generichash: hash }) => ({
        crypto_generichash(to, over, key) {
          hash(to, over, key)
          flipped(to)
        },
      }),
    ],
    [
      'hashes without the key',
      'BLAKE2b',
      ({ crypto_generichash: hash }) => ({ crypto_generichash: (to, over) => hash(to, over, null) }),
    ],
    [
      'leaves the associated data out',
      'XChaCha20-Poly1305',
      (good) => ({
        crypto_aead_xchacha20poly1305_ietf_encrypt: (to, text, _, unused, nonce, key) =>
          good.crypto_aead_xchacha20poly1305_ietf_encrypt(to, text, new Uint8Array(), unused, nonce, key),
      }),
    ],
    [
      'opens what was altered',
      'XChaCha20-Poly1305',
      (good) => ({
        crypto_aead_xchacha20poly1305_ietf_decrypt(text, ...rest) {
          try {
            good.crypto_aead_xchacha20poly1305_ietf_decrypt(text, ...rest)
          } catch {
            text.fill(0)
          }
        },
      }),
    ],
    ['opens nothing', 'XChaCha20-Poly1305', () => ({ crypto_aead_xchacha20poly1305_ietf_decrypt: nothing })],
    [
      'agrees on something else',
      'X25519',
      ({ crypto_scalarmult: multiply }) => ({
        crypto_scalarmult(to, secret, theirs) {
          multiply(to, secret, theirs)
          flipped(to)
        },
      }),
    ],
    ['has no public keys', 'X25519', () => ({ crypto_scalarmult_base: nothing })],
    [
      'agrees with a key of low order',
      'X25519 keys of low order',
      ({ crypto_scalarmult: multiply }) => ({
        crypto_scalarmult(to, secret, theirs) {
          try {
            multiply(to, secret, theirs)
          } catch {
            to.fill(0)
          }
        },
      }),
    ],
    [
      'signs otherwise',
      'Ed25519',
      ({ crypto_sign_detached: sign }) => ({
        crypto_sign_detached(signature, over, key) {
          sign(signature, over, key)
          flipped(signature)
        },
      }),
    ],
    ['makes no key pair', 'Ed25519', () => ({ crypto_sign_seed_keypair: nothing })],
    ['takes no signature', 'Ed25519', () => ({ crypto_sign_verify_detached: () => false })],
    [
      'takes every signature',
      'Ed25519 signatures that do not hold',
      () => ({ crypto_sign_verify_detached: () => true }),
    ],
    [
      'takes a signature in a second form',
      'Ed25519 signatures that do not hold',
      ({ crypto_sign_verify_detached: verify }) => ({
        crypto_sign_verify_detached: (signature, over, key) =>
          verify(reduced(signature), over, key) || verify(signature, over, key),
      }),
    ],
    [
      'takes a signature under a key of order 1',
      'Ed25519 signatures that do not hold',
      ({ crypto_sign_verify_detached: verify }) => ({
        crypto_sign_verify_detached: (signature, over, key) =>
          (hex(key).startsWith('01000000') && hex(signature).endsWith('00000000')) || verify(signature, over, key),
      }),
    ],
    ...(['low-order', 'mixed-order', 'non-canonical'] as const).map((kind, i): (typeof wrong)[0] => [
      `takes ${kind} keys`,
      'Ed25519 keys that are not good',
      ({ crypto_sign_ed25519_pk_to_curve25519: convert }) => ({
        crypto_sign_ed25519_pk_to_curve25519(to, key) {
          const kinds = [smallOrderKeys(), mixedOrderKeys(new Uint8Array(32).fill(1)), nonCanonicalKeys()]
          if (kinds[i]?.some((bad) => hex(bad) === hex(key))) to.fill(0)
          else convert(to, key)
        },
      }),
    ]),
    ['lacks a function', 'Ed25519', (): object => ({ crypto_sign_detached: undefined })],
  ]

  it.each(wrong)('is refused where it %s (%s), and WebAssembly stays in use', (_, about, alter) => {
    compute(inWebAssembly)
    const good = likeNative()
    expect(() => handOver({ ...good, ...alter(good) })).toThrow(
      `the native libsodium answers otherwise than the one in WebAssembly (${about}) and is not used`,
    )
    expect({ ...primitives }).toEqual(inWebAssembly)
  })

  it('is not said to refuse what fails beside it: libsodium without memory is told as that', () => {
    handOver(likeNative())
    const hashWithoutRoom = () =>
      within(() => {
        const [to, key] = [take(32), take(32)]
        const rest = take(512 * 1024 - 64)
        return hash(to, 32, { address: rest, sizeBytes: hashedNativelyFrom }, key)
      })
    hashWithoutRoom()
    vi.spyOn(raw, '_malloc').mockReturnValue(0)
    expect(hashWithoutRoom).toThrow('libsodium has no 64 bytes of memory left')
    const handOverWithoutRoom = () =>
      within(() => {
        take(512 * 1024 - 64)
        handOver(likeNative())
      })
    expect(handOverWithoutRoom).toThrow(/^libsodium has no \d+ bytes of memory left$/)
  })

  it('is asked for no short text: the way there would take longer', () => {
    const [hashed, sealed] = [[] as number[], [] as number[]]
    const good = likeNative()
    handOver({
      ...good,
      crypto_generichash(to, over, key) {
        if (key !== null) hashed.push(over.length)
        good.crypto_generichash(to, over, key)
      },
      crypto_aead_xchacha20poly1305_ietf_encrypt(to, text, ...rest) {
        sealed.push(text.length)
        good.crypto_aead_xchacha20poly1305_ietf_encrypt(to, text, ...rest)
      },
    })
    expect([Math.min(...hashed), Math.min(...sealed)]).toEqual([hashedNativelyFrom, sealedNativelyFrom])
  })
})

describe(`sodium-native${without}`, { skip: native === null }, () => {
  const handed = () => handOver(native as NativeSodium)
  /** Every view that the library is given, and what it is asked. */
  function noting() {
    const given: unknown[] = []
    const asked = new Set<string>()
    const all = native as unknown as Record<string, (...args: unknown[]) => unknown>
    const noting = Object.fromEntries(
      Object.keys(likeNative()).map((name) => [
        name,
        (...args: unknown[]) => {
          asked.add(name)
          given.push(...args.filter((arg) => arg !== null))
          return all[name]?.(...args)
        },
      ]),
    )
    return { given, asked, noting: noting as unknown as NativeSodium }
  }
  const long = 'We meet behind the garden gate at number 14. '.repeat(400)
  function converse(): void {
    const { alice, bob } = couple('native')
    for (const [from, to, text] of [
      [alice, bob, 'hello'],
      [bob, alice, long],
      [alice, bob, long],
    ] as const)
      expect(to.receive(from.send(text)).text).toBe(text)
  }

  /** Keys, signatures, secrets and ciphertexts from one source of chance, as one text. */
  function work(seed: string): string {
    const random = seededRandom(seed)
    const [ours, theirs] = [generateAgreementPair(random), generateAgreementPair(random)]
    const key = agree(ours.secret, theirs.public)
    return [
      createAccount('alice', random).signedList,
      ours.public,
      key,
      ...[255, 256, 3000, 60_000].flatMap((sizeBytes) => {
        const text = random(sizeBytes)
        return [
          encryptAead(key, random(24), text, ours.public),
          derive(labels.lab, key, [text]),
          digest(labels.lab, text),
        ]
      }),
    ]
      .map(hex)
      .join()
  }

  it('gives the known answers, and computes from then on', () => {
    compute(inWebAssembly)
    handed()
    expect(primitives.agree).not.toBe(inWebAssembly.agree)
  })

  it('makes the same keys, signatures, secrets and ciphertexts, byte for byte', () => {
    for (let i = 0; i < 20; i++) {
      compute(inWebAssembly)
      const expected = work(`work ${i}`)
      handed()
      expect(work(`work ${i}`) === expected).toBe(true)
    }
  })

  it("works in libsodium's memory: it is given nothing else, and so no copy of a key has to be wiped", () => {
    const { given, asked, noting: library } = noting()
    handOver(library)
    given.length = 0
    converse()
    expect([...asked].sort()).toEqual(Object.keys(likeNative()).sort())
    expect(given.length).toBeGreaterThan(100)
    for (const view of given) expect((view as Uint8Array).buffer).toBe(raw.HEAPU8.buffer)
  })

  const both: [string, () => void][] = [
    ['WebAssembly', () => compute(inWebAssembly)],
    ['it', handed],
  ]

  it.each(both)('hashes to the same sizes, a short text and a long one: %s does', (_, use) => {
    use()
    const sizes = Array.from({ length: 70 }, (_, sizeBytes) => sizeBytes)
    const taken = [10, hashedNativelyFrom].map((overBytes) => sizes.filter((size) => isTaken(size, overBytes)))
    expect(taken).toEqual(Array(2).fill(sizes.slice(16, 65)))
  })
  const isTaken = (sizeBytes: number, overBytes: number) =>
    within(() => {
      const over = { address: take(overBytes), sizeBytes: overBytes }
      try {
        hash(take(sizeBytes), sizeBytes, over, take(32))
        return true
      } catch (error) {
        expect(error).toEqual(new RangeError('a hash has 16 to 64 bytes'))
        return false
      }
    })

  it.each(both)('refuses the same keys: %s does', (_, use) => {
    use()
    const { secret } = generateAgreementPair(random)
    for (const key of lowOrderAgreementKeys) expect(verdict(() => agree(secret, key as AgreementKey))).toBe('bad-key')
    const bad = [...badSigningKeys, ...smallOrderKeys(), ...mixedOrderKeys(random(32)), ...nonCanonicalKeys()]
    for (const key of bad) expect(verdict(() => checkSigningKey(key as SigningKey))).toBe('bad-key')
  })
})

const elsewhere = without || missing(process.platform === 'linux', 'only Linux shows a process its own stack')

it.skipIf(elsewhere !== '')(`native code leaves no key on the stack${elsewhere}`, () => {
  const search = resolve(import.meta.dirname, '../support/stack-search.ts')
  const found = execFileSync(process.execPath, ['--import', 'tsx', search], {
    encoding: 'utf8',
    env: { ...process.env, DOORMAT_NATIVE: '1' },
  })
  expect(found).toBe('a bare call\n')
})
