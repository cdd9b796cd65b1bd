import { compare, concat, textField } from './bytes.ts'
import { derive, labels } from './kdf.ts'
import type { AccountKey } from './keys.ts'
import { words } from './words.ts'

/** Whose account, and under which key. */
export interface Person {
  readonly user: string
  readonly accountKey: AccountKey
}

export interface SafetyNumber {
  /** twelve groups of five digits; about 199 bits */
  readonly digits: readonly string[]
  /** twenty-four words; 192 bits */
  readonly words: readonly string[]
}

const groupSizeBytes = 5

/** 42 bytes of one person's fingerprint: 30 for six groups of digits, 12 for twelve words. */
const fingerprintOf = (person: Person) =>
  derive<Uint8Array>(labels.fingerprint, person.accountKey, [textField(person.user)], 42)

/** Six groups of five digits from 30 bytes. Each is 40 bits modulo 100,000: a bias below one in ten million. */
export function digitsOf(bytes: Uint8Array): string[] {
  return Array.from({ length: 6 }, (_, i) => {
    let value = 0
    for (const byte of bytes.subarray(i * groupSizeBytes, (i + 1) * groupSizeBytes)) value = value * 256 + byte
    return String(value % 100_000).padStart(5, '0')
  })
}

const wordsOf = (fingerprint: Uint8Array) => Array.from(fingerprint.subarray(30, 42), (byte) => words[byte] ?? '')

/**
 * What two people compare, by voice or side by side. It covers both names and account keys, and is the same for both:
 * the two halves stand in the order of name and key.
 */
export function safetyNumber(one: Person, other: Person): SafetyNumber {
  const key = (person: Person) => concat(textField(person.user), person.accountKey)
  const halves = (compare(key(one), key(other)) <= 0 ? [one, other] : [other, one]).map(fingerprintOf)
  return { digits: halves.flatMap(digitsOf), words: halves.flatMap(wordsOf) }
}
