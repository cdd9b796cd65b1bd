import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TranscriptLine } from '../../client/authority/transcript.ts'
import { transcriptPage } from '../../client/authority/transcript-page.ts'
import { browserMissing, openBrowser } from '../support/browser.ts'

const start = Date.UTC(2026, 2, 1, 9, 30)
const line = (i: number, from: string, to: string, text: string): TranscriptLine => ({
  time: start + i * 61_000,
  from,
  fromDevice: '01',
  to,
  toDevice: '02',
  saysSentTo: null,
  group: null,
  sentAt: start,
  id: String(i),
  epoch: 2,
  attachment: null,
  mode: 'message-key-escrow',
  text,
})
const lines = [
  line(0, 'alice', 'bob', 'Café at nine?'),
  line(1, 'bob', 'alice', 'Use the garden gate\nat number 14'),
  line(2, 'alice', 'carol', `<img src=x onerror=alert(1)><script>document.title = 'owned'</script>`),
  { ...line(3, 'alice', 'alice', 'a copy of my own'), saysSentTo: 'dora' },
  ...Array.from({ length: 60 }, (_, i) =>
    line(10 + i, 'dora', 'emre', `entry ${i} ${'and some more of it '.repeat(i % 7)}`),
  ),
]
const html = transcriptPage({ lines, incomplete: 'the archive ends in the middle of a record', limits: null })

describe.skipIf(browserMissing)(`the page of a transcript in a browser${browserMissing}`, () => {
  let browser: Browser
  let page: Page
  let address: string
  const asked: string[] = []
  const complaints: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'doormat-transcript-'))

  beforeAll(async () => {
    writeFileSync(join(folder, 'transcript.html'), html)
    address = pathToFileURL(join(folder, 'transcript.html')).href
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, timezoneId: 'Asia/Tokyo' })
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message())
      void dialog.dismiss()
    })
    await page.goto(address)
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  const visibleTexts = () =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('tbody tr')].filter((row) => row.offsetParent !== null).map((row) => row.lastElementChild.textContent)`,
    )
  const search = async (words: string) => {
    await page.fill('#words', words)
    return [await visibleTexts(), await page.textContent('#found')] as const
  }

  it('lists its conversations, and leads to each', async () => {
    expect(await page.locator('nav a').allTextContents()).toEqual([
      'alice and bob',
      'alice and carol',
      'alice and dora',
      'dora and emre',
    ])
    const targets = await page.evaluate<boolean>(
      `[...document.querySelectorAll('nav a')].every((link) => document.querySelector(link.hash)?.querySelector('h2').textContent.endsWith(link.textContent))`,
    )
    expect(targets).toBe(true)
  })

  it('says times in the zone of whoever reads, and which that is; and without a script in UTC', async () => {
    expect(await page.textContent('#zone')).toBe('in your time zone, Asia/Tokyo')
    expect(await page.textContent('tbody time')).toBe('2026-03-01 18:30:00')
    expect(await page.getAttribute('tbody time', 'title')).toBe('2026-03-01 09:30:00 UTC')
    const plain = await browser.newPage({ javaScriptEnabled: false })
    await plain.goto(address)
    expect(await plain.textContent('#zone')).toBe('in UTC')
    expect(await plain.textContent('tbody time')).toBe('2026-03-01 09:30:00')
    expect(await plain.isVisible('#search')).toBe(false)
    await plain.close()
  })

  it('is searched without a network, whatever the case and the accents', async () => {
    expect(await search('CAFE')).toEqual([['Café at nine?'], '1 entry contains this'])
    expect((await search('gate at number'))[0]).toHaveLength(1)
    expect(await search('nothing of this kind')).toEqual([[], '0 entries contain this'])
    const [all, found] = await search('')
    expect([all.length, found]).toEqual([lines.length, ''])
  })

  it('runs nothing and fetches nothing but itself', async () => {
    expect(await page.title()).toMatch(/^Transcript: 63 messages, 1 copy, 4 conversations$/)
    expect([asked, complaints]).toEqual([[address], []])
  })

  it.each(['light', 'dark'] as const)(
    'has nothing in it that axe finds fault with, in %s colours',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      await page.evaluate(axe.source)
      const { violations } = await page.evaluate<{ violations: readonly { id: string; nodes: { html: string }[] }[] }>(
        'axe.run(document, { resultTypes: ["violations"] })',
      )
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([])
    },
  )

  it.each([1280, 390])('fits a screen of %d points', async (width) => {
    await page.setViewportSize({ width, height: 900 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  })

  it('fits paper, where every entry stands whatever is searched for', async () => {
    await search('CAFE')
    await page.emulateMedia({ media: 'print', colorScheme: 'light' })
    await page.setViewportSize({ width: 672, height: 950 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(672)
    expect(await page.isVisible('#search')).toBe(false)
    expect(await visibleTexts()).toHaveLength(lines.length)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.emulateMedia({ media: 'screen' })
    expect((await visibleTexts()).length).toBe(1)
  })
})
