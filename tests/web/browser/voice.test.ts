import axe from 'axe-core'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libopusEncoder } from '../../../client/device/voice/opus.ts'
import { voiceSource } from '../../../client/device/voice/voice.ts'
import { fetchBlob, spoolFile } from '../../../client/device/transfer.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { base64url } from '../../../crypto/bytes.ts'
import { blobFilesIn } from '../../../server/disk/blob-files.ts'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { carriedOut } from '../../support/here.ts'
import { scratch } from '../../support/program.ts'
import { archiveOf } from '../../support/recorded.ts'
import { babble, correlation, wavOf } from '../../support/sound.ts'
import {
  complaints,
  expectAccessible,
  hears,
  joinAs,
  newPhone,
  open,
  say,
  workshopRun,
} from '../../support/workshop.ts'
import { createWorld } from '../../support/world.ts'

const { path, remove } = scratch()
afterAll(remove)

interface Decoded {
  readonly seconds: number
  readonly samples: Float32Array
}

/** The smallest PNG there is: one pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** As Chromium decodes it, at 48 kHz; on a page of its own, which no policy holds. */
async function decodedBy(browser: Browser, file: Buffer): Promise<Decoded> {
  const page = await browser.newPage()
  const [seconds, samples] = await page.evaluate<[number, number[]]>(`(async () => {
    const bytes = Uint8Array.from(atob('${file.toString('base64')}'), (letter) => letter.charCodeAt(0))
    const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes.buffer)
    return [sound.duration, [...sound.getChannelData(0)]]
  })()`)
  await page.close()
  return { seconds, samples: Float32Array.from(samples) }
}

const likeness = ({ samples }: Decoded, said: Float32Array): number => correlation(samples, said)

const durationOf = (audio: Locator) =>
  audio.evaluate((element) => (element as unknown as { duration: number }).duration)

describe.skipIf(browserMissing)(`files and voices on a page${browserMissing}`, () => {
  let run: Awaited<ReturnType<typeof workshopRun>>
  let browser: Browser
  let [anna, ben]: Page[] = []
  const said = babble(3, 48_000)
  const of = (page: Page | undefined): Page => {
    if (!page) throw new Error('no phone yet')
    return page
  }
  const last = (page: Page) => page.locator('.message').last()
  const saved = async (page: Page) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      last(page)
        .getByText(/^Save /)
        .click(),
    ])
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
  }

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
    ;[anna, ben] = [await newPhone(browser), await newPhone(browser)]
    await joinAs(anna, run, 'anna', true)
    await joinAs(ben, run, 'ben', false)
    await open(anna, 'ben')
    await open(ben, 'anna')
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('go by a recording where the page has no microphone, and are played as they were spoken', async () => {
    expect(await of(anna).getByRole('button', { name: 'Record' }).count()).toBe(0)
    const recording = Buffer.from(wavOf(said))
    await of(anna)
      .getByLabel('Voice, up to 5 min')
      .setInputFiles({ name: 'at-the-clinic.wav', mimeType: 'audio/wav', buffer: recording })
    await hears(of(ben), 'voice message, 0:03, ')
    await last(of(ben)).getByRole('button', { name: 'Play' }).click()
    const audio = last(of(ben)).locator('audio')
    await expect.poll(() => durationOf(audio)).toBeCloseTo(3, 1)
    const { name, bytes } = await saved(of(ben))
    expect(name).toBe('voice-0m03s.ogg')
    const heard = await decodedBy(browser, bytes)
    expect(Math.abs(heard.seconds - 3)).toBeLessThan(0.05)
    expect(likeness(heard, said)).toBeGreaterThan(0.8)
  })

  it('go when the server is back, after a reload too, and come as they were', async () => {
    await run.kill()
    const notes = Buffer.from('a,b\n1,2\n'.repeat(20_000))
    await of(anna)
      .getByLabel('File, up to 8 MB')
      .setInputFiles({ name: 'notes.csv', mimeType: 'text/csv', buffer: notes })
    await last(of(anna)).getByText('its file is on its way to the server').waitFor()
    await run.start()
    await of(anna).reload()
    await open(of(anna), 'ben')
    await hears(of(ben), 'notes.csv, 160 kB')
    await last(of(ben)).getByRole('button', { name: 'Fetch' }).click()
    const { name, bytes } = await saved(of(ben))
    expect([name, bytes.equals(notes)]).toEqual(['notes.csv', true])
    expect(await last(of(ben)).locator('img, audio').count()).toBe(0)
  })

  it('are pictures, which are shown without where and with what they were taken', async () => {
    // a point, and who has made it
    const made = Buffer.from('\0\0\0\x0ctEXtAuthor\0Alice\0\0\0\0', 'latin1')
    const picture = Buffer.concat([pixel.subarray(0, 33), made, pixel.subarray(33)])
    await of(anna)
      .getByLabel('File, up to 8 MB')
      .setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: picture })
    await hears(of(ben), 'dot.png, ')
    await last(of(ben)).getByRole('button', { name: 'Fetch' }).click()
    const shown = last(of(ben)).getByRole('img', { name: 'The picture dot.png' })
    const widthOf = (element: unknown) => (element as { naturalWidth: number }).naturalWidth
    await expect.poll(() => shown.evaluate(widthOf)).toBe(1)
    expect((await saved(of(ben))).bytes.includes('Alice')).toBe(false)
  })

  it('are refused in words where they are too large, or may tell of their maker', async () => {
    const give = (name: string, buffer: Buffer) =>
      of(anna).getByLabel('File, up to 8 MB').setInputFiles({ name, mimeType: '', buffer })
    await give('large.bin', Buffer.alloc(8_000_001))
    await of(anna).getByText('more than 8 MB, the most that this page sends').waitFor()
    await give('film.mp4', Buffer.from('\0\0\0\x18ftypisom and so on', 'latin1'))
    await of(anna).getByText('This is an MP4 film, which may say where').waitFor()
    await of(anna)
      .getByLabel('Voice, up to 5 min')
      .setInputFiles({ name: 'no.wav', mimeType: 'audio/wav', buffer: Buffer.from('no recording') })
    await of(anna).getByText('This browser finds no sound in this file.').waitFor()
  })

  it('leave pages in which axe finds nothing, that fit a phone, and that complain of nothing', async () => {
    for (const page of [of(anna), of(ben)]) {
      await expectAccessible(page, axe.source)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    }
    expect(complaints).toEqual([])
  })
})

