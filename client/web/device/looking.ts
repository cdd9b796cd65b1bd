import { hex } from '../../../crypto/bytes.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import type { Relay } from '../../../server/api.ts'
import type { DeviceStore } from '../../device/store.ts'
import type { InsideView } from './protocol.ts'

const keptMaximum = 200
const shownBytes = 512

interface Left {
  readonly to: string
  readonly envelope: Uint8Array
}

/** Remembers, in memory alone, the bytes of the latest messages that left. */
export interface Departures {
  readonly relay: Relay
  /** by the message's row in the history */
  of(row: number): InsideView['envelope']
}

/** @param store in whose outbox an envelope stands until the relay has it */
export function watchDepartures(relay: Relay, store: DeviceStore): Departures {
  const left = new Map<number, Left>()

  function note(to: string, envelope: Uint8Array): void {
    const row = store.get('SELECT message FROM outbox WHERE user = ? AND envelope = ?', to, envelope)
    if (row?.['message'] === null || row === null) return
    left.set(Number(row['message']), { to, envelope })
    const [oldest] = left.keys()
    if (left.size > keptMaximum && oldest !== undefined) left.delete(oldest)
  }

  return {
    relay: {
      ...relay,
      async connect(answer, listener) {
        const connection = await relay.connect(answer, listener)
        return {
          ...connection,
          submit(submission) {
            note(submission.to.user, submission.envelope)
            return connection.submit(submission)
          },
        }
      },
    },
    of(row) {
      const found = left.get(row)
      if (!found) return null
      const { stanzas, ciphertext } = decodeEnvelope(found.envelope)
      return {
        to: found.to,
        sizeBytes: found.envelope.length,
        ciphertextBytes: ciphertext.length,
        sealed: stanzas.map(({ modeId, payload }) => ({ mode: modeId, sizeBytes: payload.length })),
        hex: hex(found.envelope.subarray(0, shownBytes)),
      }
    },
  }
}
