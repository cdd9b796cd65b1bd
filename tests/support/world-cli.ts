import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'

const main = fileURLToPath(new URL('../../client/cli/main.ts', import.meta.url))
const patienceMs = 15_000

/** The `doormat` program in a process of its own, with nothing of our environment but what it needs. */
function launch(args: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** standard output, one JSON object a line */
  readonly json: readonly Record<string, unknown>[]
}

const parseLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** Runs a command to its end. */
export async function doormat(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const child = launch(args, env)
  const said = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  child.stdin?.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said, json: parseLines(said.stdout) }
}

export interface Running {
  readonly pid: number
  readonly lines: readonly string[]
  /** The first line of output, past or to come, that is as wanted. */
  line(wanted: (line: string) => boolean): Promise<string>
  type(text: string): void
  /** Ends it as Ctrl-C does. @returns its exit code */
  stop(): Promise<number | null>
  /** @returns its exit code, when it has ended */
  readonly ended: Promise<number | null>
}

/** Starts a command that goes on until it is stopped. */
export function startDoormat(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = launch(args, env)
  const lines: string[] = []
  const watchers = new Set<() => void>()
  const wake = () => watchers.forEach((watcher) => watcher())
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        wake()
      })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    line: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(wanted)
          if (found === undefined) return
          watchers.delete(look)
          clearTimeout(timer)
          resolve(found)
        }
        const timer = setTimeout(() => reject(new Error(`no such line among:\n${lines.join('\n')}`)), patienceMs)
        watchers.add(look)
        look()
      }),
    type: (text) => void child.stdin?.write(text),
    async stop() {
      if (child.exitCode === null) child.kill('SIGINT')
      return ended
    },
  }
}
