import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attachmentText, textWithAttachment } from '../../client/words/attachment.ts'
import { safeFileName, withEnding } from '../../client/words/file-name.ts'
import { fileSize } from '../../client/words/file-size.ts'

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [9949, '9.9 kB'],
  [9950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [67_108_864, '67 MB'],
  [5_000_000_000, '5.0 GB'],
  [5_000_000_000_000, '5000 GB'],
])('says of %i bytes %s', (sizeBytes, said) => expect(fileSize(sizeBytes)).toBe(said))

describe('a name that somebody else has given a file', () => {
  it.each([
    ['holiday.jpg', 'holiday.jpg'],
    ['Grüße aus Köln.pdf', 'Grüße aus Köln.pdf'],
    ['../../.ssh/authorized_keys', 'authorized_keys'],
    ['C:\\Windows\\system32\\evil.exe', 'evil.exe'],
    ['/etc/passwd', 'passwd'],
    ['.bashrc', 'bashrc'],
    ['...', 'file'],
    ['', 'file'],
    ['-rf', 'rf'],
    ['a\u0000b\u001b[2J.txt', 'a_b_[2J.txt'],
    ['con', '_con'],
    ['NUL.txt', '_NUL.txt'],
    ['console.txt', 'console.txt'],
    ['name. . ', 'name'],
    [`${'n'.repeat(119)} and more`, 'n'.repeat(119)],
    ['CON .txt', '_CON .txt'],
    ['com¹.log', '_com¹.log'],
    ['LPT³', '_LPT³'],
    ['CONIN$', 'CONIN_'],
    ['~root', '_root'],
    ['~', '_'],
    ['$(reboot).txt', '_(reboot).txt'],
    ['`reboot`', '_reboot_'],
    ['stop!.txt', 'stop_.txt'],
    ['photo.jpg.unfinished-1', 'photo.jpg_unfinished-1'],
    ['photo.jpg.unfinished-save-1-1', 'photo.jpg_unfinished-save-1-1'],
    ['a:b|c?d*e"f<g>h', 'a_b_c_d_e_f_g_h'],
    ['%PATH%.txt', '_PATH_.txt'],
    ['photo\u202Egpj.exe', 'photo_U+202E_gpj.exe'],
  ])('%j is written under %j', (name, safe) => expect(safeFileName(name)).toBe(safe))

  it('keeps its end when it is long', () => {
    const safe = safeFileName(`${'ä'.repeat(300)}.tar.gz`)
    expect(safe.endsWith('.gz')).toBe(true)
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(120)
    expect(Buffer.byteLength(safeFileName('x'.repeat(255)))).toBe(120)
  })

  it('is never a way out of a folder, hidden, or something that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const safe = safeFileName(name)
        expect(safe).toMatch(/^[^.\s/\\-]/u)
        expect(safe).not.toMatch(/[.\s]$/u)
        expect(safe).not.toMatch(/[$%`!]|^~|\.unfinished-/u)
        expect(safe).not.toMatch(/[/\\\p{Cc}\u202a-\u202e]/u)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(121)
        expect(safeFileName(safe)).toBe(safe)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a file in a line', () => {
  const file = { name: 'photo\u001b[2J.jpg', sizeBytes: 70_000 }

  it('has its name made harmless, and its size', () => expect(attachmentText(file)).toBe('[photo␛[2J.jpg, 70 kB]'))

  it('stands behind the text, or alone', () => {
    expect(textWithAttachment('look', file)).toBe('look [photo␛[2J.jpg, 70 kB]')
    expect(textWithAttachment('', file)).toBe('[photo␛[2J.jpg, 70 kB]')
    expect(textWithAttachment('look', null)).toBe('look')
    expect(textWithAttachment('', null)).toBe('')
  })
})

it('a name ends as what the file is, so that no program takes it for anything else', () => {
  const called = ['page.html', 'cat.gif', 'CAT.JPEG', 'x'].map((name) => withEnding(name, ['.gif', '.jpeg']))
  expect(called).toEqual(['page.html.gif', 'cat.gif', 'CAT.JPEG', 'x.gif'])
})