describe.skipIf(browserMissing)(`a voice from the microphone${browserMissing}`, () => {
  it('is recorded, sent when its person says so, and played', async () => {
    const said = babble(1.5, 48_000)
    writeFileSync(path('said.wav'), wavOf(said))
    const run = await workshopRun()
    const browser = await openBrowser(
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${path('said.wav')}`,
    )
    try {
      // on the same machine it is a secure context
      const here = { ...run, room: `http://127.0.0.1:${run.port}/` }
      const [anna, ben] = [await newPhone(browser), await newPhone(browser)]
      await joinAs(anna, here, 'anna', true)
      await joinAs(ben, here, 'ben', false)
      await open(anna, 'ben')
      await open(ben, 'anna')
      const record = anna.getByRole('button', { name: 'Record, up to 5 min' })
      await record.click()
      const focused = () => anna.evaluate('document.activeElement.textContent')
      await expect.poll(focused).toMatch(/^Send /)
      await anna.getByRole('button', { name: 'Discard' }).click()
      await expect.poll(focused).toMatch(/^Record/)
      await record.click()
      await anna.getByRole('button', { name: /^Send 0:(?:0[4-9]|[1-5])/ }).click()
      await hears(ben, 'voice message, 0:0')
      expect(await ben.locator('.message').count()).toBe(1)
      await ben.getByRole('button', { name: 'Play' }).click()
      const [download] = await Promise.all([ben.waitForEvent('download'), ben.getByText(/^Save /).click()])
      const heard = await decodedBy(browser, readFileSync(await download.path()))
      expect(heard.seconds).toBeGreaterThan(3)
      // the microphone plays the file again and again, and browsers make a voice louder and take noise away
      expect(heard.samples.reduce((most, sample) => Math.max(most, sample), 0)).toBeGreaterThan(0.01)
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      await run.end()
    }
  })

  /** Five minutes are three seconds; who gives the microphone takes their time; and all recorders and tracks are known. */
  const watched = `{
    const later = setTimeout
    window.setTimeout = (work, ms, ...rest) => later(work, ms === 300000 ? 3000 : ms, ...rest)
    window.tracks = []
    window.recorders = []
    window.slow = 0
    const own = MediaRecorder
    window.MediaRecorder = class extends own {
      constructor(...parts) {
        super(...parts)
        window.recorders.push(this)
      }
    }
    const { mediaDevices } = navigator
    const get = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = async (wanted) => {
      if (window.slow > 0) await new Promise((resolve) => later(resolve, window.slow))
      const stream = await get(wanted)
      window.tracks.push(...stream.getTracks())
      return stream
    }
  }`

  it('is sent by nothing but a press of Send, and no microphone stays open', async () => {
    writeFileSync(path('said.wav'), wavOf(babble(1.5, 48_000)))
    const run = await workshopRun()
    const browser = await openBrowser(
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${path('said.wav')}`,
    )
    try {
      const here = { ...run, room: `http://127.0.0.1:${run.port}/` }
      const [anna, ben] = [await newPhone(browser), await newPhone(browser)]
      await anna.addInitScript(watched)
      await joinAs(anna, here, 'anna', true)
      await joinAs(ben, here, 'ben', false)
      await open(anna, 'ben')
      const record = anna.getByRole('button', { name: 'Record, up to 5 min' })
      const discard = anna.getByRole('button', { name: 'Discard' })
      const tracks = () => anna.evaluate('window.tracks.map((track) => track.readyState).join()')
      const over = (count: number) => Array.from({ length: count }, () => 'ended').join()

      await record.dblclick()
      await discard.click()
      await record.waitFor()
      expect([await tracks(), await anna.evaluate('window.recorders.length')]).toEqual([over(1), 1])

      // a letter in the text field throws nothing away
      await record.click()
      await discard.waitFor()
      await anna.getByLabel('Message to ben').fill('w')
      await discard.click()
      await anna.getByLabel('Message to ben').fill('')
      await expect.poll(tracks).toBe(over(2))

      // its time is over
      await record.click()
      await anna.getByText('Nothing of it has been sent.').waitFor()
      expect(await tracks()).toBe(over(3))
      await discard.click()

      // whoever asked for the microphone has gone when it comes
      await anna.evaluate('window.slow = 500')
      await record.click()
      await anna.getByRole('button', { name: 'Back to the list' }).click()
      await expect.poll(tracks).toBe(over(4))

      await open(anna, 'ben')
      await say(anna, 'ben', 'nothing was spoken')
      await open(ben, 'anna')
      await hears(ben, 'nothing was spoken')
      expect(await ben.locator('.message').count()).toBe(1)
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      await run.end()
    }
  })
})

