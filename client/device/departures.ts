import { deviceIn } from '../../crypto/identity.ts'
import type { DeviceAddress, Relay } from '../../server/api.ts'
import { openKnownList } from './opened-lists.ts'
import type { DeviceStore } from './store.ts'

const keptMaximum = 200

/** What left for one message: to one device that whoever it was written to shows to others, and not a copy for any other. */
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
export function watchDepartures(relay: Relay, { tables }: DeviceStore): Departures {
  const left = new Map<number, Departed>()

  function note(to: DeviceAddress, envelope: Uint8Array): void {
    const row = tables.outbox.messageIn(to, envelope)
    const contact = row === null ? null : tables.contacts.get(to.user)
    if (row === null || tables.history.get(row)?.peer !== to.user || !contact) return
    if (!deviceIn(openKnownList(contact.list), to.device)) return
    left.set(row, { to: to.user, envelope })
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
            note(submission.to, submission.envelope)
            return connection.submit(submission)
          },
        }
      },
    },
    of: (row) => left.get(row) ?? null,
  }
}
