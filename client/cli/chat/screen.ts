import { createKeys, type Input } from './keys.ts'
import { painted } from './line.ts'
import type { Frame } from './view.ts'

const escapeCode = '\u001b['
/** alternate screen, no wrapping by the terminal, bracketed paste, reports of focus */
const modes = [1049, 2004, 1004]
const enter = modes.map((mode) => `${escapeCode}?${mode}h`).join('') + `${escapeCode}?7l`
const leave =
  `${escapeCode}?7h` +
  modes
    .toReversed()
    .map((mode) => `${escapeCode}?${mode}l`)
    .join('')
const synchronized = (text: string) => `${escapeCode}?2026h${text}${escapeCode}?2026l`
const goTo = (row: number, column: number) => `${escapeCode}${row + 1};${column + 1}H`

/** How long the rest of an escape sequence may take. */
const sequenceMs = 100

export interface Screen {
  /** Writes what is different from the last frame. */
  draw(frame: Frame): void
  /** The next frame is written whole. */
  forget(): void
  /** Gives the terminal back as it was. */
  close(): void
}

export interface ScreenEvents {
  input(inputs: readonly Input[]): void
  resize(): void
}

/** A whole terminal: keys come from it, frames go to it. */
export function openScreen(
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  colour: boolean,
  on: ScreenEvents,
): Screen {
  const keys = createKeys()
  let last: readonly string[] = []
  let open = true
  /** whether the terminal is as it was */
  let given = true
  let flushing: NodeJS.Timeout | undefined

  function onData(chunk: string): void {
    clearTimeout(flushing)
    on.input(keys.feed(chunk))
    flushing = setTimeout(() => {
      const left = keys.flush()
      if (left.length > 0) on.input(left)
    }, sequenceMs)
  }

  function giveBack(): void {
    if (given) return
    given = true
    stdout.write(leave)
    stdin.setRawMode(false)
  }

  function takeOver(): void {
    given = false
    stdin.setRawMode(true)
    stdout.write(enter)
  }

  function close(): void {
    if (!open) return
    open = false
    clearTimeout(flushing)
    stdin.off('data', onData)
    stdout.off('resize', onResize)
    process.off('exit', close)
    process.off('SIGTSTP', onStop)
    process.off('SIGCONT', onContinue)
    giveBack()
    stdin.pause()
  }

  function onStop(): void {
    giveBack()
    process.kill(process.pid, 'SIGSTOP')
  }

  /** A shell has had the terminal in between, and Node takes raw mode for set where it was set before. */
  function onContinue(): void {
    giveBack()
    takeOver()
    onResize()
  }

  function onResize(): void {
    last = []
    on.resize()
  }

  stdin.setEncoding('utf8')
  stdin.on('data', onData)
  stdin.resume()
  stdout.on('resize', onResize)
  process.once('exit', close)
  process.on('SIGTSTP', onStop)
  process.on('SIGCONT', onContinue)
  takeOver()

  return {
    draw({ lines, cursor }) {
      if (!open) return
      const next = lines.map((spans) => painted(spans, colour))
      const whole = last.length !== next.length
      const changed = next.map((text, row) =>
        !whole && last[row] === text ? '' : `${goTo(row, 0)}${escapeCode}0m${escapeCode}K${text}`,
      )
      last = next
      stdout.write(synchronized((whole ? `${escapeCode}2J` : '') + changed.join('') + goTo(cursor.row, cursor.column)))
    },
    forget: () => void (last = []),
    close,
  }
}
