import { type KeyObject, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { bits, der, integer, octets, oid, sequence, set, text, time, yes } from './der.ts'

/*
 * Makes certificates as RFC 5280 has them. Node makes keys, signs and reads certificates, and makes none; why this is no package
 * stands in docs/decisions/0026.
 */

export interface CertificateParts {
  /** big-endian, at most 20 bytes; no issuer uses one twice */
  readonly serial: Uint8Array
  readonly subject: string
  readonly publicKey: KeyObject
  readonly from: Date
  readonly to: Date
  /** DER; see below */
  readonly extensions: readonly Uint8Array[]
  readonly issuer: string
  /** of the issuer, on P-256 */
  readonly privateKey: KeyObject
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const commonName = (name: string) => sequence(set(sequence(oid('2.5.4.3'), text(0x0c, name))))

/** @returns a certificate of version 3 in PEM, signed by ECDSA with SHA-256 */
export function certificatePem(parts: CertificateParts): string {
  const body = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(parts.serial),
    ecdsaWithSha256,
    commonName(parts.issuer),
    sequence(time(parts.from), time(parts.to)),
    commonName(parts.subject),
    parts.publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...parts.extensions)),
  )
  const signature = sign('sha256', body, parts.privateKey)
  const base64 = sequence(body, ecdsaWithSha256, bits(signature)).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

const extension = (id: string, value: Uint8Array) => sequence(oid(id), octets(value))
/** Whoever does not know it must not take the certificate. */
const critical = (id: string, value: Uint8Array) => sequence(oid(id), yes, octets(value))

/** Whether it can sign other certificates. */
export const basicConstraints = (isAuthority: boolean): Buffer =>
  critical('2.5.29.19', sequence(...(isAuthority ? [yes] : [])))

/** Its key signs handshakes, and nothing else. */
export const forSignatures = critical('2.5.29.15', bits(Uint8Array.of(0x80), 7))

/** It is a server's, for TLS. */
export const forServers = extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1')))

/** @param names in ASCII, and IPv4 addresses */
export const alternativeNames = (names: readonly string[]): Buffer =>
  extension('2.5.29.17', sequence(...names.map((name) => (isIPv4(name) ? der(0x87, ipv4(name)) : text(0x82, name)))))

const ipv4 = (name: string) => Uint8Array.from(name.split('.'), Number)
