import { equal } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { createPolicyFollower } from '../../crypto/followed-policies.ts'
import type { PolicyReference, SignedPolicy } from '../../crypto/policy.ts'
import type { ClientSeams, DirectoryView } from '../../crypto/seams.ts'
import type { History } from './history.ts'
import type { Self } from './self.ts'
import type { DeviceStore } from './store.ts'

/** What a policy asks of a device that complies; given from outside, for a device knows no access modes. */
export type JoinMode = (modeId: string, parameters: Uint8Array) => ClientSeams

/** The operator's policy chain as this device knows it. */
export interface Policies {
  /** null before the first contact with the relay */
  head(): SignedPolicy | null
  at(epoch: number): SignedPolicy | null
  /** Appends a link, and tells the person. One already known is no news. @throws CryptoError `policy-broken` | `bad-signature` */
  append(link: Uint8Array): void
  /** @throws CryptoError `policy-broken` for a reference that is not in the chain */
  seamsFor(reference: PolicyReference): ClientSeams
  /** What an answer of the directory is taken for under the policy in force. @throws CryptoError */
  present(answer: Uint8Array): DirectoryView
  /** whether the policy in force has devices hidden */
  hides(): boolean
}

/** The links that this process has met, whichever of its devices met them: some 1 KiB each, and at most 17. */
const followPolicy = createPolicyFollower(256)

export function createPolicies(store: DeviceStore, self: Self, join: JoinMode, history: History): Policies {
  const chain: SignedPolicy[] = []
  const seams = new Map<number, ClientSeams>()

  /** whether the chain is as it stands in the store, for all that this process has done */
  let isFresh = false

  /** Another process may have appended: the store has the truth, this only the decoded form of it. */
  function refresh(): void {
    if (isFresh && !store.isShared) return
    for (const link of store.tables.policies.after(chain.length))
      chain.push(followPolicy(chain.at(-1) ?? null, link, self.policyKey))
    isFresh = true
  }

  const at = (epoch: number) => {
    if (epoch > chain.length) refresh()
    return chain[epoch - 1] ?? null
  }

  function head(): SignedPolicy | null {
    refresh()
    return chain.at(-1) ?? null
  }

  function seamsFor(reference: PolicyReference): ClientSeams {
    const signed = at(reference.epoch)
    if (!signed || !equal(signed.reference.digest, reference.digest))
      throw new CryptoError('policy-broken', 'an access policy that the operator never published here')
    const known = seams.get(reference.epoch) ?? join(signed.policy.modeId, signed.parameters)
    seams.set(reference.epoch, known)
    return known
  }

  function presenting(): ClientSeams['present'] {
    const signed = head()
    return signed ? seamsFor(signed.reference).present : undefined
  }

  return {
    at,
    head,
    seamsFor,
    present: (answer) => presenting()?.(answer) ?? { signedList: answer, hidden: [] },
    hides: () => presenting() !== undefined,

    append(link) {
      store.transaction(() => {
        refresh()
        if (chain.some(({ bytes }) => equal(bytes, link))) return
        const signed = followPolicy(chain.at(-1) ?? null, link, self.policyKey)
        isFresh = false
        store.tables.policies.add({ epoch: signed.policy.epoch, link })
        history.notice('access', null, { epoch: signed.policy.epoch, text: signed.policy.modeId })
      })
    },
  }
}
