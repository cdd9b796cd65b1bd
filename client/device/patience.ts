import { type Connection, RelayError } from '../../server/api.ts'
import { sleep } from './sleep.ts'

const firstPauseMs = 250
/** Together with the pauses before it, short enough for a device to keep its lease and to stop when it is told to. */
const longestPauseMs = 2_000

/**
 * A connection whose questions are asked again, after a growing pause, when the relay says `too-many`; and given up after
 * some four seconds. Submissions are not: the transmitter waits for all of them together.
 */
export function patient(connection: Connection): Connection {
  async function insist<T>(ask: () => Promise<T>): Promise<T> {
    for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
      try {
        return await ask()
      } catch (error) {
        if (!isTooMany(error) || pauseMs > longestPauseMs) throw error
      }
      await sleep(pauseMs)
    }
  }

  return {
    ...connection,
    publishPrekeys: (prekeys, replace) => insist(() => connection.publishPrekeys(prekeys, replace)),
    countPrekeys: () => insist(() => connection.countPrekeys()),
    devices: (user) => insist(() => connection.devices(user)),
    bundle: (address) => insist(() => connection.bundle(address)),
    sent: () => insist(() => connection.sent()),
  }
}

const isTooMany = (error: unknown): boolean => error instanceof RelayError && error.code === 'too-many'
