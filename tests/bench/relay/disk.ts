import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { median } from '../timing.ts'

const tmpfs = 0x0102_1994

/** What the disk below a durable acknowledgement costs: milliseconds to write 4 KiB and sync, and whether it is one at all. */
export function probeDisk(directory: string): string {
  const path = join(directory, 'probe')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4096, 1)
  const figures = Array.from({ length: 100 }, () => {
    const start = performance.now()
    writeSync(file, page)
    fsyncSync(file)
    return performance.now() - start
  })
  closeSync(file)
  rmSync(path)
  const where = statfsSync(directory).type === tmpfs ? 'memory, not a disk: nothing here is durable' : 'a disk'
  return `the relay's folder lies on ${where}; 4 KiB written and synced take ${median(figures).toFixed(2)} ms`
}
