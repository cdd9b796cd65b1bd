import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hangMs } from './hang.ts'
import { startRelay } from '../../server/main.ts'
import { bin, givesIds, scratch, withId } from './program.ts'

export interface Finished {
  readonly code: number | null
  /** every byte of it, not cut into lines */
  readonly stdout: string
  readonly stderr: string
}

/** Whether a command has given up on a relay that is there, because the machine was too busy for its ten seconds. */
const wasTooBusy = ({ code, stderr }: Finished): boolean =>
  code === 3 &&
  /the relay does not answer|the relay cannot be reached|cannot be reached yet|not taken the file|taken no more/.test(
    stderr,
  )

/** Types a command again, as a person would, until the machine was not too busy for it: it must not matter that it is done twice. */
export async function patiently(type: () => Promise<Finished>): Promise<Finished> {
  for (const end = performance.now() + hangMs; ;) {
    const finished = await type()
    if (!wasTooBusy(finished) || performance.now() > end) return finished
  }
}

/**
 * Runs a command to its end, with nothing of our environment but what it needs, and whatever exit code. Where the machine was
 * too busy, a registration and a message with an id are typed again; a text that is an argument is given an id for it.
 */
export const doormat = (args: readonly string[], options: DoormatOptions = {}): Promise<Finished> =>
  options.once ? typed(args, options) : untilNotBusy(args, (given) => typed(given, options))

/** @param run is given the arguments, with an id where a text needs one to be sent again */
export function untilNotBusy(
  args: readonly string[],
  run: (given: readonly string[]) => Promise<Finished>,
): Promise<Finished> {
  const given = withId(args)
  const isRepeatable = args[0] === 'register' || (args[0] === 'send' && givesIds(given))
  return isRepeatable ? patiently(() => run(given)) : run(given)
}

interface DoormatOptions {
  readonly input?: string | Buffer
  readonly cwd?: string
  readonly env?: Record<string, string>
  /** typed once, where nobody answers and that is what is looked at */
  readonly once?: true
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
