import { createInterface } from 'node:readline'
import { type Device, refuses } from '../../device.ts'
import { ClientError } from '../../errors.ts'
import type { HistoryEntry } from '../../history.ts'
import type { Online } from '../../online.ts'
import { whileOnline } from '../context.ts'
import { linesOf } from '../entries.ts'
import { print, tell } from '../terminal.ts'
import { visible } from '../visible.ts'
import { isPassing, soon, untilSent } from '../waiting.ts'
import { openScreen } from './screen.ts'

const shownAtStart = 20

/** A conversation in lines: on a terminal with the line being typed kept apart, in a pipe as plain lines. */
export async function chat(name: string, flags: { readonly home: string }): Promise<void> {
  await whileOnline(flags.home, (device, connection) => {
    device.checkName(name)
    return process.stdin.isTTY && process.stdout.isTTY
      ? chatOnTerminal(device, connection, name)
      : chatInPipe(device, connection, name)
  })
}

/** With whom, whether verified, which access mode, and whether what is typed goes out. */
export function noticeOf(device: Device, connection: Online, name: string): string {
  const contact = device.contacts.get(name)
  const trust = !contact
    ? 'new'
    : contact.changed
      ? 'KEY CHANGED: nothing is sent'
      : contact.verified
        ? 'verified'
        : 'not verified'
  const head = device.policies.head()?.policy
  const mode = head?.modeId ?? 'none'
  const access = mode === 'none' ? 'access: none' : `access: ${visible(mode)}: its key reads this too`
  const unsent = device.history.unsent(name)
  const waiting =
    unsent === 0 ? '' : refuses(device) ? ` · ${unsent} kept: this device refuses the mode` : ` · ${unsent} waiting`
  const state = connection.state === 'offline' ? ' · offline' : ''
  return `${name} · ${trust} · ${access} (epoch ${head?.epoch ?? 0})${state}${waiting}`
}

/** A message that goes out is shown when it is written; the notice counts those that wait. */
const shown = (entry: HistoryEntry, self: string): string[] =>
  linesOf(entry.kind === 'message' && entry.direction === 'out' ? { ...entry, state: 'sent' } : entry, self, Date.now())

/** Follows the conversation. @returns when `running` says so, or the connection ends for good */
async function follow(
  device: Device,
  connection: Online,
  name: string,
  running: () => boolean,
  show: (lines: readonly string[]) => void,
  setNotice: (notice: string) => void,
): Promise<void> {
  const self = device.self.device.record.user
  const earlier = device.history.before(Number.MAX_SAFE_INTEGER, name, shownAtStart)
  let last = device.history.lastRow()
  show(earlier.flatMap((entry) => shown(entry, self)))
  while (running()) {
    const entries = device.history.after(last, name, 200)
    last = entries.at(-1)?.row ?? last
    if (entries.length > 0) show(entries.flatMap((entry) => shown(entry, self)))
    setNotice(noticeOf(device, connection, name))
    if (connection.fault && !isPassing(connection.fault)) throw connection.fault
    await soon(connection)
  }
}

async function chatOnTerminal(device: Device, connection: Online, name: string): Promise<void> {
  let running = true
  const write = (text: string) => {
    try {
      device.write(name, text)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      screen.print([`* ${error.message}`])
    }
  }
  const quit = () => (running = false)
  const screen = openScreen(process.stdin, process.stdout, write, quit)
  process.once('SIGTERM', quit)
  try {
    await follow(
      device,
      connection,
      name,
      () => running,
      (lines) => screen.print(lines),
      (notice) => screen.setNotice(notice),
    )
  } finally {
    screen.close()
  }
}

/** Every line of input is a message; at the end of input it waits until all are sent. */
async function chatInPipe(device: Device, connection: Online, name: string): Promise<void> {
  let running = true
  let notice = ''
  const input = createInterface({ input: process.stdin, crlfDelay: Infinity })
  const following = follow(
    device,
    connection,
    name,
    () => running,
    (lines) => lines.forEach(print),
    (next) => {
      if (next !== notice) print(`-- ${next} --`)
      notice = next
    },
  )
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
