import {
  add,
  coefficientOf,
  type Point,
  product,
  readScalar,
  type Scalar,
  scalarFrom,
  sum,
  times,
  timesBase,
} from '../../crypto/access/ristretto.ts'
import { type Custodian, setupShares, splitEscrow } from '../../crypto/access/split-escrow.ts'
import { decodeShare, type Share, type SplitKey } from '../../crypto/access/split-key.ts'
import { type Request, requestFor, sealSplit } from '../../crypto/access/split-request.ts'
import { concat, decode, fromHex } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { recorded, underModes } from './access.ts'
import { at } from './at.ts'
import { type End, person } from './couple.ts'
import { seededRandom } from './random.ts'
import { someStanzaInput } from './stanza-input.ts'

/** The order of the group, less one: an element times this, and the element itself, are nothing together. */
const minusOne = scalarFrom(
  concat(fromHex('ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010'), new Uint8Array(32)),
)
export const negative = (point: Point) => times(minusOne, point)

/** What stands for the nonce of a proof: two proofs in which it is the same give the secret away. */
export function commitmentIn(proof: Uint8Array, point: Point): Point {
  const { challenge, response } = decode(proof, (reader) => ({
    challenge: readScalar(reader),
    response: readScalar(reader),
  }))
  return add(timesBase(response), negative(times(challenge, point)))
}

/** What nobody computes but a test: the private key, out of shares. */
export function privateKeyFrom(shares: readonly Share[]): Scalar {
  const places = shares.map(({ custodian }) => custodian)
  return shares.map(({ custodian, secret }) => product(coefficientOf(custodian, places), secret)).reduce(sum)
}

export const somebody = (count: number): Custodian[] =>
  Array.from({ length: count }, (_, i) => ({ holder: `office ${i + 1}`, jurisdiction: 'a state' }))

/** Two people under a key that is split so, and what custodians get to see of their messages. */
export function underSplit(needed: number, custodians: number, seed: string) {
  const { parameters, secrets } = setupShares(needed, somebody(custodians), seededRandom(`${seed} key`))
  const people = underModes([{ id: splitEscrow.id, parameters }], seed)
  const shares = secrets.map(({ bytes }) => decodeShare(bytes))
  return { ...people, parameters, secrets, shares, splitKey: at(shares, 0).splitKey }
}

/** A message between any two people, sealed to a split key, and the request for it. */
export function sealedBetween(splitKey: SplitKey, from: string, to: string, seed = `${from} ${to}`) {
  const random = seededRandom(seed)
  const record = (user: string) => person(user, random).device.record
  const input = { ...someStanzaInput(seed).input, sender: record(from), recipient: record(to) }
  const request: Request = { from, to, policy: input.policy, stanza: sealSplit(splitKey.key, input) }
  return { input, request }
}

/** The request for a message just sent. */
export function requestOf(from: End, to: End, bytes: Uint8Array): Request {
  const request = requestFor(recorded(from, to, bytes), decodeEnvelope(bytes))
  if (!request) throw new Error('an envelope without a stanza')
  return request
}
