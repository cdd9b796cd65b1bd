import { setTimeout as sleep } from 'node:timers/promises'

/** This process's memory once its garbage is gone; needs `--expose-gc`. */
export async function memory(): Promise<NodeJS.MemoryUsage> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await sleep(100)
  }
  return process.memoryUsage()
}
