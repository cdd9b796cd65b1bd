import { resolve } from 'node:path'
import { canonicalAddress } from '../../../crypto/whereabouts.ts'
import { type Certificate, readCertificate } from '../../../server/certificate.ts'
import { blobsBeside } from '../../../server/disk/blob-files.ts'
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
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Stop('user', `${flags.port} is no port: a port is a number from 0 to 65535`, 'doormat relay --port 4620')
  const tls = `doormat relay --host ${flags.host} --tls-cert FILE --tls-key FILE`
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined))
    throw new Stop('user', '--tls-cert and --tls-key are only used together', tls)
  if (!isLoopback(flags.host) && flags.tlsCert === undefined && !flags.trustedNetwork)
    throw new Stop(
      'user',
      'a relay that others can reach needs TLS, or everybody on the way can read names and times. On a network that you trust, add --trusted-network',
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
    else introduce(relay, flags).forEach(tell)
    if (await printed(interrupted)) await ended
  } finally {
    await relay.stop()
  }
}

/** Somebody sits there who asked for no log. */
const isForPerson = ({ verbose, json }: RelayFlags): boolean =>
  !verbose && !json && process.stdout.isTTY && process.stderr.isTTY

const introduce = ({ url, operatorTokenFile }: RunningRelay, flags: RelayFlags): readonly string[] => [
  `The relay listens at ${url}`,
  `It keeps its store and keys in ${resolve(flags.dir)}`,
  `The operator's token is in ${operatorTokenFile}`,
  ...(flags.archive === undefined
    ? ['It keeps no copy of envelopes and files that have been delivered']
    : [
        `It keeps a copy of every envelope in ${resolve(flags.archive)}`,
        `and of every file in ${blobsBeside(resolve(flags.archive))}`,
      ]),
  'Ctrl-C stops it',
]

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
      isTerminal: isForPerson(flags),
    })
  } catch (error) {
    if (error instanceof CannotStart) throw new Stop('relay', error.message, error.hint)
    throw whyNotListening(error, flags, port) ?? error
  }
}

/** What the system says of an address, in words and with another to try; null for anything else. */
function whyNotListening(error: unknown, { host, dir }: RelayFlags, port: number): Stop | null {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return null
  if (code === 'EADDRINUSE')
    return new Stop(
      'relay',
      `another program, perhaps another relay, listens on port ${port} of ${host} already`,
      `doormat relay --dir ${dir} --port 0`,
    )
  if (code === 'EACCES')
    return new Stop(
      'relay',
      `you may not listen on port ${port}: low ports are for the administrator`,
      `doormat relay --dir ${dir} --port 0`,
    )
  if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo')
    return new Stop('relay', `this machine has no address ${host}`, `doormat relay --dir ${dir} --host 127.0.0.1`)
  return null
}

const certificateOf = ({ tlsCert, tlsKey }: RelayFlags): Certificate | null =>
  tlsCert === undefined || tlsKey === undefined ? null : readCertificate(tlsCert, tlsKey, Date.now())
