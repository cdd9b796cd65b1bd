import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { visible } from '../../words/visible.ts'
import { columns, paragraph } from '../layout.ts'
import { quoted } from '../shell.ts'
import { cut } from '../wrap.ts'
import { print, printed, write } from '../output.ts'
import { exposed, paint } from '../terminal.ts'

/** How the story is told: who waits for whom. */
export interface Pace {
  /** whether somebody at a terminal takes part */
  readonly asks: boolean
  /** for a room that reads along: line by line, and time to read a screen where nobody presses Enter */
  readonly slow: boolean
}

/** Tells the story. Each screen fits a terminal of 80 columns and 24 rows. */
export interface Narrator {
  /** Begins a screen: on a terminal an empty one. */
  screen(title: string): void
  /** The narrator's own words: the only ones that no other process has printed. */
  say(text: string): void
  space(): void
  /** Words behind a mark or a term. */
  item(mark: string, text: string): void
  /** Rows that belong together, set off from the rest. */
  beside(block: readonly string[]): void
  /** A command as somebody types it, in one row. */
  types(who: string, args: readonly string[]): void
  /** A line as somebody's process printed it, without the time of day. */
  shows(who: string, line: string): Promise<void>
  /** A line that was printed where it was not meant to be read: in red, and under a name that says whose screen it is. */
  reads(who: string, line: string): Promise<void>
  /** What is under way and prints nothing yet. */
  starting(text: string): void
  /** The end of a screen. */
  pause(): Promise<void>
  /** @returns what was typed; empty where nobody is asked */
  ask(question: string, prompt: string): Promise<string>
}

const lineMs = 700
const screenMs = 9_000
const nameWidth = 11

/** Everything in the story happens within a minute. */
const withoutTime = (line: string) => line.replace(/^(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\dZ)?\s+/, '')

export function createNarrator({ asks, slow }: Pace): Narrator {
  const isTerminal = process.stdout.isTTY && process.env['TERM'] !== 'dumb'
  let waiting = false

  /** What was under way is so no more. */
  function clearStarting(): void {
    if (waiting) write('\r\u001b[K')
    waiting = false
  }

  function rows(lines: readonly string[], painted: (row: string) => string = (row) => row): void {
    clearStarting()
    for (const row of lines) print(painted(row))
  }

  const lineOf = (who: string, line: string) =>
    paragraph(visible(withoutTime(line)), {
      first: `  ${who.padEnd(nameWidth)}│ `,
      rest: `  ${' '.repeat(nameWidth)}│   `,
    })

  async function beat(): Promise<void> {
    if (slow) await sleep(lineMs)
    await printed()
  }

  async function ask(question: string, prompt: string): Promise<string> {
    if (!asks) return ''
    if (question !== '') rows(['', ...paragraph(question, { first: '  ' })])
    await printed()
    const input = createInterface({ input: process.stdin, output: process.stdout })
    input.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    try {
      return await input.question(paint('bold', prompt))
    } finally {
      input.close()
    }
  }

  return {
    screen(title) {
      if (isTerminal) write('\u001b[2J\u001b[H')
      else print('')
      rows([...paragraph(title, { first: '', rest: '   ' }), ''], (row) => paint('bold', row))
    },
    say: (text) => rows(paragraph(text, { first: '  ' })),
    space: () => rows(['']),
    item: (mark, text) => rows(paragraph(text, { first: `  ${mark}` })),
    beside: (block) => rows(['', ...block.map((row) => `  ${row}`.trimEnd()), '']),
    types(who, args) {
      const typed = `  ${who.padEnd(nameWidth)}$ doormat ${visible(args.map(quoted).join(' '))}`
      rows([cut(typed, columns())], (row) => paint('dim', row))
    },
    async shows(who, line) {
      rows(lineOf(who, line), (row) => (row.startsWith(`  ${who}`) ? row.replace(who, paint('cyan', who)) : row))
      await beat()
    },
    async reads(who, line) {
      rows(lineOf(who, line), exposed)
      await beat()
    },
    starting(text) {
      if (!isTerminal) return
      clearStarting()
      write(paint('dim', `  ${text} …`.slice(0, columns() - 1)))
      waiting = true
    },
    async pause() {
      clearStarting()
      await printed()
      if (asks) await ask('', '\n  Enter shows the next screen. ')
      else if (slow) await sleep(screenMs)
    },
    ask,
  }
}
