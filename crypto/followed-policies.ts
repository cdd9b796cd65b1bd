import type { PolicyKey } from './keys.ts'
import { followPolicy, type SignedPolicy } from './policy.ts'

/** Something that follows a policy chain: `followPolicy`, or a function that gives the same answers. */
export type FollowPolicy = typeof followPolicy

/** One string for each sequence of bytes. */
const decoder = new TextDecoder('latin1')

/**
 * Follows links that are met again and again, by many devices of one relay: of a link that was found to follow the same head once,
 * under the same key, no signature is asked again. What was refused is not remembered.
 * @param most so many links are remembered; the one longest unused goes first
 */
export function createPolicyFollower(most: number): FollowPolicy {
  const followed = new Map<string, SignedPolicy>()
  return (head: SignedPolicy | null, bytes: Uint8Array, policyKey: PolicyKey) => {
    // the first two have one size each, so no two questions share a string
    const parts = [policyKey, head?.reference.digest ?? new Uint8Array(), bytes]
    const key = `${head?.policy.epoch ?? 0} ${parts.map((part) => decoder.decode(part)).join('')}`
    const signed = followed.get(key) ?? followPolicy(head, bytes, policyKey)
    followed.delete(key)
    followed.set(key, signed)
    if (followed.size > most) followed.delete(followed.keys().next().value as string)
    return signed
  }
}
