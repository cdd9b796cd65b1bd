import { describe, expect, it } from 'vitest'
import { concat, field, fromBase64url, hex } from '../../crypto/bytes.ts'
import { labels, sign } from '../../crypto/kdf.ts'
import { parseOrder, renderOrder } from '../../client/authority/order/order-file.ts'
import { decodeOrder, draftOrder, openOrder, orderBytes } from '../../client/authority/order/order.ts'
import { createIssuer } from '../../client/authority/order/issuer.ts'
import { turned } from '../support/opening.ts'
import { crown, day, deskIn, district, refusal, request } from '../support/orders.ts'
import { seededRandom } from '../support/random.ts'

const { issuers } = deskIn('us')
const signed = draftOrder(request(), crown)
const file = renderOrder(signed)
const open = (text: string) => refusal(() => parseOrder(text, 'order.json', issuers))

describe('an order', () => {
  it('says what its issuer wrote, and who that is', () => {
    const { order } = openOrder(orderBytes(signed), issuers)
    const { name, jurisdiction, key } = crown
    expect(order).toEqual({ ...request(), issuer: { name, jurisdiction, key } })
  })

  it('is refused with any bit of it turned', () => {
    const bytes = orderBytes(signed)
    for (let bit = 0; bit < bytes.length * 8; bit += 3)
      expect(refusal(() => openOrder(turned(bytes, bit), issuers))).toMatch(/^(bad|forged)-order: |^unknown-issuer: /)
  })

  it('is refused when somebody signs in the name of an issuer whose key they do not have', () => {
    const forged = concat(field(signed.body), sign(labels.order, district.secret, signed.body))
    expect(refusal(() => openOrder(forged, issuers))).toBe(
      'forged-order: the order was not signed by Home Secretary, or was changed since',
    )
  })

  it('is refused from somebody who only goes by the name of an issuer', () => {
    const impostor = createIssuer('Home Secretary', 'uk', seededRandom('an impostor'))
    expect(refusal(() => openOrder(orderBytes(draftOrder(request(), impostor)), issuers))).toMatch(
      /^unknown-issuer: the order names the issuer Home Secretary, with a key that this order desk does not know$/,
    )
  })

  it('takes no signature that was made for anything else', () => {
    const bytes = concat(field(signed.body), sign(labels.auditEntry, crown.secret, signed.body))
    expect(refusal(() => openOrder(bytes, issuers))).toMatch(/^forged-order: /)
  })

  it('cannot say what no order says', () => {
    const bad = [
      { serial: 'two words' },
      { serial: '' },
      { from: -1 },
      { person: 'a'.repeat(201) },
      { kind: 'all' as 'content' },
    ]
    for (const other of bad) expect(refusal(() => draftOrder(request(other), crown))).toMatch(/^bad-order: /)
  })
})

describe('the file of an order', () => {
  it('is read back as the same bytes, also with the line ends of mail', () => {
    for (const text of [file, file.replaceAll('\n', '\r\n'), file.trimEnd()])
      expect(hex(parseOrder(text, 'order.json', issuers).digest)).toBe(hex(signed.digest))
  })

  it('names the line that does not say what was signed', () => {
    const lines = file.split('\n')
    const at = (part: string) => lines.findIndex((line) => line.includes(part)) + 1
    expect(open(file.replace('"person": "alice"', '"person": "bob"'))).toBe(
      `bad-order: order.json, line ${at('"person"')}: it differs from what was signed: "person": "alice"`,
    )
    expect(open(file.replace('2026-03-08', '2026-09-08'))).toContain(
      `line ${at('"to"')}: it differs from what was signed`,
    )
  })

  it('plays no tricks on whoever looks at it', () => {
    const person = 'alice\u202e\u2066bob\u001b[2J'
    const text = renderOrder(draftOrder(request({ person }), crown))
    expect(text).toMatch(/^[\n\u0020-\u007e]+$/)
    expect(parseOrder(text, 'order.json', issuers).order.person).toBe(person)
  })

  it('is not taken with anything more in it, or the same thing said twice', () => {
    const twice = file.replace('  "person": "alice",', '  "person": "bob",\n  "person": "alice",')
    expect(open(twice)).toMatch(/^bad-order: order.json, line \d+: it differs from what was signed/)
    expect(open(`${file}// and everybody else`)).toBe(
      'bad-order: order.json, line 19: it is not JSON, and so not an order of doormat',
    )
    expect(open(file.replace('"\n}', '",\n  "more": true\n}'))).toMatch(/line 18: it differs from what was signed/)
  })

  it('is not anything else', () => {
    for (const [text, line] of [
      ['', 1],
      ['Dear Sir,\n', 1],
      [file.slice(0, file.indexOf('"kind"') + 3), 12],
    ])
      expect(open(String(text))).toBe(
        `bad-order: order.json, line ${line}: it is not JSON, and so not an order of doormat`,
      )
    for (const text of ['null', '[]', '{}', '{"signed":1}', '{"signed":"="}'])
      expect(open(text)).toBe('bad-order: order.json is not an order of doormat')
    expect(open('{"signed":"AAAA"}')).toMatch(/^bad-order: order.json is damaged: /)
  })

  it('shows a time that is in no calendar as the number it is', () => {
    const far = draftOrder(request({ to: Number.MAX_SAFE_INTEGER }), crown)
    expect(renderOrder(far)).toContain('"to": "9007199254740991 ms"')
    expect(parseOrder(renderOrder(far), 'order.json', issuers).order.to).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('holds what was signed, and nothing that was not', () => {
    const { signed: bytes } = JSON.parse(file) as { signed: string }
    expect(decodeOrder(fromBase64url(bytes)).order.from).toBe(day('2026-03-01'))
  })
})
