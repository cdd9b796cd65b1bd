import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { hangMs } from './hang.ts'

/** The program as it is shipped; tests/support/build.ts has made it. */
export const bin = resolve(import.meta.dirname, '../../dist/doormat.js')

/** The environment of a process that loads these files of tests/support before anything else. */
export const preload = (...names: readonly string[]): Record<string, string> => ({
  NODE_OPTIONS: names.map((name) => `--import=${pathToFileURL(resolve(import.meta.dirname, name)).href}`).join(' '),
})

/** A process whose clock stands there when it starts. */
export const atTime = (ms: number): Record<string, string> => ({
  ...preload('preload-clock.mjs'),
  DOORMAT_TEST_CLOCK: String(ms),
})

/** The program as a process of its own. */
export interface Program {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  readonly errors: readonly string[]
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Resolves with the first line, there already or still to come, that has this in it. */
  line(part: string): Promise<string>
  kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** a command that runs it */
  readonly under?: readonly string[]
}

export function program(args: readonly string[], options: ProgramOptions = {}): Program {
  const [file = '', ...rest] = [...(options.under ?? []), process.execPath, bin, ...args]
  const child = spawn(file, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
  })
  if (options.input !== undefined) child.stdin.end(options.input)
  child.stdin.on('error', () => undefined)
  const [lines, errors]: [string[], string[]] = [[], []]
  let wake = () => {}
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    wake()
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    errors.push(line)
    wake()
  })
  let over = false
  const ended = new Promise<number | NodeJS.Signals>((done) =>
    child.once('close', (code, signal) => done(code ?? signal ?? 0)),
  )
  void ended.then(() => {
    over = true
    wake()
  })
  return {
    child,
    lines,
    errors,
    ended,
    async line(part) {
      for (;;) {
        const found = [...lines, ...errors].find((line) => line.includes(part))
        if (found !== undefined) return found
        if (over) throw new Error(`the program ended without ${part}: ${errors.join(' / ')}`)
        await new Promise<void>((next) => (wake = next))
      }
    },
    kill(signal = 'SIGKILL') {
      child.kill(signal)
      return ended
    },
  }
}

/** What a command says whose own limit has passed: ten seconds for a message, fifteen for an answer, twenty in the demo. */
const gaveUp =
  /the relay does not answer|the relay cannot be reached|cannot be reached yet|not taken the file|taken no more|no relay answers at|never printed/

/** @param saying what it must say where it is to fail */
type Expected = ProgramOptions & { readonly code?: number | 'any'; readonly saying?: string }

/**
 * Runs a command to its end. On a machine that is so busy that the relay has not answered in time it is typed again, as a
 * person would: a message has an id, so that it is sent once.
 * @throws Error unless it ends with the code that is expected
 */
export async function command(args: readonly string[], options: Expected = {}): Promise<Program> {
  const { code: expected = 0, saying } = options
  const given = expected === 0 ? withId(args) : args
  for (const end = performance.now() + hangMs; ;) {
    const running = program(given, { input: '', ...options })
    const code = await running.ended
    const said = running.errors.join(' / ')
    const isRight = expected === 'any' || (code === expected && said.includes(saying ?? ''))
    if (isRight) return running
    const isBusy = (expected === 0 || saying !== undefined) && gaveUp.test(said)
    if (!isBusy || performance.now() > end) throw new Error(`doormat ${args.join(' ')} ended with ${code}: ${said}`)
  }
}

export const givesIds = (args: readonly string[]): boolean => args.some((word) => ['--id', '--ids'].includes(word))

/** The same command, with an id for the text that is an argument: it can be typed again, and is sent once. */
export function withId(args: readonly string[]): readonly string[] {
  const [name, , text = '-'] = args
  const isText = name === 'send' && !text.startsWith('-') && !givesIds(args)
  return isText ? [...args, '--id', randomUUID()] : args
}

/** A folder that is gone at the end of the test. */
export function scratch(): { readonly path: (name: string) => string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'doormat-test-'))
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
