import { equal } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { AccessMode, ModeSecret, ModeSetup } from './mode.ts'
import { add, coefficientOf, product, times } from './ristretto.ts'
import { sealedKeyReader, sealingSeams } from './sealed-key.ts'
import { generateShares } from './split-generation.ts'
import { decodeShare, decodeSplitKey, encodeShare, encodeSplitKey, type Share } from './split-key.ts'
import { modeId as id, requestFor, sealSplit, stanzaSizeBytes, takeApart, unwrap } from './split-request.ts'

/** Who keeps a share, and who can compel them. */
export type Custodian = Pick<ModeSecret, 'holder' | 'jurisdiction'>

/**
 * Three are needed, and no state has more than two. So no state opens anything alone, and none can keep the others from
 * opening.
 */
const neededUnlessTold = 3
const custodiansUnlessTold: readonly Custodian[] = [
  { holder: 'the ministry of justice', jurisdiction: 'state A' },
  { holder: 'a court', jurisdiction: 'state A' },
  { holder: 'the data protection authority', jurisdiction: 'state B' },
  { holder: "the operator's auditor", jurisdiction: 'state B' },
  { holder: 'a university', jurisdiction: 'state C' },
]

/** @throws CryptoError `malformed` for more needed than there are, none, or more than 16 custodians */
export function setupShares(needed: number, custodians: readonly Custodian[], random: Random): ModeSetup {
  const { splitKey, shares } = generateShares(needed, custodians.length, random)
  const secrets = custodians.flatMap(({ holder, jurisdiction }, i): ModeSecret[] =>
    shares
      .slice(i, i + 1)
      .map((share) => ({ name: `share ${i + 1}`, holder, jurisdiction, bytes: encodeShare(share) })),
  )
  return { parameters: encodeSplitKey(splitKey), secrets }
}

/**
 * Those of the shares that open together: each custodian's once, and no more than are needed.
 * @throws CryptoError `malformed` | `bad-key`
 */
function sharesIn(held: readonly Uint8Array[]): readonly Share[] {
  const shares = new Map<number, Share>()
  for (const bytes of held) {
    const share = decodeShare(bytes)
    const [first = share] = shares.values()
    if (!equal(encodeSplitKey(first.splitKey), encodeSplitKey(share.splitKey)))
      throw new CryptoError('malformed', 'the shares are of different keys, and open nothing together')
    shares.set(share.custodian, share)
  }
  const [first] = shares.values()
  return [...shares.values()].slice(0, first?.splitKey.needed)
}

/**
 * Escrow with a private key that nobody has. A set number of custodians open a message together, each by its answer to
 * one request, and fewer open nothing. What is sealed is a message's encryption key, as in message key escrow.
 */
export const splitEscrow: AccessMode = {
  id,
  title: 'Split escrow',
  summary: 'Any three of five custodians, in three states, can read every message together.',
  year: 1992,
  source:
    'Micali, "Fair Public-Key Cryptosystems" (CRYPTO \'92), with the key as in Pedersen, "A Threshold Cryptosystem without a Trusted Party" (EUROCRYPT \'91)',
  simplifies:
    "All custodians take part in the key generation within one process, so whoever watches that process has the key. Shares are never refreshed. One key serves everybody, where Micali splits each user's own key. The group is an elliptic curve, so this stanza undoes the handshake's post-quantum promise: an archive kept until there is a quantum computer opens without any custodian. The proof beside each message is Schnorr's; the security of TDH2, by Shoup and Gennaro, has been proven under weaker assumptions.",

  setup: (random) => setupShares(neededUnlessTold, custodiansUnlessTold, random),

  join(parameters) {
    const { key } = decodeSplitKey(parameters)
    return sealingSeams(id, stanzaSizeBytes, (input) => sealSplit(key, input))
  },

  needed: (share) => decodeShare(share).splitKey.needed,

  /**
   * Whoever has the shares themselves asks no custodian. No proof is made or checked, so this also opens what
   * custodians would refuse. With too few shares the same steps run, and their result opens nothing.
   */
  reader(held) {
    const shares = sharesIn(held)
    const places = shares.map(({ custodian }) => custodian)
    const weighted = shares.map(({ custodian, secret }) => product(coefficientOf(custodian, places), secret))
    return sealedKeyReader(id, (recorded, envelope) => {
      const request = requestFor(recorded, envelope)
      const [first] = shares
      if (!request || !first) return null
      const sealed = takeApart(first.splitKey, request)
      return unwrap(weighted.map((secret) => times(secret, sealed.element)).reduce(add), sealed)
    })
  },
}
