import { emitKeypressEvents } from 'node:readline'
import stringWidth from 'string-width'
import { paint } from '../terminal.ts'
import { emptyLine, insert, type Key, type Line, press, textOf, view } from './editor.ts'

const escapeCode = '\u001b['
const pasteMode = { on: `${escapeCode}?2004h`, off: `${escapeCode}?2004l` }
const prompt = '> '

export interface ChatScreen {
  /** Puts lines above the one being typed. */
  print(lines: readonly string[]): void
  /** The line that stays: with whom, whether verified, which access mode. */
  setNotice(notice: string): void
  close(): void
}

/** The two lowest lines of a terminal: the notice, and under it the line being typed. What is said scrolls above them. */
export function openScreen(
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  onLine: (text: string) => void,
  onQuit: () => void,
): ChatScreen {
  let line: Line = emptyLine
  let notice = ''
  /** what has come of a paste that goes on; null when none does */
  let pasted: string | null = null

  const width = () => Math.max(20, stdout.columns || 80)

  function draw(above: readonly string[]): void {
    const { shown, column } = view(line, width() - prompt.length)
    const said = above.map((text) => `${text}\n`).join('')
    const place = `\r${escapeCode}${prompt.length + column}C`
    stdout.write(
      `\r${escapeCode}1A${escapeCode}J${said}${paint('inverse', fit(notice, width() - 1))}\n${prompt}${shown}${place}`,
    )
  }

  function onKey(
    text: string | undefined,
    pressed: { name?: string; ctrl?: boolean; meta?: boolean; sequence?: string },
  ): void {
    if (pressed.name === 'paste-start') pasted = ''
    else if (pressed.name === 'paste-end') {
      line = insert(line, (pasted ?? '').replaceAll(/\r\n?/g, '\n'))
      pasted = null
    } else if (pasted !== null) return void (pasted += text ?? pressed.sequence ?? '')
    else if (pressed.ctrl && pressed.name === 'c') return onQuit()
    else if (pressed.ctrl && pressed.name === 'd' && line.characters.length === 0) return onQuit()
    else if (pressed.name === 'return' || pressed.name === 'enter') return submit()
    else line = press(line, { ...pressed, text } satisfies Key)
    draw([])
  }

  function submit(): void {
    const text = textOf(line)
    line = emptyLine
    draw([])
    if (text.trim() !== '') onLine(text)
  }

  const redraw = () => draw([])
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.on('keypress', onKey)
  stdin.resume()
  stdout.on('resize', redraw)
  stdout.write(`${pasteMode.on}\n\n`)

  return {
    print: draw,
    setNotice(next) {
      if (next === notice) return
      notice = next
      draw([])
    },
    close() {
      stdin.off('keypress', onKey)
      stdout.off('resize', redraw)
      stdin.setRawMode(false)
      stdin.pause()
      stdout.write(`${pasteMode.off}\n`)
    },
  }
}

/** Cut to a width in columns, so that it stays one line. */
function fit(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  let shown = ''
  for (const character of text) {
    if (stringWidth(shown + character) >= columns) return `${shown}…`
    shown += character
  }
  return shown
}
