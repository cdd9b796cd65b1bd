import type { Evidence } from '../../authority/evidence.ts'
import type { SecretKeyFile } from '../../authority/key-file.ts'
import { pair } from '../world/pair.ts'
import type { Played } from '../simulation/played.ts'
import type { Truth } from '../simulation/truth.ts'
import { isUnderstood, type Opening, readWithRings, truthOf } from '../adversaries/reading.ts'

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
export function heldAgainst(played: Played, { id, from, to, text }: Claim): Truth | null {
  const said = truthOf(played, { id, text })
  if (said.from !== from || said.to !== to) throw new Error(`a reading that nobody sent: ${id}`)
  return isUnderstood(said) ? said : null
}

/** Everything that somebody with these secrets and the whole recording opens, each message once; the authority's unless told. */
export function openAll(played: Played, rings = played.holdings.authority): readonly Opening[] {
  const understood = readWithRings(played, played.archive, rings).openings.filter(({ said }) => isUnderstood(said))
  return [...new Map(understood.map((opening) => [opening.said.id, opening])).values()]
}

export const isOf = (person: string, { from, to }: Pick<Truth, 'from' | 'to'>): boolean =>
  from === person || to === person

export const peopleIn = (those: readonly Pick<Truth, 'from' | 'to'>[]): readonly string[] => [
  ...new Set(those.flatMap(({ from, to }) => [from, to])),
]

export const pairsIn = (those: readonly Pick<Truth, 'from' | 'to'>[]): ReadonlySet<string> =>
  new Set(those.map(({ from, to }) => pair(from, to)))
