import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { alternativeNames, basicConstraints, certificatePem } from '../../client/workshop/tls/x509.ts'

/*
 * Certificates for relays in tests: no openssl has to be installed, no private key stands in the project, and each test has the
 * fault that it wants.
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

const basics = (isAuthority: boolean, names: readonly string[]) => [
  basicConstraints(isAuthority),
  ...(names.length > 0 ? [alternativeNames(names)] : []),
]

let lastSerial = 0

/** @param name of whom it is; P-256 */
export function certificate(name: string, options: CertificateOptions = {}): Made {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { names = [], from = new Date('2020-01-01'), to = new Date('2120-01-01'), isAuthority = false } = options
  const signer = { name, privateKey }
  const by = options.by ?? signer
  const cert = certificatePem({
    serial: Uint8Array.of((lastSerial += 1)),
    subject: name,
    publicKey,
    from,
    to,
    extensions: basics(isAuthority, names),
    issuer: by.name,
    privateKey: by.privateKey,
  })
  return { cert, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), signer }
}
