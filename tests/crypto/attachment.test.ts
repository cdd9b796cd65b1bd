import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Attachment,
  attachmentMaximumBytes,
  blobMaximumBytes,
  blobSize,
  checkAttachment,
  isFileName,
  isMediaType,
  newAttachmentKeys,
  openAttachment,
  paddedFileSize,
  pieceSizeBytes,
  readAttachment,
  sealAttachment,
  sealedPieceSizeBytes,
  writeAttachment,
} from '../../crypto/attachment.ts'
import { written } from '../../crypto/arena.ts'
import { concat, decode, equal } from '../../crypto/bytes.ts'
import type { Digest } from '../../crypto/keys.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import { flipsDecoded, secondEncodings, verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'

const { blob, key } = newAttachmentKeys(seededRandom('attachment'))
const other = newAttachmentKeys(seededRandom('another')).key

/** Everything at once, as nobody does it with a large file. */
function sealed(file: Uint8Array, by = key): { readonly pieces: Uint8Array[]; readonly root: Digest } {
  const sealing = sealAttachment(by, file.length)
  const pieces: Uint8Array[] = []
  for (let at = 0, wants = sealing.wants; wants !== null; at += wants, wants = sealing.wants)
    pieces.push(sealing.seal(file.subarray(at, at + wants)))
  return { pieces, root: sealing.root() }
}

function opened(pieces: readonly Uint8Array[], of: Pick<Attachment, 'key' | 'root' | 'sizeBytes'>): Uint8Array {
  const opening = openAttachment(of)
  const file = concat(...pieces.map((piece) => opening.open(piece)))
  opening.end()
  return file
}

const fileOf = (sizeBytes: number) => seededRandom(`file ${sizeBytes}`)(sizeBytes)
const sizes = [0, 1, 128, 129, 1024, 1025, 65_535, 65_536, 65_537, 131_072, 200_000, 1_000_000]

describe('a file', () => {
  it.each(sizes)('of %i bytes comes back equal', (sizeBytes) => {
    const file = fileOf(sizeBytes)
    const { pieces, root } = sealed(file)
    expect(equal(opened(pieces, { key, root, sizeBytes }), file)).toBe(true)
    expect(concat(...pieces).length).toBe(blobSize(sizeBytes))
  })

  it('has pieces of one size, and a last one of what is left', () => {
    const lengths = sealed(fileOf(200_000)).pieces.map(({ length }) => length)
    expect(lengths).toEqual([...Array<number>(3).fill(sealedPieceSizeBytes), 32_768 + 16])
  })

  it('shows its sizes as texts do, and goes on so above them', () => {
    for (const size of suite2.paddedSizes) expect(paddedFileSize(size)).toBe(size)
    const largest = Array.from({ length: 500 }, (_, i) => 1025 + i * 131)
    for (const size of largest) {
      expect(paddedFileSize(size)).toBeGreaterThanOrEqual(size)
      expect(paddedFileSize(size) / size).toBeLessThan(1.25)
    }
    expect(paddedFileSize(attachmentMaximumBytes)).toBe(attachmentMaximumBytes)
    expect(blobMaximumBytes).toBe(attachmentMaximumBytes + 16 * 1024)
    expect(new Set([49_153, 50_000, 57_344].map(blobSize)).size).toBe(1)
  })

  it('is at most 64 MiB', () => {
    expect(sealAttachment(key, attachmentMaximumBytes).wants).toBe(pieceSizeBytes)
    expect(openAttachment({ key, root: blob as unknown as Digest, sizeBytes: attachmentMaximumBytes }).wants).toBe(
      sealedPieceSizeBytes,
    )
    for (const sizeBytes of [attachmentMaximumBytes + 1, -1, 1.5, Number.NaN]) {
      expect(() => sealAttachment(key, sizeBytes)).toThrow(RangeError)
      expect(() => openAttachment({ key, root: blob as unknown as Digest, sizeBytes })).toThrow(RangeError)
    }
  })

  it('says how large its next piece is, sealed and open, and that there is none after the last', () => {
    const file = fileOf(100_000)
    const { pieces, root } = sealed(file)
    const [checking, opening] = [
      checkAttachment({ key, root, sizeBytes: file.length }),
      openAttachment({ key, root, sizeBytes: file.length }),
    ]
    const said: unknown[] = []
    for (const piece of pieces) {
      said.push([checking.wants, opening.wants])
      checking.add(piece)
      opening.open(piece)
    }
    expect(said).toEqual(pieces.map(({ length }) => [length, length]))
    expect([checking.wants, opening.wants]).toEqual([null, null])
    opening.close()
  })

  it('is not sealed shorter or longer than was said, and has no root before its end', () => {
    const sealing = sealAttachment(key, 100_000)
    expect(() => sealing.root()).toThrow(RangeError)
    expect(() => sealing.seal(new Uint8Array(pieceSizeBytes - 1))).toThrow(RangeError)
    sealing.seal(new Uint8Array(pieceSizeBytes))
    expect(() => sealing.root()).toThrow(RangeError)
    expect(() => sealing.seal(new Uint8Array(100_000 - pieceSizeBytes + 1))).toThrow(RangeError)
    sealing.seal(new Uint8Array(100_000 - pieceSizeBytes))
    expect(sealing.wants).toBe(null)
    expect(() => sealing.seal(new Uint8Array())).toThrow(RangeError)
  })
})

