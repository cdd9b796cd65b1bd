import { resolve } from 'node:path'
import { startRelay } from '../../../server/main.ts'
import { untilInterrupted } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../terminal.ts'

export interface RelayFlags {
  readonly dir: string
  readonly host: string
  readonly port: string
  readonly archive?: string
  readonly trustedNetwork?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

export async function runRelay(flags: RelayFlags): Promise<void> {
  const port = Number(flags.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Stop('user', `${flags.port} is not a port`)
  if (!loopback.has(flags.host) && !flags.trustedNetwork) {
    throw new Stop(
      'user',
      'beyond this machine the relay speaks plain http: names and times can be read on the way',
      `doormat relay --host ${flags.host} --trusted-network`,
    )
  }
  const relay = await startRelay({
    directory: resolve(flags.dir),
    host: flags.host,
    port,
    archivePath: flags.archive === undefined ? null : resolve(flags.archive),
    logLevel: flags.verbose ? 'debug' : 'info',
  })
  if (flags.json) print(JSON.stringify({ url: relay.url, operatorTokenFile: relay.operatorTokenFile }))
  else {
    tell(`relay at ${relay.url}`)
    tell(`operator's token in ${relay.operatorTokenFile}`)
    if (flags.archive !== undefined) tell(`every envelope is kept in ${flags.archive}`)
  }
  await untilInterrupted()
  await relay.stop()
}
