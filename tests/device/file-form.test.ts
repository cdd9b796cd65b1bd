import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formByEnding, formOf, headSizeBytes, mediaForms } from '../../client/device/file-form.ts'
import { concat } from '../../crypto/bytes.ts'

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const wordsOf = (head: string) => formOf(latin1(head))?.words ?? null

/** Real headers, each as far as it goes. */
const begun: readonly (readonly [words: string, head: string])[] = [
  ['an MPEG film', 'G@\0\x10\0\0\xb0\x0d'],
  ['an MPEG film', '\0\0\0\0G@\0\x10\0\0\xb0\x0d'],
  ['an MPEG film', '\0\0\x01\xbaD\0\x04'],
  ['an MPEG film', '\0\0\x01\xb3\x16\0\xf0'],
  ['a Flash film', 'FLV\x01\x05\0\0\0\x09'],
  ['a RealMedia film or recording', '.RMF\0\0\0\x12\0\0'],
  ['an MXF film', '\x06\x0e+4\x02\x05\x01\x01'],
  ['a QuickTime film', '\0\0\x01\0udta'],
  ['an MP4 film', '\0\0\0\x18ftyp3g2a'],
  ['an AMR recording', '#!AMR-WB\n'],
  ['an AAC recording', '\xff\xf1\x50\x80'],
  ['an AAC recording', '\xff\xf9\x50\x80'],
  ['a WavPack recording', 'wvpk\xf0\x02\0\0\x10\x04'],
  ["a Monkey's Audio recording", 'MAC \x96\x0f\0\0'],
  ['a DSD recording', 'DSD \x1c\0\0\0\0\0\0\0'],
  ['a WAV recording', 'RF64\xff\xff\xff\xffWAVEds64'],
  ['a Wave64 recording', 'riff\x2e\x91\xcf\x11\xa5\xd6'],
  ['a MIDI recording', 'MThd\0\0\0\x06'],
  ['a recording of a dictation machine', '\x02dss\0'],
  ['a JPEG XR picture', 'II\xbc\x01\x20\0\0\0'],
  ['a JPEG 2000 picture', '\xff\x4f\xff\x51\0\x2f'],
  ['an OpenEXR picture', 'v/1\x01\x02\0\0\0'],
  ['a GIMP picture', 'gimp xcf v011\0'],
  ['a Windows bitmap', 'BM\x36\x10\x0e\0\0\0\0\0\x36\0\0\0'],
  ['a Windows icon', '\0\0\x01\0\x01\0\x20\x20\0\0\x01\0\x20\0'],
  ['a DICOM picture', `${'\0'.repeat(128)}DICM\x02\0`],
]

/** Packets without a beginning by which they are known. */
const packets = (count: number, before: number, behind: number) =>
  concat(
    ...Array.from({ length: count }, () =>
      concat(new Uint8Array(before).fill(9), latin1('G\x01\x23\x1a'), new Uint8Array(184 + behind).fill(0x55)),
    ),
  )

describe('the form of a file', () => {
  it.each(begun)('is known as %s by its first bytes', (words, head) => expect(wordsOf(head)).toBe(words))

  it.each([
    [0, 0],
    [4, 0],
    [0, 16],
  ])(
    'is that of a transport stream that begins in the middle, with %i bytes before and %i behind each packet',
    (...gaps) => {
      expect(formOf(packets(3, ...gaps).subarray(0, headSizeBytes))?.type).toBe('video/mp2t')
      expect(formOf(packets(2, ...gaps))).toBeNull()
    },
  )

  it.each([
    'GATTACA'.repeat(80),
    'G'.repeat(600),
    'export const a = 1\n',
    'MAC addresses\n',
    'BMW and others',
    'DSD and wvpk, riff and FLV',
    'II as in the second',
    `${' '.repeat(128)}DICOM`,
  ])('is none of these for the text %j', (text) => expect(formOf(latin1(text).subarray(0, headSizeBytes))).toBeNull())

  it('is known by an ending, and each ending is of one form', () => {
    const endings = mediaForms.flatMap((form) => form.endings.map((ending) => [ending, form] as const))
    expect(new Set(endings.map(([ending]) => ending)).size).toBe(endings.length)
    for (const [ending, form] of endings) expect(formByEnding(ending)).toBe(form)
    for (const ending of ['.ts', '.mod', '.svg', '.txt', '']) expect(formByEnding(ending)).toBeNull()
  })

  it('is on the page of commands, with its endings, as in the code; and nothing else is', () => {
    const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
    const section = page.split(/^## /m).find((part) => part.startsWith('Pictures, films and sound\n')) ?? ''
    const listed = [...section.matchAll(/^\| (.*?) \| (`.*?) \| (.*?) \|$/gm)].map((row) => row.slice(1))
    const known = [...new Set(mediaForms.map(({ words }) => words))].map((called) => {
      const forms = mediaForms.filter(({ words }) => words === called)
      return [
        called,
        forms.flatMap(({ endings }) => endings.map((ending) => `\`${ending}\``)).join(' '),
        forms.some(({ begins }) => begins.length > 0) ? 'its first bytes' : 'its ending',
      ]
    })
    expect(listed).toEqual(known)
  })
})