describe('a blob that is not the one that was named', () => {
  const file = fileOf(200_000)
  const { pieces, root } = sealed(file)
  const of = { key, root, sizeBytes: file.length }
  const attempt = (wrong: readonly Uint8Array[], named: typeof of = of) => verdict(() => opened(wrong, named))

  it('is known by its pieces alone, without decrypting any', () => {
    const check = (wrong: readonly Uint8Array[], named: typeof of = of) =>
      verdict(() => {
        const checking = checkAttachment(named)
        for (const piece of wrong) checking.add(piece)
        checking.end()
      })
    const [first, second, third, last] = pieces as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    expect(check(pieces)).toBe('accepted')
    expect(check([second, first, third, last])).toBe('not-authentic')
    expect(check([first, second, third, last.with(9, (last[9] ?? 0) ^ 1)])).toBe('not-authentic')
    expect(check([first, second, third, last.subarray(1)])).toBe('malformed')
    expect(() => check([first, second, third])).toThrow('pieces are missing')
    expect(check(pieces, { ...of, sizeBytes: 199_999 })).toBe('not-authentic')
    expect(check(pieces, { ...of, key: other })).toBe('not-authentic')
  })

  it('does not open: swapped, repeated, missing, cut, altered pieces, another root or length', () => {
    const [first, second, third, last] = pieces as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    expect(attempt(pieces)).toBe('accepted')
    expect(attempt([second, first, third, last])).toBe('not-authentic')
    expect(attempt([first, first, third, last])).toBe('not-authentic')
    expect(attempt([first, second, third, last.with(9, (last[9] ?? 0) ^ 1)])).toBe('not-authentic')
    expect(attempt([first, second, third, last.subarray(1)])).toBe('malformed')
    expect(() => opened([first, second, third], of)).toThrow('pieces are missing')
    expect(attempt(pieces, { ...of, root: root.with(0, (root[0] ?? 0) ^ 1) as Digest })).toBe('not-authentic')
    // of another length with the same padded size, whose every piece opens
    expect(attempt(pieces, { ...of, sizeBytes: 199_999 })).toBe('malformed')
    expect(attempt(pieces, { ...of, sizeBytes: 200_001 })).toBe('not-authentic')
    expect(attempt(pieces, { ...of, key: other })).toBe('not-authentic')
  })

  it('does not end early: what is the last piece of a shorter file is not one of this', () => {
    const short = sealed(file.subarray(0, pieceSizeBytes))
    expect(attempt([short.pieces[0] as Uint8Array, ...pieces.slice(1)])).toBe('not-authentic')
  })

  it('does not open for somebody who has the key and has made another piece', () => {
    const forged = file.with(0, (file[0] ?? 0) ^ 1)
    expect(attempt(sealed(forged).pieces)).toBe('not-authentic')
    expect(attempt([sealed(forged).pieces[0] as Uint8Array, ...pieces.slice(1)])).toBe('not-authentic')
  })

  it('has no padding but zeros', () => {
    // a file of 150 bytes whose sender calls it one of 140: the ten bytes behind would be the padding
    const made = sealed(fileOf(150))
    expect(attempt(made.pieces, { key, root: made.root, sizeBytes: 140 })).toBe('malformed')
  })
})

