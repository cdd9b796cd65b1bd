import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** A pipe with a name, of 64 KiB, in a folder that is there. */
export interface NamedPipe {
  /** for the process that writes into it; closed here by `leave` */
  readonly writer: number
  /** Nobody holds the writing end here any more, or, with `reader`, the reading end. */
  leave(end: 'writer' | 'reader'): void
  /** All that stands in it now. */
  drain(): string
}

export function namedPipe(folder: string, name: string): NamedPipe {
  const path = join(folder, name)
  const made = spawnSync('mkfifo', [path])
  if (made.status !== 0) throw new Error('mkfifo makes no pipe')
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY)
  return {
    writer,
    leave: (end) => closeSync(end === 'writer' ? writer : reader),
    drain() {
      const piece = Buffer.alloc(65_536)
      let text = ''
      try {
        for (let size = 1; size > 0; text += piece.toString('utf8', 0, size)) size = readSync(reader, piece)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
      return text
    },
  }
}