describe.skipIf(browserMissing)(`the voice of somebody under escrow${browserMissing}`, () => {
  it('is played by the page that the authority is handed', async () => {
    const recording: RecordedEnvelope[] = []
    const world = await createWorld('a voice for an authority', { recording })
    const [alice, bob] = await world.couple()
    await world.switchOn()
    await Promise.all([alice, bob].map((person) => person.untilNoticed('access', 2)))
    const said = babble(2, 48_000)
    const source = await voiceSource({ samples: said, rateHz: 48_000 }, libopusEncoder)
    const attachment = await spoolFile(alice.device.spool, source, world.random)
    alice.device.writeFile('bob', 'listen', attachment)
    await bob.untilRead('alice', 'listen')
    mkdirSync(path('passed.archive.blobs'))
    await fetchBlob(world.relay, blobFilesIn(path('passed.archive.blobs'), null), attachment, () => undefined)
    writeFileSync(path('passed.archive'), archiveOf(recording))
    const key = { doormat: 'escrow key', mode: 'message-key-escrow', secret: base64url(world.escrow.secret) }
    writeFileSync(path('escrow.key'), JSON.stringify(key))
    const from = ['--key', path('escrow.key'), '--archive', path('passed.archive')]
    await carriedOut(['authority', 'export', ...from, '--out', path('case')])
    const browser = await openBrowser()
    try {
      const heard = await decodedBy(browser, readFileSync(join(path('case'), 'file-1-voice-0m02s.ogg')))
      expect(Math.abs(heard.seconds - 2)).toBeLessThan(0.05)
      expect(likeness(heard, said)).toBeGreaterThan(0.8)
      const page = await browser.newPage()
      await page.goto(`file://${join(path('case'), 'transcript.html')}`)
      const audio = page.getByLabel('voice message, 0:02, ')
      await expect.poll(() => durationOf(audio)).toBeCloseTo(2, 1)
      expect(await page.getByText('voice message, 0:02, ').count()).toBe(1)
    } finally {
      await browser.close()
    }
  })
})