it('names no two files, lengths or keys by one root', () => {
  const roots = new Set<string>()
  for (const by of [key, other])
    for (const sizeBytes of sizes) roots.add(sealed(new Uint8Array(sizeBytes), by).root.join())
  expect(roots.size).toBe(2 * sizes.length)
})

describe('what a message says of it', () => {
  const attachment: Attachment = {
    blob,
    key,
    root: sealed(new Uint8Array(3)).root,
    sizeBytes: 3,
    name: 'Grüße.png',
    type: 'image/png',
  }
  const encode = (some: Attachment) => written(1024, (to) => writeAttachment(to, some))
  const read = (bytes: Uint8Array) => decode(bytes, readAttachment)

  it('comes back, and has one encoding', () => {
    const encoded = encode(attachment)
    expect(read(encoded)).toEqual(attachment)
    expect(secondEncodings(encoded, read, encode)).toEqual([])
    expect(flipsDecoded(encoded, read)).toBeGreaterThan(0)
  })

  it.each([
    ['a name of nothing', { name: '' }],
    ['a name of 256 bytes', { name: 'x'.repeat(256) }],
    ['more than 64 MiB', { sizeBytes: attachmentMaximumBytes + 1 }],
    ['a type that is none', { type: 'picture' }],
    ['a type with parameters', { type: 'text/plain; charset=utf-8' }],
    ['a type in capitals', { type: 'Image/PNG' }],
  ])('is not %s', (_fault, wrong) => {
    expect(() => encode({ ...attachment, ...wrong })).toThrow(RangeError)
  })

  it('is refused when it is read, where another version would write so', () => {
    const head = encode(attachment).subarray(0, 96)
    const size = (bytes: number) =>
      Uint8Array.from([0, 0, 0, 0, ...new Uint8Array(new Uint32Array([bytes]).buffer).toReversed()])
    const short = (text: string) => Uint8Array.from([0, 0, 0, text.length, ...Buffer.from(text)])
    expect(verdict(() => read(concat(head, size(3), short('a'), short('a/b'))))).toBe('accepted')
    expect(verdict(() => read(concat(head, size(3), short('a'), short(''))))).toBe('accepted')
    expect(verdict(() => read(concat(head, size(attachmentMaximumBytes + 1), short('a'), short(''))))).toBe('malformed')
    expect(verdict(() => read(concat(head, size(3), short(''), short(''))))).toBe('malformed')
    expect(verdict(() => read(concat(head, size(3), short('a'), short('A/b'))))).toBe('malformed')
  })

  it('has a name of up to 255 bytes, and a length of up to 64 MiB', () => {
    const largest = { ...attachment, name: 'ä'.repeat(127) + 'x', sizeBytes: attachmentMaximumBytes }
    expect(read(encode(largest))).toEqual(largest)
    expect(['', '\ud800', 'x'.repeat(256), 'ä'.repeat(128), 'x', 'x'.repeat(255)].map(isFileName)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ])
  })

  it('knows a media type', () => {
    for (const wrong of [' image/png', 'Ximage/png', 'image/png ', 'image/png/x', '-image/png', 'image/-png', '/png'])
      expect([wrong, isMediaType(wrong)]).toEqual([wrong, false])
    expect(isMediaType(`${'a'.repeat(63)}/${'b'.repeat(63)}`)).toBe(true)
    expect(isMediaType(`${'a'.repeat(64)}/b`) || isMediaType(`a/${'b'.repeat(64)}`)).toBe(false)
    expect(['image/png', 'application/vnd.oasis.opendocument.text', 'audio/ogg', ''].filter(isMediaType)).toHaveLength(
      4,
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (isMediaType(text) && text !== '') expect(text).toMatch(/^[!-~]+\/[!-~]+$/)
      }),
    )
  })
})
