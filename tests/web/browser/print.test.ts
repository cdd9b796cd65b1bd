import { readdirSync } from 'node:fs'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { expectAccessible } from '../../support/workshop.ts'

const folder = new URL('../../../docs/workshop/print/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.html'))
const papers = [
  // less the margins of 12 mm
  { format: 'A4', widthMm: 186 },
  { format: 'Letter', widthMm: 191.9 },
] as const
const pixelsPerMm = 96 / 25.4

/** Whatever is wider or higher than the box it stands in, which on paper cuts it off; a cell may be higher than its row. */
const overflowing = `[...document.querySelectorAll('main *:not(tr)')]
  .filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).display !== 'inline' && one.clientHeight > 0)
  .map((one) => one.tagName + ' ' + one.className + ': ' + one.textContent.trim().slice(0, 40))`

describe.skipIf(browserMissing).each(files)(`docs/workshop/print/%s${browserMissing}`, (name) => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await openBrowser()
    page = await browser.newPage()
    await page.goto(new URL(name, folder).href)
  })
  afterAll(() => browser.close())

  it.each(papers)(
    'prints each sheet on a page of its own on $format, and cuts nothing off',
    async ({ format, widthMm }) => {
      await page.emulateMedia({ media: 'print' })
      await page.setViewportSize({ width: Math.floor(widthMm * pixelsPerMm), height: 900 })
      expect(await page.evaluate(overflowing)).toEqual([])
      const sheets = await page.locator('.sheet').count()
      const pdf = (await page.pdf({ format })).toString('latin1')
      expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(sheets)
    },
  )

  it('can be read on a screen, by everybody', async () => {
    await page.emulateMedia({ media: 'screen' })
    await page.getByRole('heading', { level: 1 }).waitFor()
    await expectAccessible(page, axe.source)
  })
})
