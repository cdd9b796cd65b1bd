import { CryptoError } from '../../crypto/errors.ts'
import type { PolicyKey } from '../../crypto/keys.ts'
import type { Random } from '../../crypto/random.ts'
import {
  authorityDigest,
  canonicalAddress,
  checkWhereabouts,
  whereaboutsNonceSizeBytes,
} from '../../crypto/whereabouts.ts'
import type { Relay } from '../../server/api.ts'
import type { Device } from './device.ts'
import { ClientError } from './errors.ts'
import { type RelayPlace, storePlace } from './self.ts'

/**
 * Has whoever answers there show that they hold the policy key, and that this place is their own: somebody in the middle
 * could hand any other question on to the genuine relay.
 * @throws ClientError `wrong-relay` | RelayError `other-address` and others
 */
export async function proveRelay(
  relay: Relay,
  { relayUrl, relayCa }: RelayPlace,
  policyKey: PolicyKey,
  random: Random,
): Promise<void> {
  const where = {
    address: canonicalAddress(relayUrl) ?? relayUrl,
    authority: relayCa === null ? null : authorityDigest(relayCa),
  }
  const nonce = random(whereaboutsNonceSizeBytes)
  const signature = await relay.vouch(nonce, where)
  try {
    checkWhereabouts(nonce, where, signature, policyKey)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw new ClientError('wrong-relay', `what answers at ${relayUrl} does not have the policy key of this relay`)
  }
}

/** Takes a device to where its relay is now. Nothing of it changes unless that is proved. @throws as `proveRelay` */
export async function moveDevice({ store, self }: Device, place: RelayPlace, relay: Relay, random: Random) {
  await proveRelay(relay, place, self.policyKey, random)
  storePlace(store, place)
}
