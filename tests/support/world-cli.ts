import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bin, program, scratch } from './program.ts'

export interface Finished {
  readonly code: number | null
  /** every byte of it, not cut into lines */
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, with nothing of our environment but what it needs, and whatever exit code. */
export async function doormat(
  args: readonly string[],
  { input = '', cwd, env = {} }: { input?: string | Buffer; cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
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

/** A relay as the program runs it, and a folder for everybody around it. Both are gone with `stop`. */
export async function relayForCli() {
  const { path, remove } = scratch()
  const running = program([
    'relay',
    '--dir',
    path('relay'),
    '--port',
    '0',
    '--archive',
    path('passed.archive'),
    '--json',
  ])
  const [printed] = objects({ code: null, stdout: await running.line('{"url"'), stderr: '' })
  return {
    path,
    running,
    url: String(printed?.['url']),
    tokenFile: String(printed?.['operatorTokenFile']),
    async stop() {
      await running.kill('SIGTERM')
      remove()
    },
  }
}
