import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { describe, expect, it } from 'vitest'
import { respond } from '../../crypto/access/split-custodians.ts'
import { decodeShare } from '../../crypto/access/split-key.ts'
import { splitEscrow } from '../../crypto/access/split-escrow.ts'
import { sealSplit } from '../../crypto/access/split-request.ts'
import { hex, u32, utf8 } from '../../crypto/bytes.ts'
import { encodePolicyReference } from '../../crypto/policy.ts'
import sodium from '../../crypto/sodium-sumo.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { someStanzaInput } from '../support/stanza-input.ts'

/*
 * Section 13c of the specification, written once more with the functions that it names: BLAKE2b and XChaCha20-Poly1305 of
 * another library, and libsodium's group.
 */

type Part = Uint8Array | string
const bytesOf = (part: Part) => (typeof part === 'string' ? utf8(part) : part)
const join = (...parts: readonly Part[]) => new Uint8Array(parts.flatMap((part) => [...bytesOf(part)]))
const body = (parts: readonly Part[]) =>
  join(...['doormat 1 access mode', ...parts].flatMap((part) => [u32(bytesOf(part).length), part]))
const derive = (key: Uint8Array, parts: readonly Part[], size = 32) => blake2b(body(parts), { dkLen: size, key })
const digest = (...parts: readonly Part[]) => blake2b(body(parts), { dkLen: 32 })

const number = (wide: Uint8Array) => sodium.crypto_core_ristretto255_scalar_reduce(wide)
const times = (x: Uint8Array, point: Uint8Array) => sodium.crypto_scalarmult_ristretto255(x, point)
const timesG = (x: Uint8Array) => sodium.crypto_scalarmult_ristretto255_base(x)
const hash = (...parts: readonly Part[]) => number(derive(digest(...parts), [], 64))
const proof = (x: Uint8Array, r: Uint8Array, c: Uint8Array) =>
  join(c, sodium.crypto_core_ristretto255_scalar_add(r, sodium.crypto_core_ristretto255_scalar_mul(c, x)))

describe('section 13c', () => {
  const { parameters, secrets } = splitEscrow.setup(seededRandom('section 13c'))
  const { input } = someStanzaInput('section 13c')
  const Y = parameters.subarray(2, 34)
  const reference = encodePolicyReference(input.policy)
  const label = digest('split-escrow', 'label', Y, reference, 'alice', 'bob')
  const payload = join(input.encryptionKey, input.context)
  const drawn = (what: string) => number(derive(input.seed, ['split-escrow', what, label, payload], 64))
  const [r, nonce] = [drawn('coins'), drawn('nonce')]
  const R = timesG(r)
  const wrapKey = derive(times(r, Y), ['split-escrow', 'wrap', R, label])
  const wrapped = xchacha20poly1305(wrapKey, new Uint8Array(24)).encrypt(payload)
  const about = ['split-escrow', label, wrapped]

  it('says what the parameters and shares are', () => {
    expect([...parameters.subarray(0, 2)]).toEqual([3, 5])
    for (const [i, { bytes }] of secrets.entries()) {
      const x = bytes.subarray(195)
      expect(hex(bytes)).toBe(hex(join(parameters, new Uint8Array([i + 1]), x)))
      expect(timesG(x)).toEqual(parameters.slice(34 + 32 * i, 66 + 32 * i))
    }
  })

  it('says what a stanza is', () => {
    const knows = proof(r, nonce, hash('knowledge of a logarithm', R, timesG(nonce), ...about))
    expect(hex(sealSplit(Y as never, input))).toBe(hex(join(R, knows, wrapped)))
  })

  it('says what a custodian answers', () => {
    const { policy } = input
    const request = { from: 'alice', to: 'bob', policy, stanza: sealSplit(Y as never, input) }
    const bytes = at(secrets, 1).bytes
    const [x, Y2] = [bytes.subarray(195), parameters.subarray(66, 98)]
    const own = number(derive(x, ['split-escrow', 'answer', R, ...about], 64))
    const D = times(x, R)
    const equals = proof(x, own, hash('equality of logarithms', R, Y2, D, timesG(own), times(own, R), ...about))
    expect(hex(respond(decodeShare(bytes), request, () => true))).toBe(hex(join(D, equals)))
  })
})
