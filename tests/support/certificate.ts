import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'

/*
 * Certificates as RFC 5280 has them, made here: no openssl has to be installed, no private key stands in the project, and
 * each test has the fault that it wants.
 */

/** A certificate in PEM, its private key, and who can sign others with it. */
export interface Made {
  readonly cert: string
  readonly key: string
  readonly signer: Signer
}

interface Signer {
  readonly name: string
  readonly privateKey: KeyObject
}

export interface CertificateOptions {
  /** the names and addresses that it is for */
  readonly names?: readonly string[]
  readonly from?: Date
  readonly to?: Date
  /** who signs it; by default itself */
  readonly by?: Signer
  readonly isAuthority?: boolean
}

/** DER: tag, length, value */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  const { length } = value
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Uint8Array.of(tag, ...size), value])
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const text = (tag: number, value: string) => der(tag, Buffer.from(value))
const oid = (...bytes: number[]) => der(0x06, Uint8Array.of(...bytes))
const octets = (value: Uint8Array) => der(0x04, value)
const yes = der(0x01, Uint8Array.of(255))

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const commonName = (name: string) => sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), text(0x0c, name))))
/** YYMMDDHHMMSSZ until 2049, and from then on with four digits of the year (RFC 5280, section 4.1.2.5) */
const time = (date: Date) => {
  const digits = `${date.toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`
  return date.getUTCFullYear() < 2050 ? text(0x17, digits.slice(2)) : text(0x18, digits)
}

const basicConstraints = (isAuthority: boolean) =>
  sequence(oid(0x55, 0x1d, 0x13), yes, octets(sequence(...(isAuthority ? [yes] : []))))
const alternativeNames = (names: readonly string[]) =>
  sequence(
    oid(0x55, 0x1d, 0x11),
    octets(sequence(...names.map((name) => (isIP(name) ? address(name) : text(0x82, name))))),
  )
const address = (name: string) => der(0x87, Uint8Array.from(name.split('.'), Number))

const pem = (bytes: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`

let lastSerial = 0

/** @param name of whom it is; P-256 */
export function certificate(name: string, options: CertificateOptions = {}): Made {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { names = [], from = new Date('2020-01-01'), to = new Date('2120-01-01'), isAuthority = false } = options
  const signer = { name, privateKey }
  const by = options.by ?? signer
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, Uint8Array.of((lastSerial += 1))),
    ecdsaWithSha256,
    commonName(by.name),
    sequence(time(from), time(to)),
    commonName(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(basicConstraints(isAuthority), ...(names.length > 0 ? [alternativeNames(names)] : []))),
  )
  const signature = sign('sha256', body, by.privateKey)
  return {
    cert: pem(sequence(body, ecdsaWithSha256, der(0x03, Uint8Array.of(0), signature))),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    signer,
  }
}
