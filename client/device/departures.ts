import { deviceIn } from '../../crypto/identity.ts'
import type { DeviceAddress, Relay } from '../../server/api.ts'
import { openKnownList } from './opened-lists.ts'
import { bytesOf, type DeviceStore } from './store.ts'

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
export function watchDepartures(relay: Relay, store: DeviceStore): Departures {
  const left = new Map<number, Departed>()

  function note({ user, device }: DeviceAddress, envelope: Uint8Array): void {
    const found = store.get(
      `SELECT history.row, contact.list FROM outbox
       JOIN history ON history.row = outbox.message AND history.peer = outbox.user
       JOIN contact ON contact.user = outbox.user
       WHERE outbox.user = ? AND outbox.device = ? AND outbox.envelope = ?`,
      user,
      device,
      envelope,
    )
    if (!found || !deviceIn(openKnownList(bytesOf(found['list'])), device)) return
    left.set(Number(found['row']), { to: user, envelope })
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
