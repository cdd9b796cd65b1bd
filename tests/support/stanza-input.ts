import type { ChainKey, Digest, EncryptionKey, HeaderKey, StanzaSeed } from '../../crypto/keys.ts'
import type { StanzaInput } from '../../crypto/seams.ts'
import { currentSuite } from '../../crypto/suites.ts'
import { person, policyChain } from './couple.ts'
import { seededRandom } from './random.ts'

/** What a seam is told of some message, and the chain key it stands at. */
export function someStanzaInput(seed: string): { readonly input: StanzaInput; readonly chainKey: ChainKey } {
  const random = seededRandom(seed)
  const chainKey = random(32) as ChainKey
  const messageKeyOf = (key: ChainKey) => currentSuite.stepChain(key).messageKey
  const messageKey = messageKeyOf(chainKey)
  const input: StanzaInput = {
    encryptionKey: random(32) as EncryptionKey,
    seed: random(32) as StanzaSeed,
    context: random(32) as Digest,
    policy: policyChain(random).head.reference,
    sender: person('alice', random).device.record,
    recipient: person('bob', random).device.record,
    chain: {
      suite: currentSuite.number,
      transcript: random(32) as Digest,
      direction: 'responder to initiator',
      headerKey: random(32) as HeaderKey,
      index: 7,
      begins: (key) => messageKeyOf(key).join() === messageKey.join(),
    },
  }
  return { input, chainKey }
}
