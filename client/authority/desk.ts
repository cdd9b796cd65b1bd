import { modeCalled } from '../../crypto/access/index.ts'
import type { Reading, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { AuthorityError } from './errors.ts'
import type { Evidence } from './evidence.ts'
import type { SecretKeyFile } from './key-file.ts'

/** What came of opening a body of evidence with one secret. */
export interface Tally {
  envelopes: number
  opened: number
  /** envelopes without a stanza for this mode: made while it was not in force */
  withoutStanza: number
  /** a stanza that this secret does not open: another key's, or garbage */
  notOurs: number
  cutOffBytes: number
}

export const emptyTally = (): Tally => ({ envelopes: 0, opened: 0, withoutStanza: 0, notOurs: 0, cutOffBytes: 0 })

/**
 * Opens what the secret opens, one envelope at a time: each reading is the decryption of recorded bytes.
 * @param tally is kept up to date while the readings come
 */
export function* openEvidence(evidence: Evidence, key: SecretKeyFile, tally: Tally): Generator<Reading> {
  const mode = modeOf(key)
  for (;;) {
    const next = evidence.next()
    if (next.done) {
      tally.cutOffBytes = next.value.cutOffBytes
      return
    }
    tally.envelopes += 1
    const reading = tryToRead(next.value, (recorded) => mode.read(recorded, decodeEnvelope(recorded.bytes), key.secret))
    if (reading === 'not ours') tally.notOurs += 1
    else if (!reading) tally.withoutStanza += 1
    else {
      tally.opened += 1
      yield reading
    }
  }
}

function modeOf(key: SecretKeyFile) {
  try {
    return modeCalled(key.mode)
  } catch (error) {
    if (error instanceof CryptoError) throw new AuthorityError('bad-key-file', error.message)
    throw error
  }
}

function tryToRead(
  recorded: RecordedEnvelope,
  read: (recorded: RecordedEnvelope) => Reading | null,
): Reading | 'not ours' | null {
  try {
    return read(recorded)
  } catch (error) {
    if (error instanceof CryptoError) return 'not ours'
    throw error
  }
}
