import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import headless from '@xterm/headless'
import { onTestFinished } from 'vitest'
import { chatOnScreen } from '../../client/cli/chat/chat.ts'
import type { Person } from './world-person.ts'
import { hangMs } from './hang.ts'

const { Terminal } = headless

/** A terminal that nobody sits at: what a program writes can be read off it, and keys can be pressed. */
export function terminal(columns = 60, rows = 16) {
  const display = new Terminal({ cols: columns, rows, allowProposedApi: true })
  display.write('$ doormat chat')
  let written = ''
  const output = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    write: (text: string) => {
      written += text
      display.write(text)
      return true
    },
  })
  const raw: boolean[] = []
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) })

  /** Everything that has been typed or written has reached the display. */
  async function settled(): Promise<void> {
    await new Promise(setImmediate)
    await new Promise<void>((resolve) => display.write('', resolve))
  }

  const rowsOf = () => {
    const { active } = display.buffer
    return Array.from(
      { length: display.rows },
      (_, y) =>
        active
          .getLine(active.baseY + y)
          ?.translateToString()
          .trimEnd() ?? '',
    )
  }

  return {
    input: input as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    display,
    /** whether the terminal is in raw mode, each time that was changed */
    raw,
    /** every byte that was written */
    written: () => written,
    async press(keys: string) {
      input.write(keys)
      await settled()
    },
    /** The emulator is given another size, and then the program is told, as a terminal does. */
    async resize(columns: number, rows: number) {
      await settled()
      display.resize(columns, rows)
      Object.assign(output, { columns, rows })
      output.emit('resize')
      await settled()
    },
    /** The rows on the display, from top to bottom. */
    async rows(): Promise<readonly string[]> {
      await settled()
      return rowsOf()
    },
    /** Waits until the display shows this. @returns its rows @throws Error with what it shows instead */
    async shows(what: string | RegExp): Promise<readonly string[]> {
      const end = Date.now() + hangMs
      for (;;) {
        await settled()
        const shown = rowsOf().join('\n')
        if (typeof what === 'string' ? shown.includes(what) : what.test(shown)) return rowsOf()
        if (Date.now() > end) throw new Error(`the display never showed ${String(what)}:\n${shown}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async cursor() {
      await settled()
      const { active } = display.buffer
      return { column: active.cursorX, row: active.cursorY }
    },
  }
}

/** Somebody's chat on a terminal of their own, until they quit or the test is over. */
export function chatOf(person: Person, name: string | null, columns?: number, rows?: number) {
  const screen = terminal(columns, rows)
  const ended = chatOnScreen(person.device, person.online, name, screen.input, screen.output)
  ended.catch(() => undefined)
  onTestFinished(async () => {
    await screen.press('\u0003')
    await ended.catch(() => undefined)
  })
  return { ...screen, ended }
}
