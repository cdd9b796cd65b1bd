import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { integer, oid, time } from '../../client/workshop/tls/der.ts'
import { ownCertificate } from '../../client/workshop/tls/own.ts'
import { missing } from '../support/missing.ts'

const hour = 3600 * 1000
const day = 24 * hour
const now = Date.parse('2030-06-15T12:00:00Z')
const names = ['192.0.2.7', '10.0.0.3', 'Laptop.local.']

function folder(): string {
  const place = mkdtempSync(join(tmpdir(), 'doormat-certificate-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  return place
}

const shown = (place: string, nowMs = now, for_ = names) =>
  ownCertificate({ folder: place, keep: true, names: for_ }, null, nowMs)

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
})()

describe('the certificate that a workshop makes', () => {
  it('is for every address that is printed, for this machine’s name and for 127.0.0.1, and for nothing else', () => {
    const certificate = new X509Certificate(shown(folder()).cert)
    for (const address of ['192.0.2.7', '10.0.0.3', '127.0.0.1']) expect(certificate.checkIP(address)).toBe(address)
    for (const name of ['laptop.local', hostname()])
      expect([name, certificate.checkHost(name)]).not.toEqual([name, undefined])
    for (const other of ['192.0.2.8', '10.0.0.30']) expect(certificate.checkIP(other)).toBeUndefined()
    expect(certificate.checkHost('other.example')).toBeUndefined()
  })

  it('is taken by a phone whose clock is a day off, today and for a week, and is gone soon after', () => {
    const { validFrom, validTo } = new X509Certificate(shown(folder()).cert)
    expect(Date.parse(validFrom)).toBeLessThanOrEqual(now - day)
    expect(Date.parse(validTo)).toBeGreaterThanOrEqual(now + 8 * day)
    expect(Date.parse(validTo)).toBeLessThan(now + 14 * day)
  })

  it('signs handshakes of a server, and no other certificate', () => {
    const { cert, key } = shown(folder())
    const certificate = new X509Certificate(cert)
    expect(certificate.ca).toBe(false)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  })

  it.skipIf(!hasOpenssl)(
    `is one that openssl finds no fault in, by its strict rules${missing(hasOpenssl, 'openssl')}`,
    () => {
      const { file } = ownCertificate({ folder: folder(), keep: false, names }, null, Date.now())
      for (const purpose of [
        ['-verify_ip', '192.0.2.7'],
        ['-verify_hostname', 'laptop.local'],
      ]) {
        const strict = ['-x509_strict', '-purpose', 'sslserver', ...purpose]
        expect(execFileSync('openssl', ['verify', ...strict, '-CAfile', file, file], { encoding: 'utf8' })).toBe(
          `${file}: OK\n`,
        )
      }
      const text = execFileSync('openssl', ['x509', '-in', file, '-noout', '-text'], { encoding: 'utf8' })
      expect(text).toMatch(
        /X509v3 Basic Constraints: critical\s+CA:FALSE\s+X509v3 Key Usage: critical\s+Digital Signature\n/,
      )
    },
  )

  it('has a name and a serial of its own each time: browsers refuse two that share them', () => {
    const [one, other] = [folder(), folder()].map((place) => new X509Certificate(shown(place).cert))
    expect(one?.serialNumber).not.toBe(other?.serialNumber)
    expect(one?.subject).not.toBe(other?.subject)
  })

  it('leaves its private key in no file, unless the workshop is kept; then in one that nobody else can read', () => {
    const [thrown, kept] = [folder(), folder()]
    const { key, file } = ownCertificate({ folder: thrown, keep: false, names }, null, now)
    const secret = key.split('\n')[1] ?? ''
    expect(readdirSync(join(thrown, 'tls'))).toEqual(['certificate.pem'])
    expect(readFileSync(file, 'utf8')).not.toContain(secret)
    shown(kept)
    expect(readFileSync(join(kept, 'tls/certificate.pem'), 'utf8')).not.toContain('PRIVATE')
    expect(statSync(join(kept, 'tls/certificate.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(kept, 'tls')).mode & 0o777).toBe(0o700)
  })

  it('has the fingerprint that browsers show', () => {
    const { cert, fingerprint } = shown(folder())
    expect(fingerprint).toMatch(/^([0-9A-F]{2} ){31}[0-9A-F]{2}$/)
    expect(fingerprint.replaceAll(' ', ':')).toBe(new X509Certificate(cert).fingerprint256)
  })
})

describe('a workshop that is taken up again', () => {
  it('shows the same certificate, so that phones are not warned a second time', () => {
    const place = folder()
    const first = shown(place)
    expect(first.renewed).toBeNull()
    expect(shown(place, now + day)).toEqual(first)
    // fewer addresses than before are no reason
    expect(shown(place, now + 6 * day, ['10.0.0.3'])).toEqual(first)
  })

  it('shows another one, and says why, when an address is new, the time is up or the file is damaged', () => {
    const place = folder()
    let before = shown(place)
    const expectNew = (next: typeof before, why: RegExp) => {
      expect(next.renewed).toMatch(why)
      expect(next.fingerprint).not.toBe(before.fingerprint)
      expect(readFileSync(next.file, 'utf8')).toBe(next.cert)
      before = next
    }
    expectNew(shown(place, now, [...names, '192.0.2.9']), /^the last one is not for 192\.0\.2\.9$/)
    expect(new X509Certificate(before.cert).checkIP('192.0.2.9')).toBe('192.0.2.9')
    expectNew(shown(place, now + 8 * day), /^the last one expires on 2030-06-24$/)
    expectNew(shown(place, now + 30 * day), /^the last one has expired on 2030-07-02$/)
    expectNew(shown(place, now), /^by the clock of this machine the last one is not valid yet$/)
    const secret = join(place, 'tls/certificate.key')
    for (const damaged of ['', readFileSync(before.file, 'utf8'), readFileSync(secret, 'utf8').replace('M', 'N')]) {
      writeFileSync(secret, damaged)
      expectNew(shown(place, now), /^the one that was kept is damaged$/)
    }
    expect(shown(place, now).renewed).toBeNull()
  })

  it('begins its next round with the same one, though it is written down nowhere', () => {
    const place = folder()
    const first = ownCertificate({ folder: place, keep: false, names }, null, now)
    expect(ownCertificate({ folder: place, keep: false, names }, first, now + hour)).toEqual(first)
    expect(existsSync(join(place, 'tls/certificate.key'))).toBe(false)
  })
})

describe('DER', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

  it('writes each number in its shortest form, and none that would read as negative', () => {
    const written = [[0], [1], [0, 0, 5], [127], [128], [0, 128], [255, 255]].map((bytes) =>
      hex(integer(Uint8Array.from(bytes))),
    )
    expect(written).toEqual(['020100', '020101', '020105', '02017f', '02020080', '02020080', '020300ffff'])
  })

  it('writes object identifiers', () => {
    // X.690, section 8.19.5, and RFC 5280
    expect(hex(oid('2.100.3'))).toBe('0603813403')
    expect(hex(oid('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302')
  })

  it('writes years with two digits until 2049, and then with four', () => {
    expect(time(new Date('2049-12-31T23:59:59Z')).subarray(2).toString()).toBe('491231235959Z')
    expect(time(new Date('2050-01-01T00:00:00Z')).subarray(2).toString()).toBe('20500101000000Z')
  })
})
