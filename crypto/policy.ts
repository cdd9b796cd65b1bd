import { concat, decode, equal, field, type Reader, textField, u32, u64, u8, Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { readSuite, suite } from './identity.ts'
import { checkSigningKey } from './keys.ts'
import { digest, labels, sign, verify } from './kdf.ts'
import { type Digest, keySizeBytes, type PolicyKey, type PolicySecret, signatureSizeBytes } from './keys.ts'

/** One link of the operator's chain: which access mode is in force from this epoch on. */
export interface Policy {
  /** 1, 2, 3 and on, without a gap */
  readonly epoch: number
  readonly modeId: string
  readonly parametersDigest: Digest
  /** the operator's clock when it was made, milliseconds since 1970 */
  readonly time: number
  /** digest of the link before; 32 zero bytes in the first */
  readonly previous: Digest
}

/** How envelopes and handshakes name the policy they were made under: 4 bytes epoch, 32 bytes digest. */
export interface PolicyReference {
  readonly epoch: number
  readonly digest: Digest
}

/** A link with what it commits to: the mode's public parameters and the operator's signature. */
export interface SignedPolicy {
  readonly policy: Policy
  readonly reference: PolicyReference
  readonly parameters: Uint8Array
  readonly bytes: Uint8Array
}

export const parametersMaximumBytes = 16_384

export const policyReferenceSizeBytes = 36

export function writePolicyReference(to: Writer, { epoch, digest }: PolicyReference): void {
  to.u32(epoch)
  to.bytes(digest)
}

export const encodePolicyReference = (reference: PolicyReference): Uint8Array => {
  const bytes = new Uint8Array(policyReferenceSizeBytes)
  writePolicyReference(new Writer(bytes), reference)
  return bytes
}

export function readPolicyReference(reader: Reader): PolicyReference {
  const epoch = reader.u32()
  if (epoch === 0) throw new CryptoError('malformed', 'epochs begin at 1')
  return { epoch, digest: reader.take(keySizeBytes) as Digest }
}

/** How a mode is named on the wire and on screens: lower-case letters, digits and hyphens, 1 to 48. */
export function readModeId(reader: Reader): string {
  const id = reader.text(48)
  if (!isModeId(id)) throw new CryptoError('malformed', 'not the id of an access mode')
  return id
}

const isModeId = (id: string) => /^[a-z0-9-]{1,48}$/.test(id)

const encodePolicy = (policy: Policy) =>
  concat(
    u8(suite),
    u32(policy.epoch),
    textField(policy.modeId),
    policy.parametersDigest,
    u64(policy.time),
    policy.previous,
  )

/** @returns policy, parameters behind their length, and 64 bytes of signature over the policy */
export function signPolicy(
  modeId: string,
  parameters: Uint8Array,
  time: number,
  head: SignedPolicy | null,
  secret: PolicySecret,
): SignedPolicy {
  if (!isModeId(modeId)) throw new CryptoError('malformed', 'not the id of an access mode')
  if (parameters.length > parametersMaximumBytes) throw new CryptoError('malformed', 'policy parameters are too long')
  const policy: Policy = {
    epoch: (head?.policy.epoch ?? 0) + 1,
    modeId,
    parametersDigest: digest(labels.policyParameters, parameters),
    time,
    previous: head?.reference.digest ?? (new Uint8Array(32) as Digest),
  }
  const body = encodePolicy(policy)
  const bytes = concat(field(body), field(parameters), sign(labels.policy, secret, body))
  return { policy, reference: { epoch: policy.epoch, digest: digest(labels.policy, body) }, parameters, bytes }
}

/**
 * Decodes one link and checks that it follows the head: epoch, previous digest, signature, digest of the parameters.
 * @param head the last link known, null before the first
 * @throws CryptoError `malformed` | `bad-signature` | `policy-broken`
 */
export function followPolicy(head: SignedPolicy | null, bytes: Uint8Array, key: PolicyKey): SignedPolicy {
  const [body, parameters, signature] = decode(
    bytes,
    (reader) => [reader.field(256), reader.field(parametersMaximumBytes), reader.take(signatureSizeBytes)] as const,
  )
  verify(labels.policy, checkSigningKey(key), body, signature)
  const policy = decode(body, readPolicy)
  if (policy.epoch !== (head?.policy.epoch ?? 0) + 1)
    throw new CryptoError('policy-broken', 'the access policy skips or repeats an epoch')
  if (!equal(policy.previous, head?.reference.digest ?? new Uint8Array(32)))
    throw new CryptoError('policy-broken', 'the access policy forks from the one known')
  if (!equal(policy.parametersDigest, digest(labels.policyParameters, parameters)))
    throw new CryptoError('policy-broken', "the access policy's parameters are not those signed")
  return { policy, reference: { epoch: policy.epoch, digest: digest(labels.policy, body) }, parameters, bytes }
}

function readPolicy(reader: Reader): Policy {
  readSuite(reader)
  return {
    epoch: reader.u32(),
    modeId: readModeId(reader),
    parametersDigest: reader.take(keySizeBytes) as Digest,
    time: reader.u64(),
    previous: reader.take(keySizeBytes) as Digest,
  }
}
