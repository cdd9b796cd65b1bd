import { equal } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import { joinMode } from '../crypto/access/index.ts'
import type { Seams } from '../crypto/access/mode.ts'
import type { Envelope } from '../crypto/envelope.ts'
import type { SigningPair } from '../crypto/keys.ts'
import type { PolicyKey, PolicySecret } from '../crypto/keys.ts'
import { followPolicy, type SignedPolicy, signPolicy } from '../crypto/policy.ts'
import { RelayError } from './api.ts'
import { patienceEnds, whenFree } from './patience.ts'
import { queue } from './queue.ts'
import type { Store } from './store/store.ts'

export type PolicyPair = SigningPair<PolicySecret, PolicyKey>

/** The operator's policy chain: which access mode is in force. */
export interface PolicyDesk {
  head(): SignedPolicy
  after(epoch: number): readonly Uint8Array[]
  /** @throws RelayError `bad-request` for an unknown mode or parameters that are not its own */
  change(modeId: string, parameters: Uint8Array, now: number): Promise<SignedPolicy>
  /**
   * Takes back a link that an older state of its store does not have: its own signature proves it.
   * @returns null for one that is there. @throws RelayError `out-of-order` for one that does not come next
   */
  restore(link: Uint8Array): Promise<SignedPolicy | null>
  /** @throws RelayError `policy-stale` | `policy-unknown` | `stanza-missing` */
  admit(envelope: Envelope): void
}

interface Link {
  readonly signed: SignedPolicy
  readonly seams: Seams
}

/**
 * @param graceMs how long the epoch before the head is still taken, so that what is under way when a policy changes arrives
 * @param steady milliseconds that never go back
 */
export async function openPolicyDesk(
  store: Store,
  pair: PolicyPair,
  now: number,
  graceMs: number,
  steady: () => number,
): Promise<PolicyDesk> {
  /** by `steady`, and so of this process: whoever was connected to another has begun anew, and knows the head */
  let changedAt: number | null = null
  const links: Link[] = []

  function push(signed: SignedPolicy): void {
    if (signed.policy.epoch === links.length + 1)
      links.push({ signed, seams: joinMode(signed.policy.modeId, signed.parameters) })
  }

  for (const bytes of await store.policies()) push(followPolicy(links.at(-1)?.signed ?? null, bytes, pair.public))

  /** @throws Error where another relay has written to this store */
  async function append(signed: SignedPolicy, end: number): Promise<SignedPolicy> {
    if (!(await whenFree(() => store.addPolicy(signed.bytes, signed.policy.epoch), end)))
      throw new Error('another relay has written to this store')
    push(signed)
    return signed
  }
  const extend = (modeId: string, parameters: Uint8Array, time: number, end: number) =>
    append(signPolicy(modeId, parameters, time, links.at(-1)?.signed ?? null, pair.secret), end)
  if (links.length === 0) await extend('none', new Uint8Array(), now, patienceEnds())

  const head = () => (links.at(-1) as Link).signed
  /** One after the other: each link names the one before it. Nobody's patience begins when it is their turn. */
  const turns = queue()
  function inTurn<T>(work: (end: number) => Promise<T>): Promise<T> {
    const end = patienceEnds()
    return turns(() => work(end))
  }

  return {
    head,
    after: (epoch) => links.slice(epoch).map(({ signed }) => signed.bytes),

    change: (modeId, parameters, time) =>
      inTurn(async (end) => {
        try {
          joinMode(modeId, parameters)
        } catch (error) {
          if (error instanceof CryptoError) throw new RelayError('bad-request', error.message)
          throw error
        }
        const signed = await extend(modeId, parameters, time, end)
        changedAt = steady()
        return signed
      }),

    restore: (link) =>
      inTurn(async (end) => {
        if (links.some(({ signed }) => equal(signed.bytes, link))) return null
        try {
          const signed = followPolicy(head(), link, pair.public)
          joinMode(signed.policy.modeId, signed.parameters)
          await append(signed, end)
          changedAt = steady()
          return signed
        } catch (error) {
          if (error instanceof CryptoError) throw new RelayError('out-of-order', error.message)
          throw error
        }
      }),

    admit({ suite, policy, stanzas }) {
      const link = links[policy.epoch - 1]
      if (!link || !equal(link.signed.reference.digest, policy.digest))
        throw new RelayError('policy-unknown', 'the envelope names an access policy that this relay does not have')
      const behind = head().policy.epoch - policy.epoch
      const late = changedAt === null || steady() - changedAt > graceMs
      if (behind > 1 || (behind === 1 && late))
        throw new RelayError('policy-stale', 'the access policy has changed since this envelope was made')
      if (!link.seams.admit(stanzas, suite))
        throw new RelayError(
          'stanza-missing',
          `the envelope does not have the stanza that ${link.signed.policy.modeId} asks for`,
        )
    },
  }
}
