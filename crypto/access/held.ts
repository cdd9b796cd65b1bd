import { CryptoError } from '../errors.ts'

/**
 * Tries each of several keys, since one of them may be of another epoch. Null where there is no key.
 * @throws CryptoError of the last, when none of them opens; null without any
 */
export function withAnyOf<K, T>(keys: readonly K[], open: (key: K) => T): T | null {
  let refusal: CryptoError | null = null
  for (const key of keys) {
    try {
      return open(key)
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      refusal = error
    }
  }
  if (refusal) throw refusal
  return null
}
