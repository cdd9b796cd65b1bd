import { modeCalled } from '../../crypto/access/index.ts'
import type { Reader, Reading, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { decodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import { AuthorityError } from './errors.ts'
import type { Evidence } from './evidence.ts'
import { readSecretKey, type SecretKeyFile } from './key-file.ts'

/** What came of opening a body of evidence with the secrets that somebody holds. */
export interface Tally {
  envelopes: number
  opened: number
  /** envelopes without anything for this mode: made while it was not in force, or caught by no tap of it */
  withoutStanza: number
  /** of those without: how many carry something for another mode */
  underOtherModes: number
  /** a stanza that this secret does not open: another key's, or garbage; or mail to a puppet that does not open */
  notOurs: number
  cutOffBytes: number
  /** why the latest of the evidence may be missing: a sentence */
  lacks?: string
  /** the modes of stanzas that are not for this one, as their senders named them: a few */
  readonly otherModes: Set<string>
}

const otherModesMaximum = 8

export const emptyTally = (): Tally => ({
  envelopes: 0,
  opened: 0,
  withoutStanza: 0,
  underOtherModes: 0,
  notOurs: 0,
  cutOffBytes: 0,
  otherModes: new Set(),
})

/**
 * Opens what the secret opens, one envelope at a time: each reading is the decryption of recorded bytes.
 * @param tally is kept up to date while the readings come
 */
export function* openEvidence(evidence: Evidence, keys: readonly SecretKeyFile[], tally: Tally): Generator<Reading> {
  const reader = readerOf(keys)
  for (;;) {
    const next = evidence.next()
    if (next.done) {
      Object.assign(tally, next.value)
      return
    }
    tally.envelopes += 1
    const reading = tryToRead(next.value, (recorded) => {
      const envelope = decodeEnvelope(recorded.bytes)
      const read = reader.read(recorded, envelope)
      if (!read && noteOthers(envelope, keys, tally)) tally.underOtherModes += 1
      return read
    })
    if (reading === 'not ours') tally.notOurs += 1
    else if (!reading) tally.withoutStanza += 1
    else {
      tally.opened += 1
      yield reading
    }
  }
}

/** @returns whether it carries something for another mode */
function noteOthers({ stanzas }: Envelope, [key]: readonly SecretKeyFile[], { otherModes }: Tally): boolean {
  const others = stanzas.filter(({ modeId }) => modeId !== key?.mode)
  for (const { modeId } of others) if (otherModes.size < otherModesMaximum) otherModes.add(modeId)
  return others.length > 0
}

/**
 * Reads key files, each by itself and then with the first, so that the one that does not fit is named.
 * @throws AuthorityError `bad-key-file`
 */
export function readKeys(paths: readonly string[]): readonly SecretKeyFile[] {
  const keys = paths.map((path) => {
    const key = readSecretKey(path)
    naming(path, () => readerOf([key]))
    return key
  })
  const [first, ...rest] = keys
  for (const [i, key] of rest.entries())
    if (first) naming(`${paths[0]} and ${paths[i + 1]}`, () => readerOf([first, key]))
  return keys
}

function naming<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof AuthorityError) throw new AuthorityError(error.code, `${what}: ${error.message}`)
    throw error
  }
}

/** How many different keys these are, and how many of their kind it takes to open anything. */
export const neededOf = (keys: readonly SecretKeyFile[]): { readonly given: number; readonly needed: number } => {
  const [key] = keys
  const given = new Set(keys.map(({ secret }) => secret.join())).size
  return { given, needed: (key && modeCalled(key.mode).needed?.(key.secret)) ?? 1 }
}

/** @throws AuthorityError `bad-key-file` for keys of several modes, or of none */
export function readerOf(keys: readonly SecretKeyFile[]): Reader {
  const [first, ...rest] = keys
  const stranger = rest.find(({ mode }) => mode !== first?.mode)
  if (!first || stranger)
    throw new AuthorityError(
      'bad-key-file',
      `all keys have to be for one mode, not for ${first?.mode} and ${stranger?.mode}`,
    )
  try {
    return modeCalled(first.mode).reader(keys.map(({ secret }) => secret))
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
