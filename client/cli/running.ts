import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Stop } from './exit.ts'

/** Another process of this same program, and every line it prints. */
export interface Running {
  readonly name: string
  /** both streams, in the order in which they came */
  readonly lines: readonly string[]
  say(line: string): void
  /** The first line from now on, or already there and not given before, that has this text in it. */
  line(part: string): Promise<string>
  /** @returns its exit code, once it has ended by itself */
  ended(): Promise<number>
  /** Asks it to end, and waits. */
  stop(): Promise<void>
}

const patienceMs = 20_000

const living = new Map<ChildProcess, Promise<number>>()

/** For a way out that cannot wait. */
const killNow = (): void => {
  for (const child of living.keys()) child.kill('SIGKILL')
}
process.once('exit', killNow)

/** Ends whatever `run` started and still lives: the way out, whether things went well or not. */
export async function killAll(): Promise<void> {
  killNow()
  await Promise.all(living.values())
}

/** @param args of the program, as a person would type them; `cwd` is where it runs */
export function run(name: string, args: readonly string[], cwd: string): Running {
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const lines: string[] = []
  const seen = new Set<number>()
  let waiting: (() => void)[] = []
  const wake = () => {
    const woken = waiting
    waiting = []
    for (const resolve of woken) resolve()
  }
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      wake()
    })
  }
  const closed = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
  void closed.then(wake)
  child.stdin?.on('error', () => undefined)
  living.set(child, closed)
  void closed.then(() => living.delete(child))

  function take(part: string): string | null {
    const index = lines.findIndex((line, i) => !seen.has(i) && line.includes(part))
    if (index < 0) return null
    seen.add(index)
    return lines[index] ?? null
  }

  return {
    name,
    lines,
    say: (line) => void child.stdin?.write(`${line}\n`),
    async line(part) {
      const end = performance.now() + patienceMs
      for (;;) {
        const found = take(part)
        if (found !== null) return found
        if (child.exitCode !== null || performance.now() > end)
          throw new Stop(
            'unexpected',
            `${name} never printed ${JSON.stringify(part)}; its last line: ${lines.at(-1) ?? 'none'}`,
          )
        const timer = setTimeout(wake, 500)
        await new Promise<void>((resolve) => waiting.push(resolve))
        clearTimeout(timer)
      }
    },
    ended: () => closed,
    async stop() {
      child.stdin?.end()
      child.kill('SIGTERM')
      await closed
    },
  }
}

/** Runs a command to its end. @throws Stop when it fails */
export async function finish(name: string, args: readonly string[], cwd: string): Promise<readonly string[]> {
  const running = run(name, args, cwd)
  running.say('')
  const code = await running.ended()
  if (code !== 0)
    throw new Stop('unexpected', `doormat ${args.join(' ')} ended with ${code}: ${running.lines.at(-1) ?? ''}`)
  return running.lines
}
