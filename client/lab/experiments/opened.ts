import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import type { Evidence } from '../../authority/evidence.ts'
import type { SecretKeyFile } from '../../authority/key-file.ts'
import { pair, type Played, type Truth } from '../play.ts'

/** A message that was decrypted, and is what was said. */
export interface Opened {
  readonly recorded: RecordedEnvelope
  readonly said: Truth
}

/** What a decrypted message claims. */
interface Claim {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly text: string
}

/** All that passed, as a desk takes it. */
export function* evidenceOf({ archive }: Played): Evidence {
  yield* archive
  return { cutOffBytes: 0 }
}

/** The authority's, for its desk. */
export const keysOf = ({ mode, holdings }: Played): readonly SecretKeyFile[] =>
  holdings.authority.flatMap(({ secrets }) => secrets).map(({ bytes }) => ({ mode: mode.id, secret: bytes }))

/**
 * Holds a reading against what was sent.
 * @returns null where it was read, and is a ciphertext still: somebody had encrypted first
 * @throws Error for a reading that nobody sent: the measurement is void then
 */
export function heldAgainst({ truth }: Played, { id, from, to, text }: Claim): Truth | null {
  const said = truth.get(id)
  if (!said || said.sent !== text || said.from !== from || said.to !== to)
    throw new Error(`a reading that nobody sent: ${id}`)
  return said.said === said.sent ? said : null
}

/** Everything that somebody with these secrets and the whole recording opens, each message once; the authority's unless told. */
export function openAll(played: Played, rings = played.holdings.authority): readonly Opened[] {
  const readers = rings.map(({ mode, secrets }) => mode.reader(secrets.map(({ bytes }) => bytes)))
  const opened = new Map<string, Opened>()
  for (const recorded of played.archive) {
    for (const reader of readers) {
      const content = ifItOpens(() => reader.read(recorded, decodeEnvelope(recorded.bytes)))?.content
      if (content?.kind !== 'text' && content?.kind !== 'copy') continue
      const to = content.kind === 'copy' ? content.to : recorded.toUser
      const said = heldAgainst(played, { id: content.id, from: recorded.fromUser, to, text: content.text })
      if (said) opened.set(said.id, { recorded, said })
    }
  }
  return [...opened.values()]
}

function ifItOpens<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

export const isOf = (person: string, { from, to }: Pick<Truth, 'from' | 'to'>): boolean =>
  from === person || to === person

export const peopleIn = (those: readonly Pick<Truth, 'from' | 'to'>[]): readonly string[] => [
  ...new Set(those.flatMap(({ from, to }) => [from, to])),
]

export const pairsIn = (those: readonly Pick<Truth, 'from' | 'to'>[]): ReadonlySet<string> =>
  new Set(those.map(({ from, to }) => pair(from, to)))
