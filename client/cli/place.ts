import { X509Certificate } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { certificatesIn } from '../../crypto/whereabouts.ts'
import { readPem } from '../../server/disk/handed.ts'
import { Stop } from './exit.ts'

export interface PlaceFlags {
  readonly relay: string
  readonly tlsCa?: string
  readonly trustedNetwork?: boolean
}

/** Where a relay is, and who has to have signed its certificate: PEM, or null for whom this machine trusts. */
export interface Place {
  readonly url: string
  readonly ca: string | null
}

/** Whether what goes there stays on this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))

/**
 * @param again the command with another address, for the hint
 * @throws Stop for what is no relay's address, and for plain http beyond this machine that nobody has vouched for
 */
export function placeOf({ relay: url, tlsCa, trustedNetwork }: PlaceFlags, again: (address: string) => string): Place {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Stop('user', `${url} is not the address of a relay: that is http:// or https://, then host and port`)
  const { protocol, hostname, host, ...rest } = partsOf(url)
  const more = Object.entries(rest).find(([, is]) => is)?.[0]
  if (more !== undefined)
    throw new Stop(
      'user',
      `the address of a relay is its host and port, without ${more}`,
      again(`${protocol}//${host}`),
    )
  if (protocol === 'http:' && !isLoopback(hostname) && !trustedNetwork)
    throw new Stop(
      'user',
      `${url} is on another machine, and http is not encrypted. On a network that you trust, add --trusted-network`,
      again(`https://${host}`),
    )
  if (tlsCa !== undefined && protocol === 'http:')
    throw new Stop('user', '--tls-ca is only used with a relay at https://', again(`https://${host}`))
  return { url, ca: tlsCa === undefined ? null : readAuthority(tlsCa) }
}

/** What an address is made of, and what else there is in it. */
function partsOf(url: string) {
  const { protocol, hostname, host, username, password, pathname, search, hash } = new URL(url)
  return {
    protocol,
    hostname,
    host,
    'a name or a password': username !== '' || password !== '',
    'a path': pathname !== '/',
    'a query': search !== '',
    'a fragment': hash !== '',
  }
}

const refuse = (message: string, hint: string | null) => new Stop('user', message, hint)

/** The certificates alone: whatever else stands in that file stays there. */
export function readAuthority(path: string): string {
  try {
    const certificates = certificatesIn(readPem(path, refuse)).map((pem) => new X509Certificate(pem).toString())
    if (certificates.length > 0) return certificates.join('')
  } catch (error) {
    // anything else is told below, like a file without any
    if (error instanceof Stop) throw error
  }
  throw new Stop('user', `${path} holds no certificate in PEM`)
}
