import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

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

/** Runs a command to its end. @throws Error unless it ends with the code that is expected */
export async function command(
  args: readonly string[],
  options: ProgramOptions & { readonly code?: number | 'any' } = {},
): Promise<Program> {
  const running = program(args, { input: '', ...options })
  const code = await running.ended
  if (options.code !== 'any' && code !== (options.code ?? 0))
    throw new Error(`doormat ${args.join(' ')} ended with ${code}: ${running.errors.join(' / ')}`)
  return running
}

/** A folder that is gone at the end of the test. */
export function scratch(): { readonly path: (name: string) => string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'doormat-test-'))
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
