import { concat, decode, equal, type Reader, u8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { interpolate, type Point, readPoint, readScalar, type Scalar, timesBase } from './ristretto.ts'

export const custodiansMaximum = 16

/**
 * A public key whose private key is nowhere: the values of one polynomial over the group, at 1, 2, 3 and on for the
 * custodians, and at 0 for the key. Of degree one less than `needed`, so that so many values make any other.
 */
export interface SplitKey {
  /** how many custodians open together */
  readonly needed: number
  readonly key: Point
  /** of custodian 1, 2, 3 and on */
  readonly publicShares: readonly Point[]
}

/** What one custodian keeps. */
export interface Share {
  readonly splitKey: SplitKey
  /** from 1 */
  readonly custodian: number
  readonly secret: Scalar
}

/** @throws CryptoError `malformed` unless 1 to 16 custodians, and no more of them needed than there are */
export function checkCounts(needed: number, custodians: number): void {
  if (needed < 1 || needed > custodians || custodians > custodiansMaximum)
    throw new CryptoError('malformed', `a key of ${needed} of ${custodians} custodians cannot be`)
}

/** needed (1 byte), custodians (1), the key (32), then each custodian's public share (32) */
export const encodeSplitKey = ({ needed, key, publicShares }: SplitKey): Uint8Array =>
  concat(u8(needed), u8(publicShares.length), key, ...publicShares)

/**
 * Checks besides the form that any `needed` of the shares make this key, and that fewer do not.
 * @throws CryptoError `malformed` | `bad-key`
 */
export function decodeSplitKey(bytes: Uint8Array): SplitKey {
  const split = decode(bytes, readSplitKey)
  checkConsistency(split)
  return split
}

function readSplitKey(reader: Reader): SplitKey {
  const [needed, custodians] = [reader.u8(), reader.u8()]
  checkCounts(needed, custodians)
  return { needed, key: readPoint(reader), publicShares: Array.from({ length: custodians }, () => readPoint(reader)) }
}

/** Says nothing of who knows the polynomial: whoever deals alone knows it all. */
function checkConsistency({ needed, key, publicShares }: SplitKey): void {
  const values = publicShares.map((value, i) => [i + 1, value] as const)
  const [first, others] = [values.slice(0, needed), [[0, key] as const, ...values.slice(needed)]]
  if (!others.every(([place, value]) => equal(interpolate(first, place), value)))
    throw new CryptoError('bad-key', 'the public shares and the key do not belong together')
  if (equal(interpolate(first.slice(1)), key))
    throw new CryptoError('bad-key', 'fewer custodians than the key says would open')
}

/** the split key, the custodian's number (1 byte), the secret (32): 227 bytes for five custodians */
export const encodeShare = ({ splitKey, custodian, secret }: Share): Uint8Array =>
  concat(encodeSplitKey(splitKey), u8(custodian), secret)

/** @throws CryptoError `malformed` | `bad-key`, also for a secret that is not the one behind its public share */
export function decodeShare(bytes: Uint8Array): Share {
  const share = decode(bytes, (reader) => ({
    splitKey: readSplitKey(reader),
    custodian: reader.u8(),
    secret: readScalar(reader),
  }))
  const publicShare = share.splitKey.publicShares[share.custodian - 1]
  if (!publicShare) throw new CryptoError('malformed', 'a share of a custodian that there is not')
  if (!equal(timesBase(share.secret), publicShare))
    throw new CryptoError(
      'bad-key',
      `the share of custodian ${share.custodian} was altered: it does not match the public values that it carries`,
    )
  checkConsistency(share.splitKey)
  return share
}
