import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeReport } from '../../client/lab/report/write.ts'
import { browserMissing, openBrowser } from '../support/browser.ts'
import { labResult } from '../support/lab-result.ts'

const widths = [1280, 390]
const schemes = ['light', 'dark'] as const

describe.skipIf(browserMissing)(`the report in a browser${browserMissing}`, () => {
  let browser: Browser
  let page: Page
  let folder: string
  let address: string
  const asked: string[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'doormat-page-'))
    address = pathToFileURL(join(folder, 'index.html')).href
    writeReport(folder, labResult())
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
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

  it.each(schemes)('has nothing in it that axe finds fault with, in %s colours, all opened', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true })`)
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<{
      violations: readonly { id: string; nodes: readonly { html: string }[] }[]
    }>('axe.run(document, { resultTypes: ["violations"] })')
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })

  it.each(widths)('fits a screen of %d points', async (width) => {
    await page.setViewportSize({ width, height: 900 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeGreaterThan(2000)
  })

  it('is dark where the screen is dark, and light on paper', async () => {
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = await paper()
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    const printed = await paper()
    await page.emulateMedia({ colorScheme: 'light', media: 'screen' })
    expect(printed).toBe(await paper())
    expect(dark).not.toBe(printed)
  })

  const cut = () =>
    page.evaluate<readonly string[]>(`[...document.querySelectorAll('table, svg.plot')]
      .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map((one) => one.getAttribute('aria-label') ?? one.textContent.slice(0, 40))`)

  it.each(widths)('has no table or picture that a screen of %d points cuts off, all opened', async (width) => {
    await page.setViewportSize({ width, height: 900 })
    expect(await cut()).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  })

  it('has no table or picture that a sheet of A4 cuts off, and everything that is folded is open there', async () => {
    // 210 mm without margins of 14 mm, at 96 points an inch
    await page.setViewportSize({ width: 688, height: 1000 })
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = false })`)
    const shown = () =>
      page.evaluate<readonly boolean[]>(
        `[...document.querySelectorAll('details table')].map((one) => one.checkVisibility())`,
      )
    expect(new Set(await shown())).toEqual(new Set([false]))
    await page.emulateMedia({ media: 'print' })
    expect(await cut()).toEqual([])
    expect(new Set(await shown())).toEqual(new Set([true]))
    await page.emulateMedia({ media: 'screen' })
  })

  it('has for and against at the same height, in columns of the same width and about the same length', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    const [one, other] = await page.evaluate<readonly { y: number; width: number; height: number }[]>(
      `['for', 'against'].map((id) => { const { y, width } = document.getElementById(id).getBoundingClientRect(); return { y, width: Math.round(width), height: document.querySelector('#' + id + ' ul').offsetHeight } })`,
    )
    expect([one?.y, one?.width]).toEqual([other?.y, other?.width])
    expect(Math.abs((one?.height ?? 0) / (other?.height ?? 1) - 1)).toBeLessThan(0.25)
  })

  it('can be printed', async () => {
    const pdf = await page.pdf({ preferCSSPageSize: true })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.length).toBeGreaterThan(20_000)
  })

  it('comes with pictures that are well-formed by themselves', async () => {
    const pictures = readdirSync(folder).filter((name) => name.endsWith('.svg'))
    expect(pictures).toHaveLength(6)
    for (const name of pictures) {
      const source = JSON.stringify(readFileSync(join(folder, name), 'utf8'))
      const root = `new DOMParser().parseFromString(${source}, 'image/svg+xml').documentElement.nodeName`
      expect([name, await page.evaluate(root)]).toEqual([name, 'svg'])
    }
  })

  it('has asked for nothing but itself by then, and neither complained nor opened anything', () => {
    expect(asked).toEqual([address])
    expect(complaints).toEqual([])
  })
})
