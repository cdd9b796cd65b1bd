import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { CannotStart } from './errors.ts'
import { readPem } from './disk/handed.ts'

/** In PEM: a certificate followed by those that vouch for it, and its private key. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/**
 * Reads what TLS needs, once: who renews it starts the relay again.
 * @throws CannotStart when it cannot be read, does not belong together, or is not valid at this time
 */
export function readCertificate(certFile: string, keyFile: string, nowMs: number): Certificate {
  const [cert, key] = [readText(certFile), readText(keyFile)]
  const certificate = attempt(() => new X509Certificate(cert), `${certFile} holds no certificate in PEM`)
  const privateKey = attempt(() => createPrivateKey(key), `${keyFile} holds no private key in PEM without a passphrase`)
  if (!certificate.checkPrivateKey(privateKey))
    throw new CannotStart(`the key in ${keyFile} is not that of the certificate in ${certFile}`)
  if (Date.parse(certificate.validTo) <= nowMs)
    throw new CannotStart(`the certificate in ${certFile} has expired on ${certificate.validTo}`)
  if (Date.parse(certificate.validFrom) > nowMs)
    throw new CannotStart(`the certificate in ${certFile} is not valid before ${certificate.validFrom}`)
  attempt(() => createSecureContext({ cert, key }), `the certificate in ${certFile} is too weak or damaged`)
  return { cert, key }
}

const refuse = (message: string) => new CannotStart(message)
const readText = (path: string) => attempt(() => readPem(path, refuse), `${path} cannot be read`)

function attempt<T>(work: () => T, otherwise: string): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof CannotStart ? error : new CannotStart(otherwise)
  }
}
