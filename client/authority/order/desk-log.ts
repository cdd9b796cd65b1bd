import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openLock } from '../../../server/sqlite.ts'
import { AuthorityError } from '../errors.ts'
import { type AuditEntry, type AuditFacts, type AuditLog, nextEntry, readAuditLog } from './audit.ts'
import { openDesk, type OrderDesk, readDeskKey } from './desk-folder.ts'

/** The log while nobody else can write to it, and what the desk goes by meanwhile. */
export interface OpenLog {
  readonly desk: OrderDesk
  /** as they stood when the log was opened */
  readonly entries: readonly AuditEntry[]
  /** On disk when it returns. */
  readonly append: (facts: AuditFacts) => AuditEntry
}

export const logIn = (folder: string): string => join(folder, 'audit.log')

/** @throws AuthorityError `bad-audit-log` */
export function logOf({ folder, key }: OrderDesk): AuditLog {
  const path = logIn(folder)
  if (!existsSync(path)) throw new AuthorityError('bad-audit-log', `there is no ${path}`)
  return readAuditLog(readFileSync(path), key, path)
}

/**
 * Does something with the log while no other process can. What a process that was stopped has left behind the last line
 * goes with the next entry: nobody has been told that it was written.
 * @throws AuthorityError `bad-desk` | `bad-audit-log`
 */
export async function withLog<T>(folder: string, work: (log: OpenLog) => T): Promise<T> {
  openDesk(folder)
  const release = await lock(join(folder, 'lock'))
  try {
    const desk = openDesk(folder)
    const secret = readDeskKey(desk)
    let { unfinishedBytes, entries } = logOf(desk)
    const append = (facts: AuditFacts): AuditEntry => {
      const { entry, line } = nextEntry(entries.at(-1) ?? null, facts, secret)
      appendLine(logIn(folder), line, unfinishedBytes)
      unfinishedBytes = 0
      entries = [...entries, entry]
      return entry
    }
    return work({ desk, entries, append })
  } finally {
    release()
  }
}

const patienceMs = 10_000
const pauseMs = 20

/** Several commands may work at one desk: each waits for its turn. */
async function lock(path: string): Promise<() => void> {
  closeSync(openSync(path, 'a', 0o600))
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pauseMs) {
    const release = openLock(path)
    if (release) return release
    await wait(pauseMs)
  }
  throw new AuthorityError('bad-desk', `another doormat has been at work on ${path} for ten seconds`)
}

function appendLine(path: string, line: string, unfinishedBytes: number): void {
  const file = openSync(path, 'r+')
  try {
    const end = fstatSync(file).size - unfinishedBytes
    ftruncateSync(file, end)
    const bytes = Buffer.from(`${line}\n`)
    let written = 0
    while (written < bytes.length) written += writeSync(file, bytes, written, bytes.length - written, end + written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
