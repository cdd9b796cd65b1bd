import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of few MiB. Only programs that run `under` it see it. */
export interface SmallDisk {
  readonly under: readonly string[]
  /** for programs that run under it */
  path(name: string): string
  /** the same file for everybody else */
  outside(name: string): string
  fill(): void
  empty(): void
  setReadOnly(readOnly: boolean): void
  /** As it was at first. */
  clear(): void
  remove(): void
}

/** @returns null where this system does not let anybody make a disk of their own */
export async function smallDisk(mebibytes = 2): Promise<SmallDisk | null> {
  if (process.platform !== 'linux') return null
  const folder = mkdtempSync(join(tmpdir(), 'doormat-disk-'))
  const mount = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && echo there && exec cat`
  const holder = spawn('unshare', ['-rm', 'sh', '-c', mount, folder], { stdio: ['pipe', 'pipe', 'ignore'] })
  const isThere = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'error').then(() => false),
    once(holder, 'exit').then(() => false),
  ])
  if (!isThere) return null
  const under = ['nsenter', '--preserve-credentials', '-U', '-m', '-t', String(holder.pid)]
  const outside = (name: string) => join(`/proc/${holder.pid}/root`, folder, name)
  function setReadOnly(readOnly: boolean): void {
    const [command, ...args] = [...under, 'mount', '-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder]
    execFileSync(command, args)
  }

  return {
    under,
    path: (name) => join(folder, name),
    outside,
    fill() {
      try {
        for (const size of [65_536, 4_096]) fillBy(outside('ballast'), size)
      } catch {
        throw new Error('the disk does not fill')
      }
    },
    empty: () => rmSync(outside('ballast')),
    setReadOnly,
    clear() {
      setReadOnly(false)
      for (const name of readdirSync(outside(''))) rmSync(outside(name), { recursive: true })
    },
    remove() {
      holder.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    },
  }
}

function fillBy(path: string, sizeBytes: number): void {
  try {
    for (let i = 0; i < 1000; i++) appendFileSync(path, Buffer.alloc(sizeBytes))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return
    throw error
  }
  throw new Error('there is always room')
}
