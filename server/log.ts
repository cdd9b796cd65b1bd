import { constants, fstatSync, openSync, writeSync } from 'node:fs'

/** What pino writes to. */
export interface LogDestination {
  write(line: string): void
}

/**
 * The log on standard error. What cannot be written at once, on a full disk, into a closed pipe, or because its reader has
 * stopped, is left out and counted: a relay waits for nobody who reads its log, and never ends for their sake. The next
 * line that can be written comes after one that says how many are missing.
 */
export function openLog(): LogDestination {
  const file = withoutWaiting(2)
  /** the end of a line of which only the beginning could be written */
  let rest: Uint8Array = new Uint8Array()
  let lost = 0

  /** @returns whether all that was to be written before is, and at least the beginning of this */
  function put(text: string): boolean {
    try {
      if (rest.length > 0) rest = rest.subarray(writeSync(file, rest))
      if (rest.length > 0) return false
      const bytes = Buffer.from(text)
      rest = bytes.subarray(writeSync(file, bytes))
      return true
    } catch {
      return false
    }
  }

  return {
    write(line) {
      if (lost > 0 && put(gap(lost))) lost = 0
      if (lost > 0 || !put(line)) lost += 1
    },
  }
}

/** For a person on a terminal: what went wrong, with its time; `report` has left out everything of anybody's content. */
export const plainly = (log: LogDestination): LogDestination => ({
  write(line) {
    const { time, msg } = JSON.parse(line) as { readonly time: number; readonly msg: string }
    log.write(`${new Date(time).toTimeString().slice(0, 8)} relay: ${msg}\n`)
  },
})

const gap = (lost: number) =>
  `${JSON.stringify({ level: 40, time: Date.now(), lost, msg: 'lines are missing here: the log could not be written' })}\n`

/** A pipe or a terminal is opened a second time, because others who write to it may go on waiting. A socket cannot be. */
function withoutWaiting(descriptor: number): number {
  // a socket does not wait once Node has made a stream of it
  void process.stderr
  const status = fstatSync(descriptor)
  if (!status.isFIFO() && !status.isCharacterDevice()) return descriptor
  try {
    return openSync(`/dev/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return descriptor
  }
}
