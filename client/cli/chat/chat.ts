import type { Device } from '../../device.ts'
import type { Online } from '../../online.ts'
import { needDevice, whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { hasColour } from '../terminal.ts'
import { isPassing } from '../waiting.ts'
import { chatInPipe } from './pipe.ts'
import { openScreen } from './screen.ts'
import { createTalk } from './talk.ts'

/** Talking with people: on a terminal a screen; in a pipe, and where a terminal has no cursor, plain lines. */
export async function chat(name: string | undefined, flags: { readonly home: string }): Promise<void> {
  const onTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb'
  needDevice(flags.home)
  if (!onTerminal && name === undefined)
    throw new Stop('user', 'in a pipe a conversation needs a name', 'doormat chat NAME')
  const end = await whileOnline(flags.home, async (device, connection) => {
    if (name !== undefined) device.checkName(name)
    if (onTerminal) return chatOnScreen(device, connection, name ?? null, process.stdin, process.stdout)
    return chatInPipe(device, connection, name ?? '')
  })
  // all is closed by now; an ordinary end would set the terminal's modes once more, and Node aborts where it has none
  if (end === 'terminal gone') process.kill(process.pid, 'SIGHUP')
}

const lookAgainMs = 1_000
const signals = ['SIGTERM', 'SIGINT'] as const

type End = 'left' | 'terminal gone'

/** Until the person leaves, somebody ends the process, or the connection ends for good. The terminal is given back. */
export async function chatOnScreen(
  device: Device,
  connection: Online,
  name: string | null,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
): Promise<End> {
  const over = new AbortController()
  let [end, fail] = [(_how: End) => {}, (_error: unknown) => {}]
  const ended = new Promise<End>((resolve, reject) => ([end, fail] = [resolve, reject]))
  const quit = () => end('left')
  const hangUp = () => end('terminal gone')
  const size = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 })
  const talk = createTalk(device, connection, size, quit)

  /** Does something and shows what has come of it; what goes wrong ends the chat. */
  function show(work: () => void): void {
    if (over.signal.aborted) return
    try {
      work()
      screen.draw(talk.frame())
      if (connection.fault && !isPassing(connection.fault)) fail(connection.fault)
    } catch (error) {
      fail(error)
    }
  }

  const screen = openScreen(stdin, stdout, hasColour(stdout), {
    input: (inputs) =>
      show(() => {
        for (const input of inputs) {
          if (input.kind === 'key' && input.key === 'ctrl-l') screen.forget()
          talk.take(input)
        }
      }),
    resize: () => show(() => undefined),
  })
  async function follow(): Promise<void> {
    while (!over.signal.aborted) {
      await connection.changed()
      show(talk.refresh)
    }
  }

  for (const signal of signals) process.once(signal, quit)
  process.once('SIGHUP', hangUp)
  for (const stream of [stdin, stdout]) stream.once('error', hangUp)
  const again = setInterval(() => show(talk.refresh), lookAgainMs)
  try {
    show(() => (name === null ? talk.refresh() : talk.open(name)))
    void follow()
    return await ended
  } finally {
    over.abort()
    clearInterval(again)
    for (const signal of signals) process.off(signal, quit)
    process.off('SIGHUP', hangUp)
    screen.close()
  }
}
