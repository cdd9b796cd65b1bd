import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  readInstrument,
  readPublicKey,
  readSecretKey,
  writeInstrument,
  writeKeyFiles,
} from '../../client/authority/key-file.ts'
import { createDesk, trustIssuer } from '../../client/authority/order/desk-setup.ts'
import { readIssuer, readIssuerSecret, writeIssuer } from '../../client/authority/order/issuer.ts'
import { writeOrder } from '../../client/authority/order/order-file.ts'
import { draftOrder } from '../../client/authority/order/order.ts'
import { lineOf } from '../../client/cli/commands/access.ts'
import { submit } from '../../client/cli/commands/order.ts'
import { placeOf } from '../../client/cli/place.ts'
import { readEdgeList } from '../../client/lab/world/edge-list.ts'
import { readTexts } from '../../client/lab/world/texts.ts'
import { readCertificate } from '../../server/certificate.ts'
import { certificate } from '../support/certificate.ts'
import { crown, now, request } from '../support/orders.ts'
import { seededRandom } from '../support/random.ts'

/* Every file that a person hands in as text is read alike: a byte order mark is no part of it, and what is not UTF-8 is told. */

const folder = mkdtempSync(join(tmpdir(), 'doormat-handed-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)
const random = seededRandom('handed')

const tls = certificate('relay', { names: ['127.0.0.1'] })
writeKeyFiles(path('escrow.key'), 'message-key-escrow', [random(32)], random(32))
writeInstrument(path('instrument'), { mode: 'ghost-device', instrument: random(32) })
writeIssuer(path('issuer.key'), crown)
writeOrder(path('order.json'), draftOrder(request(), crown))
writeFileSync(path('token'), 'a-token\n')
writeFileSync(path('ca.pem'), tls.cert)
writeFileSync(path('tls.key'), tls.key)
writeFileSync(path('edges'), '1 2 3\n2 1 4\n')
writeFileSync(path('texts'), 'hello\nyou\n')

let desks = 0
async function submitted(file: string): Promise<void> {
  const desk = path(`desk ${++desks}`)
  await createDesk(desk, 'us', random, now)
  await trustIssuer(desk, crown, now)
  await submit(file, { desk })
}
const nobody = { json: false, relay: 'https://127.0.0.1' }

const readers: Record<string, readonly [file: string, read: (file: string) => unknown]> = {
  'an escrow key': ['escrow.key', readSecretKey],
  'an escrow public key': ['escrow.key.pub', readPublicKey],
  'an instrument': ['instrument', readInstrument],
  "an issuer's key": ['issuer.key', readIssuerSecret],
  "an issuer's public key": ['issuer.key.pub', readIssuer],
  'an order': ['order.json', submitted],
  "an operator's token": ['token', (tokenFile) => lineOf(tokenFile, "the operator's token")],
  'an authority of certificates': ['ca.pem', (tlsCa) => placeOf({ ...nobody, tlsCa }, String)],
  'a certificate': ['ca.pem', (file) => readCertificate(file, path('tls.key'), Date.now())],
  'the key of a certificate': ['tls.key', (file) => readCertificate(path('ca.pem'), file, Date.now())],
  'a dataset': ['edges', (file) => readEdgeList(file).edges],
  'texts': ['texts', (file) => readTexts(file).texts],
}

describe.each(Object.entries(readers))('the file of %s', (name, [file, read]) => {
  const rewritten = (how: string, change: (text: string) => string | Buffer) => {
    const to = path(`${name} ${how}`)
    writeFileSync(to, change(readFileSync(path(file), 'utf8')))
    return to
  }

  it('says the same with a byte order mark and with CRLF', async () => {
    const plain = await read(path(file))
    const marked = rewritten('marked', (text) => `\ufeff${text.replaceAll('\n', '\r\n')}`)
    expect(await read(marked)).toEqual(name.includes('certificate') ? expect.anything() : plain)
  })

  it('is refused in words in UTF-16, and where it is not UTF-8', async () => {
    for (const utf16 of [
      rewritten('utf16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')),
      rewritten('big', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()),
    ])
      await expect(async () => read(utf16)).rejects.toThrow(`${utf16} is UTF-16, and has to be UTF-8`)
    const latin1 = rewritten('latin1', (text) => Buffer.from(`${text}\n\u00e9\n`, 'latin1'))
    // lines of a dataset are judged one by one, and around a certificate anything may stand
    const isJudgedOtherwise = ['a dataset', 'texts'].includes(name) || name.includes('certificate')
    if (isJudgedOtherwise) expect(await read(latin1)).toBeDefined()
    else await expect(async () => read(latin1)).rejects.toThrow(/is not UTF-8$/)
  })
})
