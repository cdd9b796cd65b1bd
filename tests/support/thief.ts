import { decodeEnvelope } from '../../crypto/envelope.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import { decodeSession, decrypt, encodeSession, type Session } from '../../crypto/session.ts'
import { type End, noSeams } from './couple.ts'
import { seededRandom } from './random.ts'

/**
 * Somebody who copied a device's session, once. Follows the conversation from there as well as the copy allows: what
 * the victim is sent, and what the victim sends in the chain it was in.
 */
export function thiefOf(victim: End) {
  const random = seededRandom('a thief')
  let ear = decodeSession(encodeSession(victim.session))
  let echo = echoOf(ear, victim.device.record)
  const own = victim.device.record
  const { theirs } = ear

  return {
    /** @returns the text, or null when the copy does not open this message */
    read(bytes: Uint8Array): string | null {
      const heard = attempt(ear, own, bytes)
      if (heard) ear = heard.next
      const echoed = attempt(echo, theirs, bytes)
      if (echoed) echo = echoed.next
      return (heard ?? echoed)?.content.text ?? null
    },
  }

  function attempt(session: Session, reader: DeviceRecord, bytes: Uint8Array) {
    try {
      return decrypt(session, reader, decodeEnvelope(bytes), noSeams, random)
    } catch {
      return null
    }
  }
}

/** The victim's session turned round, so that it reads what the victim writes with the sending keys it had. */
function echoOf(session: Session, victim: DeviceRecord): Session {
  const { ratchet } = session
  const chain = ratchet.sending && { ...ratchet.sending, ratchetKey: ratchet.ours.public, kept: [] }
  return {
    ...session,
    isOurs: !session.isOurs,
    theirs: victim,
    ratchet: {
      ...ratchet,
      receiving: chain ? [chain] : [],
      nextReceivingHeaderKey: ratchet.nextSendingHeaderKey,
    },
  }
}
