import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSource } from '../../client/node/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'doormat-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

const secret = '52.5163N 13.3777E'
const latin1 = (text: string) => Buffer.from(text, 'latin1')

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? latin1(content) : content)
  return path
}

async function sent(path: string, keepMetadata = false) {
  const source = await openSource(path, keepMetadata)
  const bytes = Buffer.from(await source.read(0, source.sizeBytes))
  await source.close()
  return { type: source.type, removedBytes: source.removedBytes, text: bytes.toString('latin1') }
}

const comment = `\xff\xfe\0${String.fromCharCode(secret.length + 2)}${secret}`
const scan = '\xff\xda\0\x08\x01\x01\0\0\x3f\0\x12\x34'
const [jpeg, plainJpeg] = [`\xff\xd8${comment}${scan}\xff\xd9`, `\xff\xd8${scan}\xff\xd9`]

/** As each begins, and goes on with a secret. */
const opaque = [
  ['a HEIC picture', 'image/heic', '\0\0\0\x18ftypheic'],
  ['a HEIF picture', 'image/heif', '\0\0\0\x18ftypmif1'],
  ['an AVIF picture', 'image/avif', '\0\0\0\x18ftypavif'],
  ['raw from a camera', 'image/x-canon-cr3', '\0\0\0\x18ftypcrx '],
  ['a TIFF picture, or raw from a camera', 'image/tiff', 'II*\0\x10\0\0\0CR'],
  ['a TIFF picture, or raw from a camera', 'image/tiff', 'MM\0*\0\0\0\x08'],
  ['raw from a camera', 'image/x-fuji-raf', 'FUJIFILMCCD-RAW '],
  ['a JPEG XL picture', 'image/jxl', '\xff\x0a'],
  ['a JPEG XL picture', 'image/jxl', '\0\0\0\x0cJXL \r\n\x87\n'],
  ['a JPEG 2000 picture', 'image/jp2', '\0\0\0\x0cjP  \r\n\x87\n'],
  ['a Photoshop picture', 'image/vnd.adobe.photoshop', '8BPS\0\x01'],
  ['a QuickTime film', 'video/quicktime', '\0\0\0\x14ftypqt  '],
  ['a QuickTime film', 'video/quicktime', '\0\0\0\x08wide\0\0\0\0mdat'],
  ['an MP4 film', 'video/mp4', '\0\0\0\x18ftypisom'],
  ['an MP4 film', 'video/mp4', '\0\0\0\x18ftyp3gp4'],
  ['an MP4 recording', 'audio/mp4', '\0\0\0\x18ftypM4A '],
  ['a Matroska or WebM film', 'video/webm', '\x1aE\xdf\xa3'],
  ['an AVI film', 'video/x-msvideo', 'RIFF\x10\0\0\0AVI '],
  ['a WAV recording', 'audio/wav', 'RIFF\x10\0\0\0WAVE'],
  ['an Ogg film or recording', 'audio/ogg', 'OggS\0'],
  ['a FLAC recording', 'audio/flac', 'fLaC\0'],
  ['an MP3 recording', 'audio/mpeg', 'ID3\x04\0'],
  ['an MP3 recording', 'audio/mpeg', '\xff\xfb\x90'],
  ['an MPEG film', 'video/mp2t', '\0\0\0\0G@\0\x10'],
  ['an MPEG film', 'video/mpeg', '\0\0\x01\xba'],
  ['an AMR recording', 'audio/amr', '#!AMR\n'],
  ['a DICOM picture', 'application/dicom', `${'\0'.repeat(128)}DICM`],
] as const

