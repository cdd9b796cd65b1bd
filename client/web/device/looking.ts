import { hex } from '../../../crypto/bytes.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import type { Departed } from '../../device/departures.ts'
import type { InsideView } from './protocol.ts'

const shownBytes = 512

/** What left this phone for one message, as far as anybody on the way can see it. */
export function outsideOf(departed: Departed | null): InsideView['envelope'] {
  if (!departed) return null
  const { to, envelope } = departed
  const { stanzas, ciphertext } = decodeEnvelope(envelope)
  return {
    to,
    sizeBytes: envelope.length,
    ciphertextBytes: ciphertext.length,
    sealed: stanzas.map(({ modeId, payload }) => ({ mode: modeId, sizeBytes: payload.length })),
    hex: hex(envelope.subarray(0, shownBytes)),
  }
}
