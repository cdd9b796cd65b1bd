import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A pipe of 64 KiB with both its ends in this process. */
export interface Pipe {
  /** for the process that writes into it */
  readonly writer: number
  /** Closes an end of it here. */
  leave(end: 'writer' | 'reader'): void
  /** All that stands in it now. */
  drain(): string
  /** Resolves when somebody has written into it, and takes the first byte out. */
  untilWritten(): Promise<void>
}

export function pipe(): Pipe {
  const folder = mkdtempSync(join(tmpdir(), 'doormat-test-'))
  const path = join(folder, 'pipe')
  try {
    if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo makes no pipe')
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writer = openSync(path, constants.O_WRONLY)
    return {
      writer,
      leave: (end) => closeSync(end === 'writer' ? writer : reader),
      drain() {
        let text = ''
        for (let piece = read(reader, 65_536); piece !== ''; piece = read(reader, 65_536)) text += piece
        return text
      },
      async untilWritten() {
        while (read(reader, 1) === '') await sleep(20)
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function read(descriptor: number, sizeBytes: number): string {
  const piece = Buffer.alloc(sizeBytes)
  try {
    return piece.toString('utf8', 0, readSync(descriptor, piece))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    return ''
  }
}
