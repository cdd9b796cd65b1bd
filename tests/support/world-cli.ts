import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hangMs } from './hang.ts'
import { startRelay } from '../../server/main.ts'
import { bin, scratch } from './program.ts'

export interface Finished {
  readonly code: number | null
  /** every byte of it, not cut into lines */
  readonly stdout: string
  readonly stderr: string
}

/** What `register` and `send` say on a machine that is so busy that a relay that is there did not answer in time. */
const tooBusy = /the relay does not answer|cannot be reached yet/

/**
 * Runs a command to its end, with nothing of our environment but what it needs, and whatever exit code. Where the machine was
 * too busy it is typed again, as a person would, if that changes nothing: a message must have an id for it.
 */
export const doormat = (args: readonly string[], options: DoormatOptions = {}): Promise<Finished> =>
  untilNotBusy(args, () => typed(args, options))

export async function untilNotBusy(args: readonly string[], run: () => Promise<Finished>): Promise<Finished> {
  const isRepeatable = args[0] === 'register' || (args[0] === 'send' && args.some((word) => /^--ids?$/.test(word)))
  for (const end = performance.now() + hangMs; ;) {
    const finished = await run()
    const again = isRepeatable && finished.code === 3 && tooBusy.test(finished.stderr)
    if (!again || performance.now() > end) return finished
  }
}

interface DoormatOptions {
  readonly input?: string | Buffer
  readonly cwd?: string
  readonly env?: Record<string, string>
}

async function typed(args: readonly string[], { input = '', cwd, env = {} }: DoormatOptions): Promise<Finished> {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}

/** Output of one JSON object a line. */
export const objects = ({ stdout }: Finished): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** A relay in this process, with all files of one that the program runs, and a folder for everybody around it. Both are gone with `stop`. */
export async function relayForCli() {
  const { path, remove } = scratch()
  const relay = await startRelay({
    directory: path('relay'),
    host: '127.0.0.1',
    names: [],
    port: 0,
    certificate: null,
    archivePath: path('passed.archive'),
    address: null,
    authority: null,
    logLevel: 'silent',
  })
  let isRunning = true
  /** Only the relay. */
  async function end(): Promise<void> {
    if (isRunning) await relay.stop()
    isRunning = false
  }
  return {
    path,
    end,
    url: relay.url,
    tokenFile: relay.operatorTokenFile,
    async stop() {
      await end()
      remove()
    },
  }
}