describe('a file to be sent', () => {
  it.each(['photo.jpg', 'PHOTO.JPG', 'photo', 'photo.jfif', 'photo.mpo', 'photo.gif', 'photo.jpg.bak', 'photo.txt'])(
    'that is a JPEG loses its metadata under the name %s',
    async (name) => {
      const path = file(name, jpeg)
      const removedBytes = jpeg.length - plainJpeg.length
      expect(await sent(path)).toEqual({ type: 'image/jpeg', removedBytes, text: plainJpeg })
      expect(await sent(path, true)).toEqual({ type: 'image/jpeg', removedBytes: null, text: jpeg })
    },
  )

  it.each(opaque)(
    'that is %s (%s, %j) is sent only with its metadata, whatever it is called',
    async (words, type, begins) => {
      for (const name of ['photo', 'notes.txt', 'photo.jpg']) {
        const path = file(name, `${begins}${secret}`)
        await expect(openSource(path, false)).rejects.toMatchObject({
          code: 'bad-file',
          message: `${path} is ${words}, which may say where, when and with what it was made, and this cannot be removed; with --keep-metadata it is sent with all that`,
        })
        expect((await sent(path, true)).text).toBe(`${begins}${secret}`)
      }
      expect((await sent(file('photo', `${begins}${secret}`), true)).type).toBe(type)
    },
  )

  it.each([
    'photo.jpg',
    'photo.heic',
    'film.mov',
    'film.mts',
    'film.m2ts',
    'film.mpg',
    'raw.nef',
    'sound.mp3',
    'sound.aac',
    'p.tga',
  ])('that is called %s and is nothing that is known is sent only with --keep-metadata', async (name) => {
    const path = file(name, secret)
    await expect(openSource(path, false)).rejects.toThrow(/so nobody can say what it tells about you; with --keep-met/)
    expect((await sent(path, true)).text).toBe(secret)
  })

  it('that is a damaged or too large picture is sent only with --keep-metadata', async () => {
    const damaged = file('photo.jpg', jpeg.slice(0, -2))
    await expect(openSource(damaged, false)).rejects.toThrow(
      'this JPEG has no end, so nobody can say what it tells about',
    )
    expect((await sent(damaged, true)).text).toBe(jpeg.slice(0, -2))
    const large = file('large', jpeg)
    truncateSync(large, 32 * 1024 * 1024 + 1)
    await expect(openSource(large, false)).rejects.toThrow('has more than 32 MiB, the most of a picture from which')
    truncateSync(large, 32 * 1024 * 1024)
    expect((await sent(large)).text).toBe(plainJpeg)
  })

  it.each([
    ['letter.pdf', '%PDF-1.7', 'application/pdf'],
    ['drawing.svg', '<svg>', 'image/svg+xml'],
    ['notes', '', ''],
    ['notes', 'ID3 and caffeine, OggS, 8BPS and more free stuff', ''],
    ['notes', 'get free, skip the rest, and be wide awake', ''],
    ['notes', '\0\0\0\x18fty', ''],
    ['main.ts', 'Given()', ''],
    ['go.mod', 'module door', ''],
    ['a.zip', 'PK\x03\x04', 'application/zip'],
  ])('called %s that begins with %j goes as it is', async (name, content, type) => {
    expect(await sent(file(name, content))).toEqual({ type, removedBytes: null, text: content })
  })

  it.each([
    ['that has become longer', 'a text'],
    ['that seemed to be empty', ''],
  ])('%s while it was read is not sent', async (_what, content) => {
    const path = file('log.txt', content)
    const source = await openSource(path, false)
    appendFileSync(path, ' and more')
    await expect(source.read(0, content.length)).rejects.toMatchObject({ code: 'bad-file' })
    await source.close()
  })

  it('is no folder, and has at most 64 MiB', async () => {
    await expect(openSource(folder, false)).rejects.toMatchObject({ code: 'bad-file' })
    const large = file('large', '')
    truncateSync(large, 64 * 1024 * 1024 + 1)
    await expect(openSource(large, false)).rejects.toThrow('has more than 64 MiB, the most that can be sent')
    await expect(openSource(join(folder, 'missing'), false)).rejects.toMatchObject({ name: 'StorageError' })
  })
})
