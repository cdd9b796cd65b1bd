import { compare, concat, fromBase64url, textField, u8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { suite } from './identity.ts'
import { digest, labels, sign, verify } from './kdf.ts'
import { type Digest, keySizeBytes, type PolicyKey, type PolicySecret, sized } from './keys.ts'

/*
 * A relay's word for where it is. A device pins the policy key and not the address, because an address can change.
 * Whoever asks at an address has to learn from the holder of that key that this address is the relay's own.
 */

/** Where somebody is about to look for a relay. */
export interface Whereabouts {
  /** as `canonicalAddress` writes it */
  readonly address: string
  /** digest of the certificates that must sign the relay's own; null where none is named */
  readonly authority: Digest | null
}

export const whereaboutsNonceSizeBytes = keySizeBytes

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** `scheme://host:port`, always with the port. @returns null for what is no address of a relay, or more than one */
export function canonicalAddress(url: string): string | null {
  if (!URL.canParse(url)) return null
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(url)
  const defaultPort = defaultPorts[protocol]
  const more = search + hash + username + password
  if (defaultPort === undefined || pathname !== '/' || more !== '') return null
  return `${protocol}//${hostname}:${port || defaultPort}`
}

/** The certificates in a PEM text, in their order; whatever else stands there is left out. */
export const certificatesIn = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

/** One digest for a set of certificates in PEM, whatever their order. @throws CryptoError `malformed` where there is none */
export function authorityDigest(pem: string): Digest {
  const all = certificatesIn(pem).map(derOf).toSorted(compare)
  if (all.length === 0) throw new CryptoError('malformed', 'no certificate in PEM')
  return digest(labels.authority, ...all.filter((der, i) => i === 0 || compare(der, all[i - 1] ?? der) !== 0))
}

const derOf = (block: string) =>
  fromBase64url(
    block
      .replaceAll(/-----[A-Z ]+-----|[\s=]/g, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  )

const encodeWhereabouts = (nonce: Uint8Array, { address, authority }: Whereabouts) =>
  concat(
    u8(suite),
    sized(nonce, whereaboutsNonceSizeBytes),
    textField(address),
    ...(authority ? [u8(1), authority] : [u8(0)]),
  )

/** @param nonce 32 bytes of whoever asks. @returns 64 bytes */
export const signWhereabouts = (nonce: Uint8Array, where: Whereabouts, secret: PolicySecret): Uint8Array =>
  sign(labels.whereabouts, secret, encodeWhereabouts(nonce, where))

/** @throws CryptoError `bad-signature` unless the holder of the policy key has signed this place for this nonce */
export const checkWhereabouts = (nonce: Uint8Array, where: Whereabouts, signature: Uint8Array, key: PolicyKey): void =>
  verify(labels.whereabouts, key, encodeWhereabouts(nonce, where), signature)
