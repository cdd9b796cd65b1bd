import type { Device } from '../../device/device.ts'
import type { HistoryEntry, HistoryMessage } from '../../device/history-entries.ts'
import type { Online } from '../../device/online.ts'
import { linesOf, viewerOf } from '../entries.ts'
import { checkFaults, takeLines } from '../lines.ts'
import { print, printed } from '../output.ts'
import { relayMayRecover, soon, standingOf, untilAllSent } from '../waiting.ts'
import { inOneLine, noticeOf } from '../../words/notice.ts'

const shownAtStart = 20

/** A message that goes out is shown when it is written; the notice counts those that wait. */
const shown = (entry: HistoryEntry, device: Device): string[] =>
  linesOf(
    entry.kind === 'message' && entry.direction === 'out' ? { ...entry, state: 'sent' } : entry,
    viewerOf(device),
    Date.now(),
  )

/** Prints the conversation. @returns when `running` says so, or the connection ends for good */
async function follow(device: Device, connection: Online, name: string, running: () => boolean): Promise<void> {
  const show = (entries: readonly HistoryEntry[]) => entries.flatMap((entry) => shown(entry, device)).forEach(print)
  let last = device.history.lastRow()
  let notice = ''
  show(device.history.before(Number.MAX_SAFE_INTEGER, name, shownAtStart))
  while (running()) {
    await printed()
    const entries = device.history.after(last, name, 200)
    last = entries.at(-1)?.row ?? last
    show(entries)
    const next = inOneLine(noticeOf(device, standingOf(connection), name))
    if (next !== notice) print(`-- ${next} --`)
    notice = next
    if (connection.fault && !relayMayRecover(connection.fault)) throw connection.fault
    await soon(connection)
  }
}

/** Every line of input is a message; at the end of input it waits until all are sent. */
export async function chatInPipe(device: Device, connection: Online, name: string): Promise<void> {
  let running = true
  const following = follow(device, connection, name, () => running)
  // what ends the conversation for good ends the reading too
  following.catch((fault: Error) => process.stdin.destroy(fault))
  const written: HistoryMessage[] = []
  let faults = 0
  try {
    faults = await takeLines(process.stdin, (text) => {
      if (text.trim() !== '') written.push(device.write(name, text))
    })
    await untilAllSent(device, connection, name, written, () => undefined)
    await soon(connection)
  } finally {
    running = false
    await following
  }
  checkFaults(faults)
}
