import { puppetOf } from '../../crypto/access/puppet.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { encodeBundle, isKem, openBundle } from '../../crypto/prekeys.ts'
import { decrypt, encrypt, openSession } from '../../crypto/session.ts'
import { noSeams, person, policyChain, text } from './couple.ts'
import { seededRandom } from './random.ts'

/**
 * Alice, who is the same each time, writes to the puppet called Bob with its first one-time keys.
 * @param startedAt of her session with it, which is another one for another time
 */
export function writesToPuppet(seed: Uint8Array, startedAt = 1) {
  const people = seededRandom('alice')
  const alice = person('alice', people)
  const { record } = alice.device
  const { reference } = policyChain(people).head
  const random = seededRandom(`session ${startedAt}`)
  const { device, prekeys } = puppetOf(seed, 'bob')
  const all = prekeys()
  const [signed, oneTime, kem] = (['signed', 'one-time', 'KEM one-time'] as const).map((wanted) =>
    all.find(({ kind }) => kind === wanted),
  )
  if (!signed || !oneTime || !kem || isKem(signed) || isKem(oneTime) || !isKem(kem)) throw new Error('no such prekeys')
  const bundle = openBundle(encodeBundle({ signed, oneTime, kem }), device.record, 1)
  let session = openSession(alice.device, alice.signedList, device.record, bundle, reference, startedAt, random)
  const ends = { fromUser: 'alice', fromDevice: record.id, toUser: 'bob', toDevice: device.record.id }
  return {
    alice,
    device,
    reference,
    send(body: string) {
      const { next, envelope } = encrypt(session, record, text(body, random), reference, noSeams, random)
      session = next
      return { time: 0, ...ends, bytes: envelope }
    },
    /** What she reads of it. Null where it is not of this session. */
    receive(bytes: Uint8Array) {
      const opened = decrypt(session, record, decodeEnvelope(bytes), noSeams, random)
      session = opened?.next ?? session
      return opened?.content ?? null
    },
  }
}
