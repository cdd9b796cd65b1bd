import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { pipe } from './pipes.ts'
import { bin, type ProgramOptions } from './program.ts'

/** Where a stream of the program goes: kept as lines, or to a file descriptor of this process. */
export type Stream = 'kept' | number

export interface Streamed {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  readonly errors: readonly string[]
  readonly ended: Promise<number | NodeJS.Signals>
}

export interface Streams {
  readonly stdout?: Stream
  readonly stderr?: Stream
}

/** The program as a process of its own, with other streams than pipes that are read. */
export function streamed(
  args: readonly string[],
  { stdout = 'kept', stderr = 'kept' }: Streams,
  options: ProgramOptions = {},
): Streamed {
  const [file = '', ...rest] = [...(options.under ?? []), process.execPath, bin, ...args]
  const child = spawn(file, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', stdout === 'kept' ? 'pipe' : stdout, stderr === 'kept' ? 'pipe' : stderr],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin?.on('error', () => undefined)
  if (options.input !== undefined) child.stdin?.end(options.input)
  const kept = [child.stdout, child.stderr].map((stream) => {
    const lines: string[] = []
    if (stream) createInterface({ input: stream }).on('line', (line) => void lines.push(line))
    return lines
  })
  const ended = new Promise<number | NodeJS.Signals>((done) =>
    child.once('close', (code, signal) => done(code ?? signal ?? 0)),
  )
  return { child, lines: kept[0] ?? [], errors: kept[1] ?? [], ended }
}

/** Runs some work with a disk on which there is no room for a byte. */
export function withFullDisk<T>(work: (descriptor: number) => T): T {
  const full = openSync('/dev/full', 'w')
  try {
    return work(full)
  } finally {
    closeSync(full)
  }
}

/** Runs some work with a pipe that nobody reads any more. */
export function withClosedPipe<T>(work: (descriptor: number) => T): T {
  const closed = pipe()
  closed.leave('reader')
  try {
    return work(closed.writer)
  } finally {
    closed.leave('writer')
  }
}
