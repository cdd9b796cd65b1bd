import { take, view } from './arena.ts'
import { isSameAnswer, questions } from './known-answers.ts'
import { type Address, compute, inWebAssembly, type Primitives, type Span } from './primitives.ts'

/*
 * Native code in the place of WebAssembly. This room loads none: whoever has some hands it over (server/native.ts), in the
 * form that the package sodium-native has. It is given views of libsodium's WebAssembly memory and works there, so that
 * no key is copied to a buffer of its own.
 */

/** What is called of it. All but `verify` throw where they refuse. */
export interface NativeSodium {
  crypto_generichash(to: Uint8Array, over: Uint8Array, key: Uint8Array | null): void
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    ciphertext: Uint8Array,
    text: Uint8Array,
    associated: Uint8Array,
    unused: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    text: Uint8Array,
    unused: null,
    ciphertext: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void
  crypto_scalarmult_base(to: Uint8Array, secret: Uint8Array): void
  crypto_scalarmult(to: Uint8Array, secret: Uint8Array, theirs: Uint8Array): void
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
  crypto_sign_detached(signature: Uint8Array, over: Uint8Array, secretKey: Uint8Array): void
  crypto_sign_verify_detached(signature: Uint8Array, over: Uint8Array, publicKey: Uint8Array): boolean
  crypto_sign_ed25519_pk_to_curve25519(to: Uint8Array, publicKey: Uint8Array): void
}

/** Below these sizes the way to native code and back, 0.3 us, takes longer than it saves. */
export const sealedNativelyFrom = 256
export const hashedNativelyFrom = 2048

const tagSizeBytes = 16
const key32 = (address: Address) => view(address, 32)
const key64 = (address: Address) => view(address, 64)
const over = ({ address, sizeBytes }: Span) => view(address, sizeBytes)

/** @param call of the library and nothing else: what fails around it is no refusal */
function isTaken(call: () => void): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}

/** What is asked of it, and what WebAssembly goes on doing. */
export const natively = (native: NativeSodium): Primitives => ({
  hash(to, sizeBytes, span, key) {
    if (span.sizeBytes < hashedNativelyFrom) return inWebAssembly.hash(to, sizeBytes, span, key)
    const basin = key === null ? null : take(64)
    const [result, text, keyBytes] = [view(to, sizeBytes), over(span), key === null ? null : key32(key)]
    if (!isTaken(() => native.crypto_generichash(result, text, keyBytes))) return false
    // BLAKE2b leaves its result on the stack, which may be a key: another, of nothing, takes its place
    if (basin !== null) native.crypto_generichash(key64(basin), view(to, 0), null)
    return true
  },
  seal(text, nonce, key, associated) {
    const { address, sizeBytes } = text
    if (sizeBytes < sealedNativelyFrom) return inWebAssembly.seal(text, nonce, key, associated)
    native.crypto_aead_xchacha20poly1305_ietf_encrypt(
      view(address, sizeBytes + tagSizeBytes),
      over(text),
      over(associated),
      null,
      view(nonce, 24),
      key32(key),
    )
  },
  open(ciphertext, nonce, key, associated) {
    const { address, sizeBytes } = ciphertext
    if (sizeBytes < sealedNativelyFrom) return inWebAssembly.open(ciphertext, nonce, key, associated)
    const text = view(address, sizeBytes - tagSizeBytes)
    const [sealed, beside, nonceBytes, keyBytes] = [over(ciphertext), over(associated), view(nonce, 24), key32(key)]
    return isTaken(() =>
      native.crypto_aead_xchacha20poly1305_ietf_decrypt(text, null, sealed, beside, nonceBytes, keyBytes),
    )
  },
  agreementKey: (to, secret) => native.crypto_scalarmult_base(key32(to), key32(secret)),
  agree(to, secret, theirs) {
    const [result, ours, by] = [key32(to), key32(secret), key32(theirs)]
    return isTaken(() => native.crypto_scalarmult(result, ours, by))
  },
  signingPair: (publicKey, secretKey, seed) =>
    native.crypto_sign_seed_keypair(key32(publicKey), key64(secretKey), key32(seed)),
  sign: (signature, span, secretKey) => native.crypto_sign_detached(key64(signature), over(span), key64(secretKey)),
  verify: (signature, span, publicKey) =>
    native.crypto_sign_verify_detached(key64(signature), over(span), key32(publicKey)),
  toAgreementKey(to, publicKey) {
    const [result, from] = [key32(to), key32(publicKey)]
    return isTaken(() => native.crypto_sign_ed25519_pk_to_curve25519(result, from))
  },
})

/**
 * From now on native code computes what it can, in this thread, if it gives the same answers as WebAssembly to known
 * questions: results, and what it refuses.
 * @throws Error where an answer differs; WebAssembly stays in use
 */
export function handOver(native: NativeSodium): void {
  const primitives = natively(native)
  for (const { about, ask } of questions)
    if (!isSameAnswer(ask, inWebAssembly, primitives))
      throw new Error(`the native libsodium answers otherwise than the one in WebAssembly (${about}) and is not used`)
  compute(primitives)
}
