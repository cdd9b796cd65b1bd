import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import headless from '@xterm/headless'
import { type ChatScreen, openScreen } from '../../client/cli/chat/screen.ts'

const { Terminal } = headless

/** A terminal that nobody sits at: what the chat screen writes can be read off it, and keys can be pressed. */
export function terminal(columns = 40, rows = 10) {
  const display = new Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true })
  const output = Object.assign(new EventEmitter(), {
    columns,
    isTTY: true,
    write: (text: string) => {
      display.write(text)
      return true
    },
  })
  const modes: boolean[] = []
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => void modes.push(raw) })
  const submitted: string[] = []
  let quits = 0
  const screen: ChatScreen = openScreen(
    input as unknown as NodeJS.ReadStream,
    output as unknown as NodeJS.WriteStream,
    (text) => submitted.push(text),
    () => (quits += 1),
  )

  /** Everything that has been typed or written has reached the display. */
  async function settled(): Promise<void> {
    await new Promise(setImmediate)
    await new Promise<void>((resolve) => display.write('', resolve))
  }

  return {
    screen,
    submitted,
    /** whether the terminal is in raw mode, each time that was changed */
    modes,
    quits: () => quits,
    async press(keys: string) {
      input.write(keys)
      await settled()
    },
    async resize(columns: number) {
      await settled()
      display.resize(columns, rows)
      output.columns = columns
      output.emit('resize')
      await settled()
    },
    /** The lines on the display, below the one on which the screen was opened, without empty ones at the end. */
    async lines(): Promise<string[]> {
      await settled()
      const { active } = display.buffer
      const all = Array.from(
        { length: active.length },
        (_, y) => active.getLine(y)?.translateToString().trimEnd() ?? '',
      )
      return all.slice(1, 1 + all.findLastIndex((line) => line !== ''))
    },
    /** Where the cursor stands: its column, and its line among all. */
    async cursor() {
      await settled()
      const { active } = display.buffer
      return { column: active.cursorX, line: active.baseY + active.cursorY }
    },
  }
}
