import type { FastifyBaseLogger } from 'fastify'
import { storageFault } from './disk/storage.ts'

/** Writes a fault into the relay's log: a few words where a disk is at fault, otherwise its stack and nothing more. */
export function report(log: Pick<FastifyBaseLogger, 'error'>, error: unknown, what: string): void {
  const fault = storageFault(error)
  if (fault) log.error(`${what}: ${fault.message}`)
  else log.error({ err: error instanceof Error ? { name: error.name, stack: error.stack } : {} }, what)
}
