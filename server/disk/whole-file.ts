import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/*
 * Files that are whole and on disk, or not there: each is written under another name beside its own, synced, and only
 * then gets its name.
 */

export interface NewFile {
  readonly path: string
  readonly content: string
  /** its permissions */
  readonly mode: number
}

/** Files that are on disk, but do not have their names yet. */
export interface Staged {
  /** Gives them their names one after the other. A process that is killed in between leaves the rest as it is. */
  commit(): void
  discard(): void
}

/** What such a file is called until it gets its name. The mark says which run made it: letters, digits and `-`. */
export const unfinishedName = (path: string, mark: string) => `${path}.unfinished-${mark}`
const unfinished = /^(.+)\.unfinished-([0-9a-z-]+)$/

/** Whether this is the beginning of a file whose writer was stopped. */
export const isUnfinished = (name: string): boolean => unfinished.test(name)

/** Replaces a file that is there. */
export function writeWhole(path: string, content: string, mode: number): void {
  stageFiles([{ path, content, mode }]).commit()
}

/**
 * All of them or none, and none in the place of another.
 * @throws Error `EEXIST` where one of them is there already
 */
export function writeNew(files: readonly NewFile[]): void {
  const staged = stage(files, String(process.pid), renameNew)
  try {
    staged.commit()
  } catch (error) {
    staged.discard()
    throw error
  }
}

export const stageFiles = (files: readonly NewFile[], mark = String(process.pid)): Staged =>
  stage(files, mark, renameSync)

/**
 * Files of one folder, which is made where it is not there, and taken away again with `discard`. What another process
 * has left unfinished of the same files goes.
 * @param contents by name
 */
export function stageFolder(
  folder: string,
  contents: Readonly<Record<string, string>>,
  modes: { readonly folder: number; readonly file: number },
  mark?: string,
): Staged {
  const made = mkdirSync(folder, { recursive: true, mode: modes.folder })
  const remove = () => {
    if (made !== undefined) rmSync(made, { recursive: true, force: true })
  }
  try {
    for (const name of readdirSync(folder))
      if ((unfinished.exec(name)?.[1] ?? '') in contents) rmSync(join(folder, name))
    const files = Object.entries(contents).map(([name, content]) => ({
      path: join(folder, name),
      content,
      mode: modes.file,
    }))
    const staged = stageFiles(files, mark)
    return {
      commit: () => staged.commit(),
      discard() {
        staged.discard()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/**
 * Gives their names to the files that a process had staged under that mark before it was stopped.
 * @returns whether there were any
 */
export function commitUnfinished(folder: string, mark: string): boolean {
  if (!existsSync(folder)) return false
  const names = readdirSync(folder).filter((name) => unfinished.exec(name)?.[2] === mark)
  for (const name of names) renameSync(join(folder, name), join(folder, unfinished.exec(name)?.[1] ?? ''))
  if (names.length > 0) syncPath(folder)
  return names.length > 0
}

/** Does the same, and removes what was staged under any other mark, since nothing came of that. */
export function settleUnfinished(folder: string, mark: string): void {
  commitUnfinished(folder, mark)
  for (const name of readdirSync(folder)) if (isUnfinished(name)) rmSync(join(folder, name))
}

function stage(files: readonly NewFile[], mark: string, rename: (from: string, to: string) => void): Staged {
  const done: string[] = []
  const temporary = ({ path }: NewFile) => unfinishedName(path, mark)
  const staged: Staged = {
    commit() {
      for (const file of files) {
        rename(temporary(file), file.path)
        done.push(file.path)
      }
      for (const folder of new Set(files.map(({ path }) => dirname(path)))) syncPath(folder)
    },
    discard() {
      for (const file of files) rmSync(temporary(file), { force: true })
      for (const path of done) rmSync(path, { force: true })
    },
  }
  try {
    for (const file of files) writeSynced(temporary(file), file)
    return staged
  } catch (error) {
    staged.discard()
    throw error
  }
}

function writeSynced(path: string, { content, mode }: NewFile): void {
  rmSync(path, { force: true })
  // never through a link that somebody else has put there
  const file = openSync(path, 'wx', mode)
  try {
    writeFileSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Never takes a name from a file that has it. Some disks have no links; there it does so as far as it can be known. */
export function renameNew(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || existsSync(to)) throw error
    renameSync(from, to)
    return
  }
  rmSync(from)
}

/** Puts what was written to a file, or the names of what has just been made in a folder, on disk. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
