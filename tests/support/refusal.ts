import { expect } from 'vitest'
import { CryptoError } from '../../crypto/errors.ts'
import { encodeSession } from '../../crypto/session.ts'
import type { End } from './couple.ts'

export type Outcome = CryptoError['code'] | 'accepted' | 'no header key'

/** What became of an attempt: the code of its refusal, `no header key` for a message of no session, or `accepted`. */
export function outcome(attempt: () => unknown): Outcome {
  try {
    return attempt() === null ? 'no header key' : 'accepted'
  } catch (error) {
    if (error instanceof CryptoError) return error.code
    if (error instanceof Error && error.message === 'the header does not open') return 'no header key'
    throw error
  }
}

/** The code of a refusal with its words, where those say who is to blame; or `accepted`. */
export function refusalOf(attempt: () => unknown): string {
  try {
    attempt()
    return 'accepted'
  } catch (error) {
    if (error instanceof CryptoError) return `${error.code}: ${error.message}`
    throw error
  }
}

/** As `outcome`, for bytes that must be refused: makes sure that the session is then what it was before. */
export function refused(end: End, bytes: Uint8Array): Outcome {
  const [before, kept] = [encodeSession(end.session), structuredClone(end.session)]
  const what = outcome(() => end.receive(bytes))
  expect(encodeSession(end.session)).toEqual(before)
  expect(end.session).toEqual(kept)
  return what
}
