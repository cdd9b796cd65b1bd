import { setTimeout as sleep } from 'node:timers/promises'

/** This process's memory once its garbage is gone; needs `--expose-gc`. */
export async function memory(): Promise<NodeJS.MemoryUsage> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await sleep(100)
  }
  return process.memoryUsage()
}

/** Processor time that this process has used, on whatever core: says more than the clock where others work too. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
