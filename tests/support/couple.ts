import type { Attachment } from '../../crypto/attachment.ts'
import { hex } from '../../crypto/bytes.ts'
import type { Content } from '../../crypto/content.ts'
import { decodeEnvelope, type Envelope } from '../../crypto/envelope.ts'
import { createAccount } from '../../crypto/identity.ts'
import { generatePolicyPair, wipe } from '../../crypto/keys.ts'
import { type SignedPolicy, signPolicy } from '../../crypto/policy.ts'
import { type AnsweringKeys, decodeHandshake, type Handshake, senderOf } from '../../crypto/pqxdh.ts'
import {
  type AgreementPrekeySecret,
  createPrekey,
  encodeBundle,
  type KemPrekeySecret,
  openBundle,
} from '../../crypto/prekeys.ts'
import type { Random } from '../../crypto/random.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import type { Place } from '../../crypto/ratchet-state.ts'
import { answerSession, decrypt, encrypt, openSession, type Session } from '../../crypto/session.ts'
import { seededRandom } from './random.ts'

export const noSeams: MessageSeams = { outgoing: () => [], incoming: () => undefined }

export const inTheFuture = 4_000_000_000

/** A person with one device and a full set of prekeys, without any store. */
export function person(user: string, random: Random) {
  const account = createAccount(user, random)
  return {
    ...account,
    prekeys: {
      signed: createPrekey('signed', 1, inTheFuture, account.device, random) as AgreementPrekeySecret,
      oneTime: createPrekey('one-time', 2, inTheFuture, account.device, random) as AgreementPrekeySecret,
      kem: createPrekey('KEM one-time', 3, inTheFuture, account.device, random) as KemPrekeySecret,
      lastResort: createPrekey('KEM last-resort', 4, inTheFuture, account.device, random) as KemPrekeySecret,
    },
  }
}

export type TestPerson = ReturnType<typeof person>

export function policyChain(
  random: Random,
  modes: readonly { id: string; parameters: Uint8Array }[] = [{ id: 'none', parameters: new Uint8Array() }],
) {
  const pair = generatePolicyPair(random)
  const links: SignedPolicy[] = []
  for (const [i, mode] of modes.entries())
    links.push(signPolicy(mode.id, mode.parameters, i + 1, links.at(-1) ?? null, pair.secret))
  return { pair, links, head: links.at(-1) as SignedPolicy }
}

let sequence = 0
export const text = (body: string, random: Random, abandoned: readonly Place[] = []): Content => ({
  kind: 'text',
  id: hex(random(16)),
  sequence: ++sequence,
  sentAt: 1_700_000_000_000,
  abandoned,
  text: body,
})

export interface CoupleOptions {
  /** where Bob's client does not do what Alice's does */
  bobsSeams?: MessageSeams
  /** the epoch of the handshake, and of what is sent without naming another; the last unless told */
  openingEpoch?: number
  /** what the directory hands out for Bob; everything unless told */
  handsOut?: (bob: TestPerson) => AnsweringKeys
  /** whether each state is wiped of what it has spent as soon as the next one stands, as a client does */
  forgets?: boolean
}

/** Two people before their first message: `alice.send` gives an encoded envelope, `bob.receive` reads one and keeps the next state. */
export function couple(
  seed: string | number,
  seams: MessageSeams = noSeams,
  modes?: Parameters<typeof policyChain>[1],
  { bobsSeams = seams, openingEpoch, handsOut = (bob) => bob.prekeys, forgets = false }: CoupleOptions = {},
) {
  const random = seededRandom(seed)
  const [alice, bob] = [person('alice', random), person('bob', random)]
  const chain = policyChain(random, modes)
  const forget = (spent: readonly Uint8Array[]) => (forgets ? wipe(...spent) : undefined)
  const opening = chain.links.find(({ policy }) => policy.epoch === openingEpoch) ?? chain.head
  const bundle = openBundle(encodeBundle(handsOut(bob)), bob.device.record, 1)
  const first = openSession(
    alice.device,
    alice.signedList,
    bob.device.record,
    bundle,
    opening.reference,
    1_700_000_000_000,
    random,
  )
  return {
    random,
    chain,
    alice: end(alice, first, opening, seams, random, forget),
    bob: end(bob, null, opening, bobsSeams, random, forget),
  }
}

export type End = ReturnType<typeof end>

/** The prekeys that a handshake names, as far as this person has them. */
export const answeringKeys = ({ prekeys }: TestPerson, handshake: Handshake): AnsweringKeys => ({
  signed: prekeys.signed,
  oneTime: handshake.oneTimePrekeyId === null ? null : prekeys.oneTime,
  kem: handshake.kemPrekeyId === prekeys.lastResort.id ? prekeys.lastResort : prekeys.kem,
})

/** The session that a first message would open, nothing of it checked yet. */
function answer(self: TestPerson, envelope: Envelope): Session {
  if (!envelope.handshake) throw new Error('a first message without a handshake')
  const handshake = decodeHandshake(envelope.handshake)
  return answerSession(self.device, answeringKeys(self, handshake), senderOf(handshake), handshake)
}

function end(
  self: TestPerson,
  start: Session | null,
  policy: SignedPolicy,
  seams: MessageSeams,
  random: Random,
  forget: (spent: readonly Uint8Array[]) => void,
) {
  let session = start
  return {
    ...self,
    get started(): boolean {
      return session !== null
    },
    get session(): Session {
      if (!session) throw new Error(`${self.device.record.user} has no session yet`)
      return session
    },
    set session(next: Session) {
      session = next
    },
    send(
      body: string,
      reference = policy.reference,
      abandoned: readonly Place[] = [],
      attachment?: Attachment,
    ): Uint8Array {
      const content = { ...text(body, random, abandoned), ...(attachment && { attachment }) } as Content
      const sent = encrypt(this.session, self.device.record, content, reference, seams, random)
      session = sent.next
      forget(sent.spent)
      return sent.envelope
    },
    /** @throws CryptoError as `decrypt` does, and Error `the header does not open` where it says null */
    receive(bytes: Uint8Array): Content {
      const envelope = decodeEnvelope(bytes)
      const opened = decrypt(session ?? answer(self, envelope), self.device.record, envelope, seams, random)
      if (!opened) throw new Error('the header does not open')
      session = opened.next
      forget(opened.spent)
      return opened.content
    },
  }
}
