import { concat, decode, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { derive, labels } from '../kdf.ts'
import {
  interpolate,
  type Multiples,
  type Point,
  proofSizeBytes,
  proveEquality,
  provesEquality,
  readPoint,
  scalarFrom,
  times,
  timesBase,
} from './ristretto.ts'
import type { SealedKey } from './sealed-key.ts'
import type { Share, SplitKey } from './split-key.ts'
import { checkRequest, modeId, type Request, unwrap } from './split-request.ts'

/** The element times this custodian's secret (32 bytes), and the proof that it is that (64). */
export const answerSizeBytes = 96

/**
 * What one custodian does on a request. The answer opens this element and no other.
 * @param covers whether the order that the custodian was shown covers such a message. The names are what the sender and
 *   a complying recipient agreed on, see `checkRequest`
 * @throws CryptoError `not-ordered` | `malformed` | `bad-key` | `not-authentic`
 */
export function respond(share: Share, request: Request, covers: (request: Request) => boolean): Uint8Array {
  if (!covers(request)) throw new CryptoError('not-ordered', 'the order does not cover a message between these people')
  const { element, about } = checkRequest(share.splitKey, request)
  // it covers the element too: one nonce for two elements would give the secret away
  const nonce = scalarFrom(
    derive(labels.accessMode, share.secret, [utf8(modeId), utf8('answer'), element, ...about], 64),
  )
  const points = { base: element, publicShare: timesBase(share.secret), partial: times(share.secret, element) }
  return concat(points.partial, proveEquality(share.secret, points, nonce, about))
}

/** An answer, and who gave it by where it came from: if the bytes said so, a liar could blame somebody else. */
export interface Answer {
  readonly custodian: number
  readonly bytes: Uint8Array
}

export interface Combined extends SealedKey {
  /** custodians whose answer does not fit their public share, in ascending order */
  readonly liars: readonly number[]
}

/**
 * What enough custodians open together. Each answer is checked, so one lie neither stops the others nor goes unnamed.
 * @throws CryptoError `custodian-lied`, which names all who did, when too few honest answers are left;
 *   `not-enough-shares` when too few were given; `not-authentic` when all is well and the stanza holds nothing; and as `checkRequest`
 */
export function combine(splitKey: SplitKey, request: Request, answers: readonly Answer[]): Combined {
  const sealed = checkRequest(splitKey, request)
  const partials = new Map<number, Point>()
  const lied = new Set<number>()
  for (const { custodian, bytes } of answers) {
    const publicShare = splitKey.publicShares[custodian - 1]
    if (!publicShare) throw new CryptoError('malformed', 'an answer of a custodian that there is not')
    const partial = partialIn(bytes, { base: sealed.element, publicShare }, sealed.about)
    if (partial) partials.set(custodian, partial)
    else lied.add(custodian)
  }
  const liars = [...lied].sort((a, b) => a - b)
  checkEnough(splitKey.needed, partials.size, liars)
  return { ...unwrap(interpolate([...partials].slice(0, splitKey.needed)), sealed), liars }
}

/** @returns null for a lie: other bytes than an honest custodian's program gives */
function partialIn(bytes: Uint8Array, points: Omit<Multiples, 'partial'>, about: readonly Uint8Array[]): Point | null {
  try {
    const { partial, proof } = decode(bytes, (reader) => ({
      partial: readPoint(reader),
      proof: reader.take(proofSizeBytes),
    }))
    return provesEquality(proof, { ...points, partial }, about) ? partial : null
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

function checkEnough(needed: number, honest: number, liars: readonly number[]): void {
  if (honest >= needed) return
  if (liars.length > 0)
    throw new CryptoError(
      'custodian-lied',
      `what custodian ${liars.join(' and ')} answered is false, and ${honest} of ${needed} answers are left`,
    )
  throw new CryptoError('not-enough-shares', `${needed} custodians are needed, and ${honest} answered`)
}
