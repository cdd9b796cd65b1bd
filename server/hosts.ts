import { X509Certificate } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { RelayError } from './api.ts'
import type { Certificate } from './certificate.ts'

/** The parts of a request that say for whom it is meant, and who sent it. */
export interface Asking {
  readonly headers: { readonly host?: string; readonly origin?: string }
  /** names and values in turn, exactly as they came */
  readonly rawHeaders: readonly string[]
}

/** A name or an address, with or without a port behind it; RFC 9110, section 7.2 */
const hostForm = /^(?:\[(?<ipv6>[^\]]+)\]|(?<name>[a-z0-9._-]+))(?::\d{1,5})?$/

const withoutEnd = (name: string) => name.replace(/\.$/, '')

/**
 * Who owns a name can make it mean this machine, and a page of that name then asks it for a page of its own site, without
 * an Origin (DNS rebinding). So a request has to name an address, which nobody else can give a meaning, `localhost`, or a
 * name that is the relay's own; and if it comes from a page, that is a page of the same place.
 * @param names besides those of the certificate
 * @returns a check that throws RelayError `foreign-host` | `foreign-origin`
 */
export function hostCheck(names: readonly string[], certificate: Certificate | null): (asking: Asking) => void {
  // with TLS, who is on the way can put a page at the same place in plain http; without, a proxy before it may have TLS
  const isOurs = (protocol: string) => certificate === null || protocol === 'https:'
  const own = new Set(['localhost', ...names.map((name) => withoutEnd(domainToASCII(name)))])
  const certified = certificate && new X509Certificate(certificate.cert)

  function isOwn(host: string): boolean {
    const { ipv6, name = '' } = hostForm.exec(host)?.groups ?? {}
    if (ipv6 !== undefined) return isIPv6(ipv6)
    const plain = withoutEnd(name)
    return isIPv4(plain) || own.has(plain) || (plain !== '' && certified?.checkHost(plain) !== undefined)
  }

  return ({ headers, rawHeaders }) => {
    const host = (headers.host ?? '').toLowerCase()
    const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
    if (hosts.length !== 1 || !isOwn(host))
      throw new RelayError(
        'foreign-host',
        'this relay does not go by that name; its operator can give it one: doormat relay --name NAME',
      )
    const { origin } = headers
    const from = origin !== undefined && URL.canParse(origin) ? new URL(origin) : null
    if (origin !== undefined && !(from?.host === host && isOurs(from.protocol)))
      throw new RelayError('foreign-origin', 'requests from pages of another site are refused')
  }
}
