import { concat, u32, u8 } from '../../crypto/bytes.ts'
import { type Content, encodeContent } from '../../crypto/content.ts'
import { decodeEnvelope, encodeStanzas } from '../../crypto/envelope.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import { derive, digest, labels } from '../../crypto/kdf.ts'
import { agree, type AgreementKey, type Digest, type MessageKey } from '../../crypto/keys.ts'
import { encodePolicyReference, type PolicyReference } from '../../crypto/policy.ts'
import type { RatchetState } from '../../crypto/ratchet-state.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { decrypt, encrypt, type Session } from '../../crypto/session.ts'
import sodium from '../../crypto/sodium.ts'
import { padded } from '../support/forger.ts'
import { seededRandom } from '../support/random.ts'

/** One end of a conversation, at one moment. */
export interface Seat {
  readonly self: DeviceRecord
  readonly session: Session
}

/** What is in force: a policy, what its mode asks, and to whom it seals. */
export interface Rules {
  readonly reference: PolicyReference
  readonly seams: MessageSeams
  readonly custodianKey: Uint8Array | null
}

/** One message from one end to the other: where both then stand, and every step between, outermost in section 9. */
export function say(from: Seat, to: Seat, content: Content, rules: Rules, name: string) {
  const { reference, seams } = rules
  const sent = encrypt(from.session, from.self, content, reference, seams, seededRandom(`vectors: ${name}`))
  const envelope = decodeEnvelope(sent.envelope)
  const read = decrypt(to.session, to.self, envelope, seams, seededRandom(`vectors: ${name}, read`))
  if (!read) throw new Error(`the message "${name}" is not read`)

  const messageKeys = keysOf(from.session.ratchet)
  const context = digest(
    labels.context,
    from.session.transcript,
    u8(from.session.isOurs ? 1 : 2),
    envelope.handshake ?? new Uint8Array(),
    envelope.encryptedHeader,
    encodePolicyReference(reference),
  )
  const stanzas = encodeStanzas(envelope.stanzas)
  const entry = {
    from: from.self.user,
    to: to.self.user,
    reference: encodePolicyReference(reference),
    handshake: envelope.handshake,
    header: headerOf(from.session.ratchet, envelope.encryptedHeader),
    keys: messageKeys,
    content: { ...content, encoded: encodeContent(content) },
    context,
    escrow: rules.custodianKey && escrowed(rules.custodianKey, messageKeys, context, reference),
    stanzas,
    associatedData: concat(context, stanzas),
    padded: padded(encodeContent(content)),
    nonce: envelope.nonce,
    ciphertext: envelope.ciphertext,
    commitment: envelope.commitment,
    envelope: sent.envelope,
    turn: turned(to.session.ratchet, read.next.ratchet),
    sender: state(sent.next.ratchet),
    recipient: state(read.next.ratchet),
  }
  return { from: { ...from, session: sent.next }, to: { ...to, session: read.next }, entry }
}

/** Section 7: where a ratchet stands. `chainKey` is the one for `index`. */
export const state = ({ rootKey, ours, sending, receiving, ...rest }: RatchetState) => ({
  rootKey: rootKey as Uint8Array,
  ratchetSecret: ours.secret,
  ratchetKey: ours.public,
  sending: sending && { chainKey: sending.chainKey, headerKey: sending.headerKey, index: sending.index },
  nextSendingHeaderKey: rest.nextSendingHeaderKey as Uint8Array,
  nextReceivingHeaderKey: rest.nextReceivingHeaderKey as Uint8Array,
  previousCount: rest.previousCount,
  receiving: receiving.map(({ ratchetKey, headerKey, chainKey, index }) => ({
    ratchetKey,
    headerKey,
    chainKey,
    index,
  })),
  epoch: rest.epoch,
})

/** Section 7: the chain key that the message starts from, and its message key; section 8: what comes from that. */
function keysOf({ sending }: RatchetState) {
  if (!sending) throw new Error('nothing to send with')
  const messageKey = derive<Uint8Array>(labels.chainStep, sending.chainKey, [], 64).slice(32) as MessageKey
  const bodyKeys = derive<Uint8Array>(labels.messageKeys, messageKey, [], 64)
  return {
    chainKey: sending.chainKey as Uint8Array,
    messageKey: messageKey as Uint8Array,
    encryptionKey: bodyKeys.slice(0, 32),
    commitmentKey: bodyKeys.slice(32),
    stanzaSeed: derive<Uint8Array>(labels.stanzaSeed, messageKey),
  }
}

const headerOf = ({ ours, previousCount, sending }: RatchetState, encryptedHeader: Uint8Array) => ({
  key: sending?.headerKey as Uint8Array,
  nonce: encryptedHeader.slice(0, 24),
  header: concat(ours.public, u32(previousCount), u32(sending?.index ?? 0)),
  encrypted: encryptedHeader,
})

/** Section 7: the two root steps of a recipient who sees a new ratchet key. */
function turned(before: RatchetState, after: RatchetState) {
  const theirs = after.receiving[0]?.ratchetKey as AgreementKey
  if (after.ours === before.ours) return null
  const received = agree(before.ours.secret, theirs)
  return {
    receivingSecret: received,
    rootKeyBetween: derive<Uint8Array>(labels.rootStep, before.rootKey, [received], 64).slice(0, 32),
    sendingSecret: agree(after.ours.secret, theirs),
  }
}

/** Section 13, up to the stanza that stands in the envelope. */
function escrowed(
  custodianKey: Uint8Array,
  { encryptionKey, stanzaSeed }: ReturnType<typeof keysOf>,
  context: Digest,
  policy: PolicyReference,
) {
  const payload = concat(encryptionKey, context)
  const reference = encodePolicyReference(policy)
  const coins = derive<Uint8Array>(labels.escrowCoins, stanzaSeed, [reference, custodianKey, payload], 64)
  const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(custodianKey, coins)
  return {
    payload,
    coins,
    kemCiphertext: ciphertext,
    kemSecret: sharedSecret,
    wrapKey: derive<Uint8Array>(labels.escrowWrap, sharedSecret),
  }
}
