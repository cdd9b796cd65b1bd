import { resolve } from 'node:path'
import { canonicalAddress } from '../../../crypto/whereabouts.ts'
import { type Certificate, readCertificate } from '../../../server/certificate.ts'
import { CannotStart } from '../../../server/errors.ts'
import { type RunningRelay, startRelay } from '../../../server/main.ts'
import { interruption } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, printed, tell } from '../output.ts'
import { isLoopback, readAuthority } from '../place.ts'

export interface RelayFlags {
  readonly dir: string
  readonly host: string
  readonly port: string
  readonly name?: readonly string[]
  readonly archive?: string
  readonly address?: string
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly trustedNetwork?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
}

export async function runRelay(flags: RelayFlags): Promise<void> {
  const port = Number(flags.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Stop('user', `${flags.port} is not a port`)
  const tls = `doormat relay --host ${flags.host} --tls-cert FILE --tls-key FILE`
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    throw new Stop('user', '--tls-cert and --tls-key go together', tls)
  if (!isLoopback(flags.host) && flags.tlsCert === undefined && !flags.trustedNetwork)
    throw new Stop(
      'user',
      'beyond this machine the relay needs TLS, for names and times can be read on the way; or a network that you trust: --trusted-network',
      tls,
    )
  if (flags.address !== undefined && canonicalAddress(flags.address) === null)
    throw new Stop('user', `${flags.address} is not the address of a relay`, 'doormat relay --address https://HOST')
  const relay = await start(flags, port)
  // whoever reads where it listens may end it at once
  const interrupted = interruption()
  const ended = new Promise((resolve) => interrupted.addEventListener('abort', resolve))
  try {
    if (flags.json) print(JSON.stringify({ url: relay.url, operatorTokenFile: relay.operatorTokenFile }))
    else {
      tell(`relay at ${relay.url}`)
      tell(`operator's token in ${relay.operatorTokenFile}`)
      if (flags.archive !== undefined) tell(`every envelope is kept in ${flags.archive}`)
    }
    if (await printed(interrupted)) await ended
  } finally {
    await relay.stop()
  }
}

async function start(flags: RelayFlags, port: number): Promise<RunningRelay> {
  try {
    return await startRelay({
      directory: resolve(flags.dir),
      host: flags.host,
      port,
      names: flags.name ?? [],
      certificate: certificateOf(flags),
      address: flags.address === undefined ? null : canonicalAddress(flags.address),
      authority: flags.tlsCa === undefined ? null : readAuthority(flags.tlsCa),
      archivePath: flags.archive === undefined ? null : resolve(flags.archive),
      logLevel: flags.verbose ? 'debug' : 'info',
    })
  } catch (error) {
    if (error instanceof CannotStart) throw new Stop('relay', error.message)
    throw whyNotListening(error, flags.host, port) ?? error
  }
}

/** What the system says of an address, in words and with another to try; null for anything else. */
function whyNotListening(error: unknown, host: string, port: number): Stop | null {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return null
  if (code === 'EADDRINUSE')
    return new Stop('relay', `another program listens on port ${port} of ${host}`, 'doormat relay --port 0')
  if (code === 'EACCES')
    return new Stop('relay', `this account may not listen on port ${port}`, 'doormat relay --port 0')
  if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo')
    return new Stop('relay', `${host} is no address of this machine`, 'doormat relay --host 127.0.0.1')
  return null
}

const certificateOf = ({ tlsCert, tlsKey }: RelayFlags): Certificate | null =>
  tlsCert === undefined || tlsKey === undefined ? null : readCertificate(tlsCert, tlsKey, Date.now())
