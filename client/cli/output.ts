import { fstatSync, writeSync } from 'node:fs'
import { StorageError, storageFault } from '../../server/disk/storage.ts'

/** Whoever read standard output has left: nothing is wrong, and nobody is there to print for. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

/** What became of standard output: it is told when somebody waits for it (`printed`), never where it is written to. */
const broken = new AbortController()
/** Aborted when nothing more can be printed. */
export const outputBroken: AbortSignal = broken.signal

const fail = (error: Error): void => broken.abort(error)

/** How much is on its way, and who waits for it. */
let writing = 0
let waiting: (() => void)[] = []

function onWritten(error: Error | null | undefined): void {
  writing -= 1
  if (error) fail(error)
  if (writing > 0) return
  for (const resolve of waiting) resolve()
  waiting = []
}

/** Standard output as it is, for text that has its own line ends; what cannot be written is left out. */
export function write(text: string): void {
  if (outputBroken.aborted) return
  writing += 1
  process.stdout.write(text, onWritten)
}

export const print = (line: string): void => write(`${line}\n`)

/** To the person, on standard error. If that cannot be written nobody hears it, and all else goes on. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/**
 * Resolves when all that was printed is in the file, in the pipe or on the terminal.
 * @param signal waits no longer once this is aborted
 * @returns whether it is
 * @throws OutputClosed | StorageError when it cannot be written
 */
export async function printed(signal?: AbortSignal): Promise<boolean> {
  if (writing > 0)
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  if (outputBroken.aborted) throw faultOf(outputBroken.reason as NodeJS.ErrnoException)
  return !signal?.aborted
}

/** A pipe without a reader, or a terminal that is gone. */
const isClosed = ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' || (code === 'EIO' && process.stdout.isTTY)

function faultOf(error: NodeJS.ErrnoException): Error {
  if (isClosed(error)) return new OutputClosed('nobody reads standard output')
  return new StorageError(`standard output cannot be written: ${storageFault(error)?.message ?? error.message}`)
}

/** Before anything is written: a fault of either stream ends nothing by itself. */
export function guardOutput(): void {
  process.stdout.on('error', fail)
  process.stderr.on('error', () => undefined)
  if (isFile(1)) writeWhole(process.stdout, 1)
  if (isFile(2)) writeWhole(process.stderr, 2)
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    return false
  }
}

/** Node's stream onto a file takes the part that a disk still had room for as the whole. */
function writeWhole(stream: NodeJS.WriteStream, descriptor: number): void {
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      for (let written = 0; written < chunk.length;) written += writeSync(descriptor, chunk, written)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}

const leaveWithinMs = 2_000
let hurried = false

const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Works until it is done, or somebody wants an end: by a signal, however often, or because nothing can be printed any more.
 * Work in threads has to end by itself, for a process that leaves while a thread is inside SQLite is aborted.
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  for (const signal of interruptions) process.on(signal, interrupt)
  outputBroken.addEventListener('abort', interrupt)
  try {
    const result = await work(stop.signal)
    await printed()
    return result
  } finally {
    for (const signal of interruptions) process.off(signal, interrupt)
    outputBroken.removeEventListener('abort', interrupt)
  }
}

/** Somebody has asked for the end. */
export const hurry = (): void => void (hurried = true)

/** Behind everything else: a reader who has stopped holds up nobody who has asked for the end. */
export function leaveSoon(): void {
  if (hurried) setTimeout(() => process.exit(), leaveWithinMs).unref()
}
