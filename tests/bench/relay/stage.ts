import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settle } from './population.ts'
import { type Peer, startPeer } from './processes.ts'

/** A server, the load on it, and what takes both down. */
export interface Stage {
  readonly server: Peer
  readonly load: Peer
  stop(): Promise<void>
}

export type Kind = 'relay' | 'forwarder'

/** @param flags of Node, for the server */
export const startServer = (kind: Kind, directory: string, flags: readonly string[] = []): Promise<Peer> =>
  startPeer(`${kind}-host`, [directory], flags)

export const startLoad = (kind: Kind | 'broker', address: string, lineCount: number): Promise<Peer> =>
  startPeer('load-host', [kind, address, String(lineCount)])

/** A server of that kind with that many authenticated lines to it. */
export async function startStage(kind: Kind, directory: string, lineCount: number): Promise<Stage> {
  const server = await startServer(kind, directory)
  const load = await startLoad(kind, await server.ask('url'), lineCount)
  return {
    server,
    load,
    async stop() {
      await load.stop()
      await server.stop()
    },
  }
}

/** A folder with a relay's store in which so many are registered; gone when the work is done. */
export async function inTown<T>(population: number, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'doormat-bench-'))
  try {
    await settle(directory, population)
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
