import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openLock } from '../../../server/sqlite.ts'
import { settleUnfinished, type Staged } from '../../../server/disk/whole-file.ts'
import { AuthorityError } from '../errors.ts'
import { type AuditEntry, type AuditFacts, type AuditLog, nextEntry, readAuditLog } from './audit.ts'
import { markOf, openDesk, type OrderDesk, readDeskKey, receivedIn } from './desk-folder.ts'

/** The log while nobody else can write to it, and what the desk goes by meanwhile. */
export interface OpenLog {
  readonly desk: OrderDesk
  /** as they stood when the log was opened */
  readonly entries: readonly AuditEntry[]
  /** the sequence of the entry to come */
  readonly next: number
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
 * goes with the next entry: nobody has been told that it was written. What it wrote down, and had no time left to do, is
 * done first.
 * @throws AuthorityError `bad-desk` | `bad-audit-log`
 */
export async function withLog<T>(folder: string, work: (log: OpenLog) => T): Promise<T> {
  openDesk(folder)
  const release = await lock(join(folder, 'lock'))
  try {
    const { unfinishedBytes, entries } = logOf(openDesk(folder))
    for (const place of [folder, receivedIn(folder)]) settleUnfinished(place, markOf(entries.length))
    const desk = openDesk(folder)
    const secret = readDeskKey(desk)
    let head = entries.at(-1) ?? null
    let unfinished = unfinishedBytes
    const append = (facts: AuditFacts): AuditEntry => {
      const { entry, line } = nextEntry(head, facts, secret)
      appendLine(logIn(folder), line, unfinished)
      unfinished = 0
      head = entry
      return entry
    }
    return work({ desk, entries, next: entries.length + 1, append })
  } finally {
    release()
  }
}

/** The deed after the word for it, and neither where the word finds no room. @param deed what is ready to be done */
export function writtenDown(append: () => void, deed: Staged): void {
  try {
    append()
  } catch (error) {
    deed.discard()
    throw error
  }
  deed.commit()
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
  throw new AuthorityError('bad-desk', `another doormat process has held ${path} for ten seconds`)
}

function appendLine(path: string, line: string, unfinishedBytes: number): void {
  const file = openSync(path, 'r+')
  try {
    const end = fstatSync(file).size - unfinishedBytes
    ftruncateSync(file, end)
    try {
      const bytes = Buffer.from(`${line}\n`)
      let written = 0
      while (written < bytes.length) written += writeSync(file, bytes, written, bytes.length - written, end + written)
      fsyncSync(file)
    } catch (error) {
      // on a full disk part of a line can be written, and a whole line must not count that nobody was told of
      ftruncateSync(file, end)
      throw error
    }
  } finally {
    closeSync(file)
  }
}
