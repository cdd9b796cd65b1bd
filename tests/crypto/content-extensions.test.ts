import { describe, expect, it } from 'vitest'
import { decodeAttachment, encodeAttachment, newAttachmentKeys, writeAttachment } from '../../crypto/attachment.ts'
import { written } from '../../crypto/arena.ts'
import { concat, field, textField, u32, u64, u8 } from '../../crypto/bytes.ts'
import { type Content, decodeContent, encodeContent } from '../../crypto/content.ts'
import type { Digest } from '../../crypto/keys.ts'
import { flipsDecoded, secondEncodings, verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

/* Section 10: what stands behind a body. */

const random = seededRandom('extensions')
const attachment = {
  ...newAttachmentKeys(random),
  root: random(32) as Digest,
  sizeBytes: 70_000,
  name: 'holiday.jpg',
  type: 'image/jpeg',
}
const attached = written(1024, (to) => writeAttachment(to, attachment))
const common = { id: 'message-1', sequence: 1, sentAt: 1_700_000_000_000, abandoned: [] }
const text: Content = { kind: 'text', ...common, text: 'look' }
const fading: Content = { ...text, lifetimeSeconds: 60 }
const copy: Content = { kind: 'copy', ...common, to: 'bob', text: 'look' }
const reset: Content = { kind: 'reset', ...common, sequence: 0, text: '' }
const receipt: Content = { kind: 'receipt', ...common, sequence: 0, status: 'read', ids: ['a'], text: '' }

const extension = (which: number, bytes: Uint8Array) => concat(u8(which), field(bytes))
const behind = (content: Content, ...extensions: readonly Uint8Array[]) => concat(encodeContent(content), ...extensions)
const said = (bytes: Uint8Array) => verdict(() => decodeContent(bytes))

describe('an attachment', () => {
  it.each([text, fading, copy])('stands behind a $kind as extension 2', (content) => {
    const bytes = encodeContent({ ...content, attachment })
    expect(bytes).toEqual(behind(content, extension(2, attached)))
    expect(decodeContent(bytes)).toEqual({ ...content, attachment })
  })

  it('is laid out as the specification says', () =>
    expect(attached).toEqual(
      concat(
        attachment.blob,
        attachment.key,
        attachment.root,
        u64(70_000),
        textField('holiday.jpg'),
        textField('image/jpeg'),
      ),
    ))

  it('leaves one encoding; without it, the text stands alone', () => {
    const encoded = encodeContent({ ...text, attachment })
    const alone = `cut to ${encodeContent(text).length} bytes`
    expect(secondEncodings(encoded, decodeContent, encodeContent)).toEqual([alone])
    expect(flipsDecoded(encoded, decodeContent)).toBeGreaterThan(0)
  })

  it.each([reset, receipt])('belongs to no $kind', (content) =>
    expect(said(behind(content, extension(2, attached)))).toBe('malformed'),
  )

  it('stands beside 60,000 bytes of text and not one more', () => {
    const longest = { ...text, text: 'é'.repeat(30_000) }
    expect(decodeContent(encodeContent({ ...longest, attachment }))).toMatchObject({ attachment })
    const longer = { ...text, text: `${longest.text}!` }
    expect(() => encodeContent({ ...longer, attachment })).toThrow(RangeError)
    expect(said(behind(longer, extension(2, attached)))).toBe('malformed')
  })

  it('fits beside the longest of everything else', () => {
    const abandoned = Array.from({ length: 32 }, (_, index) => ({ ratchetKey: random(32) as never, index }))
    const whole = {
      ...copy,
      id: 'x'.repeat(64),
      to: 'b'.repeat(32),
      lifetimeSeconds: 1,
      abandoned,
      text: 'x'.repeat(60_000),
      attachment: { ...attachment, name: 'x'.repeat(255), type: `${'a'.repeat(63)}/${'b'.repeat(63)}` },
    } as Content
    expect(decodeContent(encodeContent(whole))).toEqual(whole)
  })
})

describe('the length of a voice message', () => {
  const voice = { ...attachment, type: 'audio/ogg', voiceMs: 12_345 }
  const spoken = written(1024, (to) => writeAttachment(to, voice))

  it.each([text, fading, copy])('stands behind the file of a $kind as extension 5', (content) => {
    const bytes = encodeContent({ ...content, attachment: voice })
    expect(bytes).toEqual(behind(content, extension(2, spoken), extension(5, u32(12_345))))
    expect(decodeContent(bytes)).toEqual({ ...content, attachment: voice })
  })

  it('stands between what a later version adds by its number', () => {
    const parts = [1, 2, 3, 5, 7].map((which) => {
      if (which === 2) return extension(2, spoken)
      return extension(which, which === 5 ? u32(900_000) : u8(which))
    })
    const bytes = behind(text, ...parts)
    const found = decodeContent(bytes)
    expect(found).toMatchObject({
      attachment: { voiceMs: 900_000 },
      further: [{ which: 1 }, { which: 3 }, { which: 7 }],
    })
    expect(encodeContent(found)).toEqual(bytes)
  })

  it.each([
    ['without a file', [extension(5, u32(1))]],
    ['of no time', [extension(2, spoken), extension(5, u32(0))]],
    ['of more than 15 minutes', [extension(2, spoken), extension(5, u32(900_001))]],
    ['in three bytes', [extension(2, spoken), extension(5, u32(1).subarray(1))]],
    ['in five bytes', [extension(2, spoken), extension(5, concat(u32(1), u8(0)))]],
    ['said twice', [extension(2, spoken), extension(5, u32(1)), extension(5, u32(1))]],
  ])('is malformed %s', (_fault, extensions) => expect(said(behind(text, ...extensions))).toBe('malformed'))

  it('is never written out of its bounds', () => {
    for (const voiceMs of [0, -1, 1.5, 900_001])
      expect(() => encodeContent({ ...text, attachment: { ...voice, voiceMs } })).toThrow(RangeError)
  })

  it('is kept with the file in a store', () => {
    expect(decodeAttachment(encodeAttachment(voice))).toEqual(voice)
    expect(decodeAttachment(encodeAttachment(attachment))).toEqual(attachment)
  })
})

describe('what a later version adds', () => {
  it.each([text, fading, copy, reset, receipt])('to a $kind is kept as it is', (content) => {
    const further = [
      { which: 1, bytes: random(3) },
      { which: 7, bytes: new Uint8Array() },
      { which: 255, bytes: random(9) },
    ]
    const bytes = behind(content, ...further.map(({ which, bytes: what }) => extension(which, what)))
    expect(decodeContent(bytes)).toEqual({ ...content, further })
    expect(encodeContent(decodeContent(bytes))).toEqual(bytes)
  })

  it('stands before and behind an attachment by its number', () => {
    const bytes = behind(text, extension(1, u8(1)), extension(2, attached), extension(3, u8(3)))
    expect(decodeContent(bytes)).toMatchObject({ attachment, further: [{ which: 1 }, { which: 3 }] })
    expect(encodeContent(decodeContent(bytes))).toEqual(bytes)
  })

  it.each([
    ['one of number 0', [extension(0, u8(1))]],
    ['one twice', [extension(7, u8(1)), extension(7, u8(1))]],
    ['two out of their order', [extension(7, u8(1)), extension(3, u8(1))]],
    ['two attachments', [extension(2, attached), extension(2, attached)]],
    ['an attachment that is cut', [extension(2, attached.subarray(1))]],
    ['an attachment with more behind', [extension(2, concat(attached, u8(0)))]],
    ['a number alone', [u8(7)]],
    ['less than its length says', [concat(u8(7), u32(2), u8(1))]],
  ])('is not %s', (_fault, extensions) => expect(said(behind(text, ...extensions))).toBe('malformed'))
})
