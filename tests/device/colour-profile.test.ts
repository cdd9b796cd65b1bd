import { describe, expect, it } from 'vitest'
import { plainProfile } from '../../client/device/metadata/colour-profile.ts'
import { concat } from '../../crypto/bytes.ts'
import { ascii, bytes, iccOf, says, secret, u32 } from '../support/pictures.ts'

const reserved = new Uint8Array(4)
const numbers = (sizeBytes: number) => Uint8Array.from({ length: sizeBytes }, (_, i) => (i % 251) + 1)
const said = ascii(`${secret}${' '.repeat(4 - (secret.length % 4))}`)

const curv = (count: number) => concat(ascii('curv'), reserved, u32(count), numbers(2 * count))
const para = (kind: number, count: number) => concat(ascii('para'), reserved, bytes(0, kind, 0, 0), numbers(4 * count))
const mft1 = concat(ascii('mft1'), reserved, bytes(3, 3, 2, 0), numbers(36 + 3 * 256 + 2 ** 3 * 3 + 3 * 256))
const mft2 = concat(
  ascii('mft2'),
  reserved,
  bytes(3, 4, 2, 0),
  numbers(36),
  bytes(0, 2, 0, 5),
  numbers(2 * (2 * 3 + 2 ** 3 * 4 + 5 * 4)),
)

/** From 4 colours to 3, or back. @param between stands before each stage, and behind the last */
function stages(kind: 'mAB ' | 'mBA ', between = bytes()) {
  const [device, common] = [4, 3]
  const [inputs, outputs] = kind === 'mAB ' ? [device, common] : [common, device]
  const curves = (count: number) =>
    concat(...Array.from({ length: count }, (_, i) => (i % 2 ? para(3, 5) : curv(2 * (i + 1)))))
  const points = new Uint8Array(16).fill(2, 0, inputs)
  const all = [
    curves(common),
    numbers(48),
    curves(common),
    concat(points, bytes(2, 0, 0, 0), numbers(2 ** inputs * outputs * 2)),
    curves(device),
  ]
  let at = 32
  const offsets = all.map((stage) => {
    at += between.length + stage.length
    return u32(at - stage.length)
  })
  const body = all.flatMap((stage) => [between, stage])
  return concat(ascii(kind), reserved, bytes(inputs, outputs, 0, 0), ...offsets, ...body, between)
}

const behind = (plain: Uint8Array) => concat(plain, said)
const reservedBytes = (plain: Uint8Array) => concat(plain.subarray(0, 4), ascii('Anna'), plain.subarray(8))

const kinds = [
  ['rXYZ', concat(ascii('XYZ '), reserved, numbers(12))],
  ['chad', concat(ascii('sf32'), reserved, numbers(36))],
  ['cicp', concat(ascii('cicp'), reserved, bytes(9, 16, 0, 1))],
  ['rTRC', curv(0)],
  ['gTRC', curv(4)],
  ...[1, 3, 4, 5, 7].map((count, kind) => ['bTRC', para(kind, count)] as const),
  ['A2B0', mft1],
  ['A2B1', mft2],
  ['A2B2', stages('mAB ')],
  ['B2A0', stages('mBA ')],
] as const

const ofTag = (name: string, data: Uint8Array) => plainProfile(iccOf([[name, data]]))

describe('of a colour profile', () => {
  it.each(kinds)('the numbers of %s stay, and what stands behind them or is reserved goes', (name, plain) => {
    const stripped = ofTag(name, plain)
    expect(stripped && Buffer.from(stripped).includes(Buffer.from(plain))).toBe(true)
    for (const chatty of [behind(plain), reservedBytes(plain), behind(reservedBytes(plain))])
      expect(ofTag(name, chatty)).toEqual(stripped)
    expect(stripped && plainProfile(stripped)).toEqual(stripped)
  })

  it.each(['mAB ', 'mBA '] as const)('what stands between the stages of %s goes', (kind) => {
    expect(says(stages(kind, said))).toBe(true)
    expect(ofTag('A2B0', stages(kind, said))).toEqual(ofTag('A2B0', stages(kind)))
  })

  it.each(kinds)('a tag goes that has fewer numbers than it says: %s', (name, plain) => {
    const stripped = ofTag(name, plain.subarray(0, -4))
    expect(stripped && Buffer.from(stripped).includes(name)).toBe(false)
  })

  it('a pipeline whose parts nobody here can tell from text goes', () => {
    const stripped = ofTag('A2B0', concat(ascii('mpet'), reserved, said))
    expect(stripped && says(stripped)).toBe(false)
  })

  it('curves that three colours share stand there once', () => {
    const shared = iccOf([['rTRC', curv(100)]])
    const three = concat(
      shared.subarray(0, 128),
      u32(3),
      ...['rTRC', 'gTRC', 'bTRC'].flatMap((name) => [ascii(name), u32(168), u32(212)]),
      curv(100),
    )
    const stripped = plainProfile(three)
    expect(stripped?.length).toBe(132 + 5 * 12 + 212 + 16)
  })
})
