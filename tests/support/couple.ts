import { type Content, type MessageId } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { createAccount } from '../../crypto/identity.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { type SignedPolicy, signPolicy } from '../../crypto/policy.ts'
import { decodeHandshake, senderOf } from '../../crypto/pqxdh.ts'
import {
  type AgreementPrekeySecret,
  createPrekey,
  encodeBundle,
  type KemPrekeySecret,
  openBundle,
} from '../../crypto/prekeys.ts'
import type { Random } from '../../crypto/random.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
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
export const text = (body: string, random: Random): Content => ({
  kind: 'text',
  id: random(16) as MessageId,
  sequence: ++sequence,
  sentAt: 1_700_000_000_000,
  abandoned: [],
  text: body,
})

/** Two people before their first message: `alice.send` gives an encoded envelope, `bob.receive` reads one and keeps the next state. */
export function couple(
  seed: string | number,
  seams: MessageSeams = noSeams,
  modes?: Parameters<typeof policyChain>[1],
) {
  const random = seededRandom(seed)
  const [alice, bob] = [person('alice', random), person('bob', random)]
  const chain = policyChain(random, modes)
  const bundle = openBundle(encodeBundle(bob.prekeys), bob.device.record, 1)
  const first = openSession(
    alice.device,
    alice.signedList,
    bob.device.record,
    bundle,
    chain.head.reference,
    1_700_000_000_000,
    random,
  )
  return {
    random,
    chain,
    alice: end(alice, first, chain.head, seams, random),
    bob: end(bob, null, chain.head, seams, random),
  }
}

export type End = ReturnType<typeof end>

function end(self: TestPerson, start: Session | null, policy: SignedPolicy, seams: MessageSeams, random: Random) {
  let session = start
  return {
    ...self,
    get session(): Session {
      if (!session) throw new Error(`${self.device.record.user} has no session yet`)
      return session
    },
    set session(next: Session) {
      session = next
    },
    send(body: string, reference = policy.reference): Uint8Array {
      const { next, envelope } = encrypt(this.session, self.device.record, text(body, random), reference, seams, random)
      session = next
      return envelope
    },
    /** @throws CryptoError as `decrypt` does, and `not-authentic` where it says null */
    receive(bytes: Uint8Array): Content {
      const envelope = decodeEnvelope(bytes)
      if (!session) {
        if (!envelope.handshake) throw new Error('a first message without a handshake')
        const handshake = decodeHandshake(envelope.handshake)
        const opened = decrypt(
          answerSession(self.device, self.prekeys, senderOf(handshake), handshake),
          self.device.record,
          envelope,
          seams,
          random,
        )
        if (!opened) throw new Error('the header does not open')
        session = opened.next
        return opened.content
      }
      const opened = decrypt(session, self.device.record, envelope, seams, random)
      if (!opened) throw new Error('the header does not open')
      session = opened.next
      return opened.content
    },
  }
}
