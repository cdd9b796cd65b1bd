import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { attachedFiles } from '../../client/authority/attached.ts'
import type { StagedFolder } from '../../client/authority/staged-folder.ts'
import { stageTranscript } from '../../client/authority/transcript-folder.ts'
import type { TranscriptLine } from '../../client/authority/transcript.ts'
import { spoolFile } from '../../client/device/transfer.ts'
import type { Attachment } from '../../crypto/attachment.ts'
import { hex } from '../../crypto/bytes.ts'
import { blobFilesIn } from '../../server/disk/blob-files.ts'
import { seededRandom } from '../support/random.ts'
import { folder } from '../support/relay-folder.ts'

const random = seededRandom('attached')

/** The smallest PNG there is: one pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const line = (text: string, attachment: Attachment | null): TranscriptLine => ({
  time: 0,
  from: 'alice',
  fromDevice: '01',
  to: 'bob',
  toDevice: '02',
  saysSentTo: null,
  group: null,
  sentAt: 0,
  id: text,
  epoch: 2,
  attachment,
  mode: 'message-key-escrow',
  text,
})

/** An archive whose blobs these are, encrypted. */
async function archived(files: readonly (readonly [name: string, type: string, bytes: Uint8Array])[]) {
  const place = folder()
  const archive = join(place, 'passed.archive')
  const spool = blobFilesIn(`${archive}.blobs`, null)
  const attachments: Attachment[] = []
  for (const [name, type, bytes] of files) {
    const read = async (at: number, sizeBytes: number) => bytes.subarray(at, at + sizeBytes)
    attachments.push(await spoolFile(spool, { name, type, sizeBytes: bytes.length, read }, random))
  }
  const [out, blobs] = [join(place, 'out'), `${archive}.blobs`]
  const stage = (lines: readonly TranscriptLine[], from: string | null = archive) =>
    stageTranscript(out, { lines, incomplete: null, limits: null }, from)
  const pathOf = (i: number) => join(blobs, hex(attachments[i]?.blob ?? new Uint8Array()))
  const written = () => ({
    json: JSON.parse(readFileSync(join(out, 'transcript.json'), 'utf8')) as {
      attachment: Record<string, unknown> | null
    }[],
    text: readFileSync(join(out, 'transcript.txt'), 'utf8'),
    page: readFileSync(join(out, 'transcript.html'), 'utf8'),
  })
  return { attachments: attachments as [Attachment, Attachment], archive, blobs, out, stage, pathOf, written }
}

