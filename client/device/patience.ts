import { type Connection, RelayError } from '../../server/api.ts'
import { sleep } from './sleep.ts'

const firstPauseMs = 250
/** Together with the pauses before it, short enough for a device to keep its lease and to stop when it is told to. */
const longestPauseMs = 2_000

/** What a question is asked again after, and until when. */
interface Insistence {
  /** with pauses of at most two seconds between them */
  readonly tries: number
  /** after which refusals; `too-many` without it */
  readonly after?: (error: unknown) => boolean
  /** ends the pauses, and with them the asking */
  readonly signal?: AbortSignal | undefined
}

/** Asks again, after a growing pause, where the relay says `too-many`, or something else that passes. */
export async function insist<T>(ask: () => Promise<T>, { tries, after = isTooMany, signal }: Insistence): Promise<T> {
  for (let [pauseMs, left] = [firstPauseMs, tries]; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (!after(error) || left <= 1 || signal?.aborted) throw error
    }
    await sleep(pauseMs, signal)
    pauseMs = Math.min(2 * pauseMs, longestPauseMs)
  }
}

/** With the pauses between them some four seconds: short enough for a device to keep its lease. */
const usually = { tries: 5 }

/**
 * A connection whose questions are asked again, after a growing pause, when the relay says `too-many`; and given up after
 * some four seconds. Submissions are not: the transmitter waits for all of them together.
 */
export function patient(connection: Connection): Connection {
  return {
    ...connection,
    publishPrekeys: (prekeys, replace) => insist(() => connection.publishPrekeys(prekeys, replace), usually),
    countPrekeys: () => insist(() => connection.countPrekeys(), usually),
    devices: (user) => insist(() => connection.devices(user), usually),
    bundle: (address) => insist(() => connection.bundle(address), usually),
    sent: () => insist(() => connection.sent(), usually),
  }
}

export const isTooMany = (error: unknown): boolean => error instanceof RelayError && error.code === 'too-many'
