import { derive, labels } from '../kdf.ts'
import { wipe } from '../keys.ts'
import { encodePolicyReference, type PolicyReference } from '../policy.ts'
import type { Stanza } from '../envelope.ts'
import type { StanzaInput } from '../seams.ts'
import {
  checkCustodianKey,
  coinsSizeBytes,
  type CustodianPair,
  custodianPair,
  openAsCustodian,
  sealedSizeBytes,
  sealToCustodian,
  setupCustodian,
} from './custodian.ts'
import { withAnyOf } from './held.ts'
import type { AccessMode } from './mode.ts'
import {
  decodeSealedKey,
  encodeSealedKey,
  type SealedKey,
  sealedKeyReader,
  sealedKeySizeBytes,
  sealingSeams,
} from './sealed-key.ts'

const id = 'message-key-escrow'

/** 1,200 bytes in every envelope. */
export const stanzaSizeBytes = sealedSizeBytes(sealedKeySizeBytes)

const wrapKey = (sharedSecret: Uint8Array) => derive<Uint8Array>(labels.escrowWrap, sharedSecret)

/**
 * Seals one message's encryption key to the custodian. The coins follow from what is sealed and from a seed that both
 * ends have, so the recipient can make the same stanza and compare.
 */
function seal(custodianKey: Uint8Array, input: StanzaInput): Uint8Array {
  const payload = encodeSealedKey(input)
  const reference = encodePolicyReference(input.policy)
  const coins = derive<Uint8Array>(labels.escrowCoins, input.seed, [reference, custodianKey, payload], coinsSizeBytes)
  const sealed = sealToCustodian(custodianKey, coins, wrapKey, payload, reference)
  wipe(payload, coins)
  return sealed
}

/** @throws CryptoError `not-authentic`: sealed to another key, or to nobody */
const unseal = (pair: CustodianPair, stanza: Stanza, policy: PolicyReference): SealedKey =>
  decodeSealedKey(openAsCustodian(pair, stanza.payload, sealedKeySizeBytes, wrapKey, encodePolicyReference(policy)))

/**
 * Escrow at its best: each message's encryption key, and nothing else, is sealed to one custodian. The commitment key
 * never leaves the two ends, so the holder reads every message and can forge none.
 */
export const messageKeyEscrow: AccessMode = {
  id,
  title: 'Message key escrow',
  summary: 'One authority can read every message; it cannot forge any.',
  year: 1996,
  source:
    'The data recovery field of Denning and Branstad, "A Taxonomy for Key Escrow Encryption Systems" (1996), for each message',
  simplifies:
    'One custodian holds one key that never changes. A deployed system would keep the key in hardware, split it or replace it from time to time, and would need rules for who may use it.',

  setup: setupCustodian,

  join(parameters) {
    const custodianKey = checkCustodianKey(parameters)
    return sealingSeams(id, stanzaSizeBytes, (input) => seal(custodianKey, input))
  },

  reader(held) {
    const pairs = held.map(custodianPair)
    return sealedKeyReader(id, (_recorded, { stanzas, policy }) => {
      const stanza = stanzas.find(({ modeId }) => modeId === id)
      return stanza ? withAnyOf(pairs, (pair) => unseal(pair, stanza, policy)) : null
    })
  },
}