describe('the files of a transcript', () => {
  it('lie beside it, decrypted, under safe names; a picture is shown in the page', async () => {
    const notes = random(200_000)
    const { attachments, out, stage, written } = await archived([
      ['../../sunset.png', 'image/png', pixel],
      ['notes.bin', 'application/octet-stream', notes],
    ])
    const [picture, other] = attachments
    const staged = stage([line('look', picture), line('', other), line('again', picture), line('no file', null)])
    expect(readdirSync(out).filter((name) => !name.includes('.unfinished-'))).toEqual([])
    staged.commit()
    expect(readdirSync(out).sort()).toEqual([
      'file-1-sunset.png',
      'file-2-notes.bin',
      'transcript.html',
      'transcript.json',
      'transcript.txt',
    ])
    expect(readFileSync(join(out, 'file-1-sunset.png')).equals(pixel)).toBe(true)
    expect(readFileSync(join(out, 'file-2-notes.bin')).equals(Buffer.from(notes))).toBe(true)
    expect(statSync(join(out, 'file-1-sunset.png')).mode & 0o777).toBe(0o600)
    const { json, text, page } = written()
    expect(json.map(({ attachment }) => attachment?.['path'] ?? null)).toEqual([
      'file-1-sunset.png',
      'file-2-notes.bin',
      'file-1-sunset.png',
      null,
    ])
    expect(json[0]?.attachment).toEqual({
      name: '../../sunset.png',
      type: 'image/png',
      sizeBytes: pixel.length,
      blob: hex(picture.blob),
      path: 'file-1-sunset.png',
    })
    expect(JSON.stringify(json)).not.toContain(hex(picture.key))
    expect(text).toContain('alice -> bob: look [../../sunset.png, 70 bytes]\n    its file: file-1-sunset.png\n')
    expect(text).toContain('alice -> bob: [notes.bin, 200 kB]\n    its file: file-2-notes.bin\n')
    expect(page).toContain(`src="data:image/png;base64,${pixel.toString('base64')}"`)
    expect(page).toContain('beside this page as file-2-notes.bin')
    expect(page).toContain('<dd>3 files, beside the transcript.</dd>')
    expect(staged.filesText).toBe('3 files, beside the transcript.')
  })

  it('stand in the page once, where they come first, however often they were sent', async () => {
    const large = Buffer.concat([pixel, Buffer.alloc(8 * 1024 * 1024 - pixel.length)])
    const { attachments, stage, written } = await archived([['large.png', 'image/png', large]])
    // 50 times would be more than one string can hold
    stage(Array.from({ length: 50 }, (_, i) => line(`message ${i}`, attachments[0]))).commit()
    const { page } = written()
    expect(page.match(/<img/g)).toHaveLength(1)
    expect(page).toContain('<img id="f1.1" ')
    expect(page.match(/shown in <a href="#f1\.1">No\. 1\.1<\/a>/g)).toHaveLength(49)
    expect(page.length).toBeLessThan(12 * 1024 * 1024)
  })

  it('stand there once also where they were sent anew, under other keys and names', async () => {
    const { attachments, stage, written } = await archived([
      ['one.png', 'image/png', pixel],
      ['two.png', 'image/png', pixel],
    ])
    stage([line('one', attachments[0]), line('two', attachments[1])]).commit()
    const { page } = written()
    expect(page.match(/<img/g)).toHaveLength(1)
    expect(page).toContain(
      '<a href="file-2-two.png" download>two.png, 70 bytes</a>, shown in <a href="#f1.1">No. 1.1</a></p>',
    )
  })

  it('are only linked where the page would become too large to be opened', async () => {
    const picture = (mebibytes: number, i: number) => {
      const bytes = Buffer.alloc(mebibytes * 1024 * 1024, i)
      bytes.set(pixel)
      return bytes
    }
    const files = [9, 7, 7, 7, 7, 7].map((size, i) => [`${i}.png`, 'image/png', picture(size, i)] as const)
    const { attachments, stage, written } = await archived(files)
    stage(attachments.map((attachment) => line('look', attachment))).commit()
    const { page } = written()
    expect([...page.matchAll(/<img id="f([\d.]+)"/g)].map(([, number]) => number)).toEqual(['1.2', '1.3', '1.4', '1.5'])
    expect(page.match(/href="file-[16]-[05]\.png" download>.*, too large to be shown in this page/g)).toHaveLength(2)
  })

  it('that a program could open by itself have no link, and names that no program takes for its own', async () => {
    const html = new TextEncoder().encode('<script>document.title = "owned"</script>')
    const names = 'evidence.html p.svg a.xhtml a.xml a.pdf a.js a.lnk a.desktop a.exe a.docm a.url a.mht a.hta'.split(
      ' ',
    )
    // the sender says that each is a picture, and one of them is called so too
    const { attachments, out, stage, written } = await archived(
      [...names, 'a.png', 'a.bin'].map((name) => [name, 'image/png', html]),
    )
    stage(attachments.map((attachment) => line('look', attachment))).commit()
    const { page } = written()
    expect(readdirSync(out).filter((name) => name.startsWith('file-') && !name.endsWith('.bin'))).toEqual([])
    expect(page).toContain('beside this page as file-1-evidence.html.bin')
    expect(page).toContain('beside this page as file-14-a.png.bin')
    expect(page).toContain('beside this page as file-15-a.bin<')
    expect(page.match(/<img|<audio|href="[^#]/g)).toBeNull()
  })

  it('are called and shown by what their bytes are, and not by what their sender says', async () => {
    const { attachments, out, stage, written } = await archived([
      ['picture.svg', 'image/svg+xml', pixel],
      ['PICTURE.PNG', '', Buffer.concat([pixel, Buffer.of(1)])],
      ['sound', 'text/html', Buffer.from('OggS and so on')],
      ['film.mp4', 'image/png', Buffer.from('\0\0\0\x18ftypisom and so on')],
    ])
    stage(attachments.map((attachment) => line('look', attachment))).commit()
    expect(readdirSync(out).filter((name) => name.startsWith('file-'))).toEqual([
      'file-1-picture.svg.png',
      'file-2-PICTURE.PNG',
      'file-3-sound.ogg',
      'file-4-film.mp4.bin',
    ])
    const { page } = written()
    expect(page.match(/src="data:[^;]*/g)).toEqual([
      'src="data:image/png',
      'src="data:image/png',
      'src="data:audio/ogg',
    ])
  })

  it('say of a voice message how long it is, and play it', async () => {
    const { attachments, out, stage, written } = await archived([['voice-0m12s.ogg', 'audio/ogg', Buffer.from('OggS')]])
    stage([line('', { ...attachments[0], voiceMs: 12_345 })]).commit()
    const { json, page, text } = written()
    expect(text).toContain('[voice message, 0:12, 4 bytes]\n    its file: file-1-voice-0m12s.ogg')
    expect(page).toMatch(
      /<audio id="f1.1" aria-label="voice message, 0:12, 4 bytes" controls [^>]*src="data:audio\/ogg;/,
    )
    expect(json[0]?.attachment).toMatchObject({ voiceMs: 12_345, path: 'file-1-voice-0m12s.ogg' })
    expect(readdirSync(out)).toContain('file-1-voice-0m12s.ogg')
  })

  it('are not there where the archive has others in their place, and the rest is', async () => {
    const { attachments, out, stage, pathOf, written } = await archived([
      ['one.txt', 'text/plain', random(1000)],
      ['two.txt', 'text/plain', random(1000)],
    ])
    writeFileSync(pathOf(0), readFileSync(pathOf(1)))
    stage([line('one', attachments[0]), line('two', attachments[1])]).commit()
    expect(readdirSync(out).filter((name) => name.startsWith('file-'))).toEqual(['file-2-two.txt.bin'])
    const { json, page, text } = written()
    expect(json[0]?.attachment).toMatchObject({
      missing: 'what the archive has is not the file that the message names (not-authentic)',
    })
    expect(page).toContain(
      '<dd>2 files, of which 1 is beside the transcript. 1 is missing: what the archive has is not the file that the message names (not-authentic).</dd>',
    )
    expect(text).toContain('    its file is missing: what the archive has is not the file')
  })

  it('are not decrypted before all of what the archive has is known to be what the message names', async () => {
    const { attachments, archive } = await archived([['one.txt', 'text/plain', random(200_000)]])
    const names: string[] = []
    const into: StagedFolder = {
      write(name, pieces) {
        names.push(name)
        for (const piece of pieces) expect(piece.length).toBeGreaterThan(0)
      },
      stagedAt: (name) => name,
      commit: () => undefined,
      discard: () => undefined,
    }
    const attached = attachedFiles(archive, into)
    expect(attached({ ...attachments[0], root: random(32) as never })).toEqual({
      missing: 'what the archive has is not the file that the message names (not-authentic)',
    })
    expect(names).toEqual([])
    attached(attachments[0])
    expect(names).toEqual(['file-2-one.txt.bin'])
  })

  it('are there where the archive has something behind them', async () => {
    const content = random(1000)
    const { attachments, out, stage, pathOf } = await archived([['one.txt', 'text/plain', content]])
    appendFileSync(pathOf(0), 'more')
    stage([line('one', attachments[0])]).commit()
    expect(readFileSync(join(out, 'file-1-one.txt.bin')).equals(Buffer.from(content))).toBe(true)
  })

  it('are told of where the archive lacks them, has them cut, or there is no archive', async () => {
    const { attachments, blobs, out, stage, pathOf, written } = await archived([
      ['one.txt', 'text/plain', random(1000)],
    ])
    const missing = () => written().json[0]?.attachment?.['missing']
    writeFileSync(pathOf(0), readFileSync(pathOf(0)).subarray(1))
    stage([line('one', attachments[0])]).commit()
    expect(missing()).toBe('what the archive has is shorter than the file that the message names')
    stage([line('one', { ...attachments[0], blob: random(32) as never })]).commit()
    expect(missing()).toBe('the archive does not have it')
    stage([line('one', attachments[0])], null).commit()
    expect(missing()).toBe('only the keys of files are here, and the files are at the relay')
    rmSync(blobs, { recursive: true })
    const staged = stage([line('one', attachments[0]), line('two', attachments[0])])
    staged.commit()
    expect(staged.filesText).toBe(
      '2 files, of which 0 are beside the transcript. 2 are missing: there is no folder passed.archive.blobs beside the archive, where the relay puts files; copy it there too.',
    )
    expect(readdirSync(out).some((name) => name.startsWith('file-'))).toBe(false)
  })

  it('leave nothing behind when they are not handed over, and nothing of a run that was stopped stays', async () => {
    const { attachments, out, stage } = await archived([['one.txt', 'text/plain', random(1000)]])
    stage([line('one', attachments[0])]).discard()
    expect(existsSync(out)).toBe(false)
    mkdirSync(out)
    writeFileSync(join(out, 'file-1-old.txt.unfinished-77'), 'left')
    stage([line('one', attachments[0])]).commit()
    expect(readdirSync(out).filter((name) => name.includes('unfinished') || name.startsWith('file-'))).toEqual([
      'file-1-one.txt.bin',
    ])
  })
})
