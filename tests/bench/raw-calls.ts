import sodium, { raw } from '../../crypto/sodium.ts'

export type Call = (...values: unknown[]) => unknown
export type RawCall = (...args: number[]) => number

/** A call of one of libsodium's own functions, kept so that it can be made again in two ways. */
interface Kept {
  /** what the wrapper's function of the same name takes */
  readonly values: readonly unknown[]
  /** the same arguments with addresses of their own, whose bytes stay */
  readonly bare: readonly number[]
}

interface Shape {
  keep(args: readonly number[]): Kept
}

/** An argument that is an address: how many bytes lie there or come there. */
type Size = (args: readonly number[]) => number

/**
 * @param inputs argument -> size, in the order in which the wrapper takes them
 * @param outputs argument -> size
 * @param values what the wrapper takes, from the inputs
 */
function shape(
  inputs: readonly (readonly [number, Size])[],
  outputs: readonly (readonly [number, Size])[],
  values: (given: readonly (Uint8Array | null)[], args: readonly number[]) => readonly unknown[] = (given) => given,
): Shape {
  return {
    keep(args) {
      const bare = [...args]
      const given = inputs.map(([at, size]) => {
        const address = args[at] ?? 0
        if (address === 0) return null
        const bytes = raw.HEAPU8.slice(address, address + size(args))
        bare[at] = room(bytes.length)
        raw.HEAPU8.set(bytes, bare[at])
        return bytes
      })
      for (const [at, size] of outputs) bare[at] = room(size(args))
      return { values: values(given, args), bare }
    },
  }
}

/** Stays for as long as the bench runs. */
const room = (sizeBytes: number) => raw._malloc(Math.max(1, sizeBytes))

const of =
  (bytes: number): Size =>
  () =>
    bytes
const asIn =
  (at: number, more = 0): Size =>
  (args) =>
    Math.max(0, (args[at] ?? 0) + more)

/** Those that our code calls, with secrets or on every message. */
export const rawShapes: Readonly<Record<string, Shape>> = {
  _crypto_generichash: shape(
    [
      [2, asIn(3)],
      [5, asIn(6)],
    ],
    [[0, asIn(1)]],
    ([message, key], [, sizeBytes]) => [sizeBytes, message, key],
  ),
  _crypto_aead_xchacha20poly1305_ietf_encrypt: shape(
    [
      [2, asIn(3)],
      [5, asIn(6)],
      [9, of(24)],
      [10, of(32)],
    ],
    [[0, asIn(3, 16)]],
    ([text, associated, nonce, key]) => [text, associated, null, nonce, key],
  ),
  _crypto_aead_xchacha20poly1305_ietf_decrypt: shape(
    [
      [3, asIn(4)],
      [6, asIn(7)],
      [9, of(24)],
      [10, of(32)],
    ],
    [[0, asIn(4, -16)]],
    ([ciphertext, associated, nonce, key]) => [null, ciphertext, associated, nonce, key],
  ),
  _crypto_scalarmult: shape(
    [
      [1, of(32)],
      [2, of(32)],
    ],
    [[0, of(32)]],
  ),
  _crypto_scalarmult_base: shape([[1, of(32)]], [[0, of(32)]]),
  _crypto_sign_seed_keypair: shape(
    [[2, of(32)]],
    [
      [0, of(32)],
      [1, of(64)],
    ],
  ),
  _crypto_sign_detached: shape(
    [
      [2, asIn(3)],
      [5, of(64)],
    ],
    [[0, of(64)]],
  ),
  _crypto_sign_verify_detached: shape(
    [
      [0, of(64)],
      [1, asIn(2)],
      [4, of(32)],
    ],
    [],
  ),
  _crypto_sign_ed25519_pk_to_curve25519: shape([[1, of(32)]], [[0, of(32)]]),
  _crypto_kem_mlkem768_seed_keypair: shape(
    [[2, of(64)]],
    [
      [0, of(1184)],
      [1, of(2400)],
    ],
  ),
  _crypto_kem_mlkem768_enc_deterministic: shape(
    [
      [2, of(1184)],
      [3, of(32)],
    ],
    [
      [0, of(1088)],
      [1, of(32)],
    ],
  ),
  _crypto_kem_mlkem768_dec: shape(
    [
      [1, of(1088)],
      [2, of(2400)],
    ],
    [[0, of(32)]],
  ),
  _crypto_kem_xwing_enc_deterministic: shape(
    [
      [2, of(1216)],
      [3, of(64)],
    ],
    [
      [0, of(1120)],
      [1, of(32)],
    ],
  ),
  _crypto_hash_sha3256: shape([[1, asIn(2)]], [[0, of(32)]]),
  _crypto_xof_shake256: shape([[2, asIn(3)]], [[0, asIn(1)]], ([message], [, sizeBytes]) => [sizeBytes, message]),
}

/** The wrapper's function for one of libsodium's own. */
export const inWrapper = (name: string): Call => (sodium as unknown as Record<string, Call>)[name.slice(1)] as Call
