import type { Relay } from '../../server/api.ts'
import type { DeviceStore } from './store.ts'

const keptMaximum = 200

/** What left for one message: to one device of whoever it was written to. */
export interface Departed {
  readonly to: string
  readonly envelope: Uint8Array
}

/** Remembers, in memory alone, the bytes of the latest messages that left. */
export interface Departures {
  readonly relay: Relay
  /** by the message's row in the history; null where that is not known any more */
  of(row: number): Departed | null
}

/** @param store in whose outbox an envelope stands until the relay has it */
export function watchDepartures(relay: Relay, store: DeviceStore): Departures {
  const left = new Map<number, Departed>()

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
    of: (row) => left.get(row) ?? null,
  }
}
