import { createInterface } from 'node:readline'
import type { Device } from '../../device.ts'
import { ClientError } from '../../errors.ts'
import type { HistoryEntry } from '../../history.ts'
import type { Online } from '../../online.ts'
import { linesOf } from '../entries.ts'
import { print, printed, tell } from '../output.ts'
import { isPassing, soon, untilSent } from '../waiting.ts'
import { inOneLine, noticeOf } from './notice.ts'

const shownAtStart = 20

/** A message that goes out is shown when it is written; the notice counts those that wait. */
const shown = (entry: HistoryEntry, self: string): string[] =>
  linesOf(entry.kind === 'message' && entry.direction === 'out' ? { ...entry, state: 'sent' } : entry, self, Date.now())

/** Prints the conversation. @returns when `running` says so, or the connection ends for good */
async function follow(device: Device, connection: Online, name: string, running: () => boolean): Promise<void> {
  const self = device.self.device.record.user
  const show = (entries: readonly HistoryEntry[]) => entries.flatMap((entry) => shown(entry, self)).forEach(print)
  let last = device.history.lastRow()
  let notice = ''
  show(device.history.before(Number.MAX_SAFE_INTEGER, name, shownAtStart))
  while (running()) {
    await printed()
    const entries = device.history.after(last, name, 200)
    last = entries.at(-1)?.row ?? last
    show(entries)
    const next = inOneLine(noticeOf(device, connection, name))
    if (next !== notice) print(`-- ${next} --`)
    notice = next
    if (connection.fault && !isPassing(connection.fault)) throw connection.fault
    await soon(connection)
  }
}

/** Every line of input is a message; at the end of input it waits until all are sent. */
export async function chatInPipe(device: Device, connection: Online, name: string): Promise<void> {
  let running = true
  const input = createInterface({ input: process.stdin, crlfDelay: Infinity })
  const following = follow(device, connection, name, () => running)
  // what ends the conversation for good ends the reading too, and is told when it is awaited below
  following.catch(() => input.close())
  const written = []
  for await (const text of input) {
    try {
      if (text.trim() !== '') written.push(device.write(name, text))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      tell(`doormat: ${error.message}`)
    }
  }
  try {
    await untilSent(device, connection, written, () => undefined)
    await soon(connection)
  } finally {
    running = false
    await following
  }
}
