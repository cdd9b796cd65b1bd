import type { FastifyBaseLogger } from 'fastify'
import { storageFault } from './disk/storage.ts'

/**
 * Writes a fault into the relay's log: a few words where a disk is at fault, otherwise its stack and nothing more. Both can name a
 * file, and a blob's file is named by its id, with which anybody could fetch it: that is left out.
 */
export function report(log: Pick<FastifyBaseLogger, 'error'>, error: unknown, what: string): void {
  const fault = storageFault(error)
  if (fault) log.error(`${what}: ${withoutIds(fault.message)}`)
  else if (error instanceof Error) log.error({ err: { name: error.name, stack: withoutIds(error.stack ?? '') } }, what)
  else log.error({ err: {} }, what)
}

const withoutIds = (text: string) => text.replace(/[0-9a-f]{64}/g, '…')
