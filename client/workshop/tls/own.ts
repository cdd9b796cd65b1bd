import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { domainToASCII } from 'node:url'
import { systemRandom } from '../../../crypto/random.ts'
import type { Certificate } from '../../../server/certificate.ts'
import { privateFolder } from '../../../server/disk/private.ts'
import { writeWhole } from '../../../server/disk/whole-file.ts'
import { alternativeNames, basicConstraints, certificatePem, forServers, forSignatures } from './x509.ts'

/** What a workshop shows to phones, made by itself and signed by nobody else. */
export interface OwnCertificate extends Certificate {
  /** of the certificate in PEM, without its key: what somebody with a terminal gives to `--tls-ca` */
  readonly file: string
  /** SHA-256 of it: 32 bytes, as browsers show it */
  readonly fingerprint: string
  /** why phones are shown another one than the last time; null where there was none, or it is the same */
  readonly renewed: string | null
}

const dayMs = 24 * 3600 * 1000
/** A phone whose clock is a day behind takes it at once. */
const validBeforeMs = 2 * dayMs
/** A course of a week shows its phones one certificate. */
const validForMs = 9 * dayMs
/** With less than this left, a phone whose clock is a day ahead would refuse it today or tomorrow. */
const renewBelowMs = 2 * dayMs

const damaged = 'the one that was kept is damaged'

export interface Showing {
  /** of the workshop; this certificate has one in it */
  readonly folder: string
  /** whether the private key is written down, too; otherwise it is in this process alone */
  readonly keep: boolean
  /** by which phones call this machine, and its addresses */
  readonly names: readonly string[]
}

/**
 * The certificate of a workshop: for these names, for this machine's own, and for 127.0.0.1. The last one is shown again as long as it fits.
 * @param before what this process has shown last
 */
export function ownCertificate(
  { folder: workshop, keep, names: asked }: Showing,
  before: Certificate | null,
  nowMs: number,
): OwnCertificate {
  const folder = join(workshop, 'tls')
  privateFolder(folder)
  const names = namesFor(asked)
  // the key stands with its certificate in one file: there is never one without the other
  const [file, secret] = [join(folder, 'certificate.pem'), join(folder, 'certificate.key')]
  const kept = before ?? (keep && existsSync(secret) ? readKept(secret) : null)
  const renewed = kept === null ? null : kept === damaged ? damaged : whyRenew(kept, names, nowMs)
  const { cert, key } = kept !== null && kept !== damaged && renewed === null ? kept : make(names, nowMs)
  if (keep) writeWhole(secret, key + cert, 0o600)
  writeWhole(file, cert, 0o600)
  return { cert, key, file, renewed, fingerprint: new X509Certificate(cert).fingerprint256.replaceAll(':', ' ') }
}

/** Those that can stand in a certificate: each once. */
function namesFor(asked: readonly string[]): readonly string[] {
  const all = [...asked, '127.0.0.1', hostname()].map((name) => domainToASCII(name).replace(/\.$/, ''))
  return [...new Set(all)].filter((name) => /^[a-z0-9_.-]+$/.test(name))
}

function make(names: readonly string[], nowMs: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const serial = systemRandom(16)
  // browsers tell certificates apart by issuer and serial, and look long where many have one name
  const subject = `Doormat workshop ${Buffer.from(serial.subarray(0, 4)).toString('hex')}`
  const cert = certificatePem({
    serial,
    subject,
    publicKey,
    from: new Date(nowMs - validBeforeMs),
    to: new Date(nowMs + validForMs),
    // of no use to sign others with: whoever trusts it trusts this server, and nobody else
    extensions: [basicConstraints(false), forSignatures, forServers, alternativeNames(names)],
    issuer: subject,
    privateKey,
  })
  return { cert, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }
}

function readKept(path: string): Certificate | typeof damaged {
  try {
    const all = readFileSync(path, 'utf8')
    const [certificate, key] = [new X509Certificate(all), createPrivateKey(all)]
    if (!certificate.checkPrivateKey(key)) return damaged
    return { cert: certificate.toString(), key: key.export({ format: 'pem', type: 'pkcs8' }).toString() }
  } catch {
    return damaged
  }
}

function whyRenew({ cert }: Certificate, names: readonly string[], nowMs: number): string | null {
  const certificate = new X509Certificate(cert)
  const untilMs = Date.parse(certificate.validTo)
  if (untilMs <= nowMs) return `the last one has expired on ${dayOf(untilMs)}`
  if (untilMs - nowMs < renewBelowMs) return `the last one expires on ${dayOf(untilMs)}`
  if (Date.parse(certificate.validFrom) > nowMs) return 'by the clock of this machine the last one is not valid yet'
  const missing = names.filter((name) =>
    isIPv4(name) ? certificate.checkIP(name) === undefined : certificate.checkHost(name) === undefined,
  )
  return missing.length === 0 ? null : `the last one is not for ${missing.join(', ')}`
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
