import type { Device } from '../../device/device.ts'
import type { Online } from '../../device/online.ts'
import { addressee } from '../addressee.ts'
import { needDevice, whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { hasColour } from '../terminal.ts'
import { visibleLines } from '../../words/visible.ts'
import { mayPass } from '../waiting.ts'
import { createEnding, type End } from './ending.ts'
import type { Input } from './keys.ts'
import { chatInPipe } from './pipe.ts'
import { openScreen } from './screen.ts'
import { createTalk } from './talk.ts'

/** Talking with people: on a terminal a screen; in a pipe, and where a terminal has no cursor, plain lines. */
export async function chat(name: string | undefined, flags: { readonly home: string }): Promise<void> {
  const onTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb'
  needDevice(flags.home)
  if (!onTerminal && name === undefined)
    throw new Stop('user', 'in a pipe, say with whom you want to talk', 'doormat chat NAME')
  const end = await whileOnline(flags.home, async (device, connection) => {
    const peer = name === undefined ? null : addressee(device, name)
    if (peer !== null) device.checkAddressee(peer)
    if (onTerminal) return chatOnScreen(device, connection, peer, process.stdin, process.stdout)
    return chatInPipe(device, connection, peer ?? '')
  })
  // all is closed by now; an ordinary end would set the terminal's modes once more, and Node aborts where it has none
  if (end === 'terminal gone') process.kill(process.pid, 'SIGHUP')
}

const lookAgainMs = 1_000
const signals = ['SIGTERM', 'SIGINT'] as const

/**
 * Until the person leaves, somebody ends the process, or something is wrong that does not pass. The terminal is given
 * back, and what was written and not sent is printed there, unless the person has left it behind.
 */
export async function chatOnScreen(
  device: Device,
  connection: Online,
  name: string | null,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
): Promise<End> {
  const over = new AbortController()
  let isGoingOn = false
  const ending = createEnding()
  const interrupt = () => ending.end('interrupted')
  const hangUp = () => ending.end('terminal gone')
  const size = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 })
  const talk = createTalk(device, connection, size, () => ending.end('left'))

  function fail(error: unknown): void {
    screen.draw(talk.lastFrame(error))
    ending.fail(error)
  }

  /** Does something and shows what has come of it, or what is in its way. */
  function show(work: () => void): void {
    if (over.signal.aborted || ending.isNear) return
    try {
      attempt(work)
      screen.draw(talk.frame())
      if (connection.fault && !mayPass(connection.fault)) fail(connection.fault)
    } catch (error) {
      fail(error)
    }
    goOnSoon()
  }

  /** A search takes long in a large history: keys and news have their turn between its parts. */
  function goOnSoon(): void {
    if (isGoingOn || !talk.isUnfinished()) return
    isGoingOn = true
    setImmediate(() => {
      isGoingOn = false
      show(() => talk.goOn())
    })
  }

  /** @throws what does not pass */
  function attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!mayPass(error)) throw error
      talk.suffer(error)
    }
  }

  function take(inputs: readonly Input[]): void {
    for (const input of inputs) {
      if (input.kind === 'key' && input.key === 'ctrl-l') screen.forget()
      talk.take(input)
    }
  }

  const screen = openScreen(stdin, stdout, hasColour(stdout), {
    input: (inputs) => (ending.isNear ? ending.take(inputs) : show(() => take(inputs))),
    resize: () => show(() => undefined),
  })
  async function follow(): Promise<void> {
    while (!over.signal.aborted) {
      await connection.changed()
      show(talk.refresh)
    }
  }

  for (const signal of signals) process.once(signal, interrupt)
  process.once('SIGHUP', hangUp)
  for (const stream of [stdin, stdout]) stream.once('error', hangUp)
  const again = setInterval(() => show(talk.refresh), lookAgainMs)
  let how: End | 'failed' = 'failed'
  try {
    show(() => (name === null ? talk.refresh() : talk.open(name)))
    void follow()
    return (how = await ending.ended)
  } finally {
    over.abort()
    clearInterval(again)
    for (const signal of signals) process.off(signal, interrupt)
    process.off('SIGHUP', hangUp)
    screen.close()
    if (how === 'failed' || how === 'interrupted')
      for (const row of unsentRows(talk.unsent())) stdout.write(`${row}\r\n`)
  }
}

const unsentRows = (unsent: readonly { readonly name: string | null; readonly text: string }[]): readonly string[] =>
  unsent.flatMap(({ name, text }) => {
    const [first = '', ...rest] = visibleLines(text)
    return [`not sent${name === null ? '' : ` to ${name}`}: ${first}`, ...rest.map((row) => `  ${row}`)]
  })
