import { lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

/*
 * Folders with keys in them that must not outlast the process that made them: not when it fails, when its terminal is
 * closed, when it is asked to end, or at Ctrl-C, however often. What SIGKILL leaves in the temporary folder is removed by
 * whoever makes the next one.
 */

const doomed = new Set<string>()
const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const interruptedExitCode = 1
let watching = false

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })

function removeAll(): void {
  for (const path of doomed) remove(path)
  doomed.clear()
}

/**
 * From now on this path is gone when the process ends. In the main thread alone: threads have their part of its folder.
 * @returns removes it now
 */
export function goneAtEnd(path: string): () => void {
  watch()
  doomed.add(path)
  return () => {
    remove(path)
    doomed.delete(path)
  }
}

/**
 * Makes a path that is gone when the process ends. The signals are listened to before it is there: one that nobody listens to
 * ends a process between any two lines.
 */
export function madeToGo(make: () => string): { readonly path: string; readonly remove: () => void } {
  watch()
  const path = make()
  return { path, remove: goneAtEnd(path) }
}

function watch(): void {
  if (watching) return
  watching = true
  process.on('exit', removeAll)
  // never taken off: the second signal must not end the removing that the first has begun
  for (const signal of interruptions) process.prependListener(signal, () => leave(signal))
}

/** Somebody else who listens to the signal ends the work in an orderly way. */
function leave(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) process.exit(interruptedExitCode)
}

/** @returns a new folder for its owner alone, and what removes it */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(sharedFolder(), 'part-'))
  return { path, remove: () => remove(path) }
}

const shared = 'the temporary folder of the process'

/** The one folder of this process and all its threads; threads are started after it has been made. */
export function sharedFolder(): string {
  const known = getEnvironmentData(shared)
  if (typeof known === 'string') return known
  if (!isMainThread) throw new Error('a thread was started before there was a temporary folder')
  for (const path of leftovers()) remove(path)
  const { path } = madeToGo(() => mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`)))
  setEnvironmentData(shared, path)
  return path
}

/** Process ids mean something only among those who see the same processes. */
const prefix = `doormat-run-${placeOfIds()}-`

function placeOfIds(): number {
  try {
    return statSync('/proc/self/ns/pid').ino
  } catch {
    return 0
  }
}

/** Folders of ours whose processes are gone. */
function leftovers(): string[] {
  const user = process.getuid?.()
  if (user === undefined) return []
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(tmpdir(), name))
    .filter((path) => isFolderOf(user, path) && !isRunning(Number(basename(path).slice(prefix.length).split('-')[0])))
}

function isFolderOf(user: number, path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false })
  return status !== undefined && status.isDirectory() && status.uid === user && (status.mode & 0o077) === 0
}

/** One that may not be asked is there. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
