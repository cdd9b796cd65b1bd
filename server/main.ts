import { lookup } from 'node:dns/promises'
import type { Server } from 'node:http'
import { type AddressInfo, isIPv6, type Socket } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { base64url, fromBase64url } from '../crypto/bytes.ts'
import { generatePolicyPair, policyPairFrom } from '../crypto/keys.ts'
import { systemRandom } from '../crypto/random.ts'
import { authorityDigest, certificatesIn } from '../crypto/whereabouts.ts'
import { buildApp } from './app.ts'
import { openArchive } from './archive.ts'
import { blobFilesIn, blobsBeside } from './disk/blob-files.ts'
import type { Certificate } from './certificate.ts'
import { lockFolder, secretFile } from './folder.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { openLog, plainly } from './log.ts'
import type { PolicyPair } from './policy.ts'
import { privateDatabase, privateFolder } from './disk/private.ts'
import { type LocalRelay, openRelay, type Residence } from './relay.ts'
import { report } from './report.ts'
import { openSqliteStore } from './store/sqlite-store.ts'

export interface RelayOptions {
  /** folder for store, policy key and operator's token; made 0700 if it is not there */
  readonly directory: string
  readonly host: string
  /** by which clients may ask for it, besides `host` and the names in its certificate */
  readonly names: readonly string[]
  readonly port: number
  /** for https; null for plain http */
  readonly certificate: Certificate | null
  readonly archivePath: string | null
  /** in canonical form: where devices find it; null for where it listens */
  readonly address: string | null
  /** PEM: what devices are to trust; null for the last certificate that it shows */
  readonly authority: string | null
  readonly logLevel: 'info' | 'debug' | 'silent'
  /** on a terminal: nothing but warnings, in words, in the place of a line of JSON for each thing that happens */
  readonly isTerminal?: boolean
  /** `defaultLimits` without it */
  readonly limits?: Limits
  /**
   * For a program that runs a relay among other things: what the network gets to see of it, and routes beside the relay's own.
   * Called before it listens.
   */
  readonly surround?: (relay: LocalRelay) => Surroundings
}

export interface Surroundings {
  readonly seen: LocalRelay
  addRoutes(app: FastifyInstance): void
}

export interface RunningRelay {
  readonly url: string
  readonly operatorTokenFile: string
  /**
   * Answers what is under way, closes sockets and store. It waits two seconds at most for whoever does not hang up, and three
   * for another program that holds the store.
   */
  stop(): Promise<void>
}

const expireEveryMs = 3600 * 1000
/** A client that has not hung up this long after the relay has is cut off. */
const leaveWithinMs = 2_000

/** Builds a relay from its folder and listens. */
export async function startRelay(options: RelayOptions): Promise<RunningRelay> {
  const { directory } = options
  privateFolder(directory)
  const unlock = lockFolder(directory)
  const operatorTokenFile = join(directory, 'operator.token')
  const logger = options.isTerminal
    ? pino({ level: 'warn', base: undefined }, plainly(openLog()))
    : pino({ level: options.logLevel, base: undefined }, openLog())
  const store = openSqliteStore(privateDatabase(join(directory, 'relay.db')))
  const archive = options.archivePath === null ? null : openArchive(options.archivePath)
  const relay = await openRelay({
    store,
    policyPair: policyPairIn(directory),
    operatorToken: secretFile(directory, 'operator.token', () => base64url(systemRandom(32))),
    archive,
    blobFiles: blobFilesIn(join(directory, 'blobs'), options.archivePath && blobsBeside(options.archivePath)),
    random: systemRandom,
    clock: Date.now,
    steady: () => performance.now(),
    log: (line) => logger.warn(line),
    failed: (error) => report(logger, error, 'something that nobody waits for failed'),
    ...(options.limits && { limits: options.limits }),
  })
  await relay.expire()
  const expiry = setInterval(() => void expire(), expireEveryMs)
  async function expire(): Promise<void> {
    try {
      await relay.expire()
    } catch (error) {
      report(logger, error, 'old mail could not be removed')
    }
  }
  const names = [options.host, ...options.names]
  const around = options.surround?.(relay)
  const app = await buildApp(around?.seen ?? relay, logger, options.certificate, options.limits ?? defaultLimits, names)
  around?.addRoutes(app)
  const connections = connectionsOf(app.server)

  async function stop(): Promise<void> {
    clearInterval(expiry)
    const patience = setTimeout(() => connections.forEach((connection) => connection.destroy()), leaveWithinMs)
    await app.close()
    clearTimeout(patience)
    await relay.settle()
    archive?.close()
    store.close()
    unlock()
  }

  try {
    // a name can mean several addresses: the relay listens at one of them, and says which
    const { address } = await lookup(options.host)
    const url = await app.listen({ host: address, port: options.port })
    relay.resideAt(residenceOf(options, app.addresses()))
    return { url, operatorTokenFile, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What the operator has said of the relay, and otherwise what is the case. */
function residenceOf(
  { address, authority, certificate }: RelayOptions,
  listening: readonly (AddressInfo | string)[],
): Residence {
  const scheme = certificate ? 'https' : 'http'
  const addresses = listening.flatMap((at) =>
    typeof at === 'string' ? [] : hostsOf(at.address).map((host) => `${scheme}://${host}:${at.port}`),
  )
  const trusted = authority ?? (certificate ? certificatesIn(certificate.cert).at(-1) : undefined)
  return {
    addresses: address === null ? addresses : [address],
    authority: trusted === undefined ? null : authorityDigest(trusted),
  }
}

/** A relay that listens everywhere knows of itself only that it is on this machine. */
const hostsOf = (address: string): readonly string[] => {
  if (address === '0.0.0.0') return ['127.0.0.1']
  if (address === '::') return ['127.0.0.1', '[::1]']
  return [isIPv6(address) ? `[${address}]` : address]
}

/** Every connection: upgraded to a socket, not upgraded, or silent so far. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>()
  function closed(this: Socket): void {
    connections.delete(this)
  }
  server.on('connection', (connection) => {
    connections.add(connection)
    connection.on('close', closed)
  })
  return connections
}

/** The public half lies beside it, so that the operator's commands know the relay by it. */
function policyPairIn(directory: string): PolicyPair {
  const seed = secretFile(directory, 'policy.key', () => base64url(generatePolicyPair(systemRandom).secret))
  const pair = policyPairFrom(fromBase64url(seed))
  secretFile(directory, 'policy.key.pub', () => base64url(pair.public))
  return pair
}
