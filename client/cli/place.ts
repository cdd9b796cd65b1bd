import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { canonicalAddress, certificatesIn } from '../../crypto/whereabouts.ts'
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
 * @param command what the person is trying to do, up to the address, for the hint
 * @throws Stop for what is no relay's address, and for plain http beyond this machine that nobody has vouched for
 */
export function placeOf({ relay: url, tlsCa, trustedNetwork }: PlaceFlags, command: string): Place {
  if (canonicalAddress(url) === null) throw new Stop('user', `${url} is not the address of a relay`)
  const { protocol, hostname, host } = new URL(url)
  if (protocol === 'http:' && !isLoopback(hostname) && !trustedNetwork)
    throw new Stop(
      'user',
      `${url} is beyond this machine and not encrypted; only on a network that you trust: --trusted-network`,
      `${command} https://${host}`,
    )
  if (tlsCa !== undefined && protocol === 'http:')
    throw new Stop('user', '--tls-ca goes with a relay at https://', `${command} https://${host}`)
  return { url, ca: tlsCa === undefined ? null : readAuthority(tlsCa) }
}

/** The certificates alone: whatever else stands in that file stays there. */
export function readAuthority(path: string): string {
  try {
    const certificates = certificatesIn(readFileSync(path, 'utf8')).map((pem) => new X509Certificate(pem).toString())
    if (certificates.length > 0) return certificates.join('')
  } catch {
    // told below, like a file without any
  }
  throw new Stop('user', `${path} holds no certificate in PEM`)
}
