import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { isLong } from '../../support/long.ts'
import { hears, joinAs, newPhone, open, texts, workshopRun, type WorkshopRun } from '../../support/workshop.ts'

const crashes = isLong ? 25 : 3
/** messages each way before a crash */
const each = 6

/** Ends the process that a page runs in, at once and with everything in it. */
async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const gone = page.waitForEvent('crash')
  void session.send('Page.crash').catch(() => undefined)
  await gone
}

/** What stands in the input: it goes once it is kept. */
const typed = (page: Page) => page.getByLabel('Message to ben').inputValue()

describe.skipIf(browserMissing)(`a phone whose page dies in the middle of a conversation${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it(`loses nothing that it said it had kept, and nothing comes twice, in ${crashes} crashes`, async () => {
    let anna = await newPhone(browser)
    const ben = await newPhone(browser)
    await joinAs(anna, run, 'anna', true)
    await joinAs(ben, run, 'ben', true)
    await open(anna, 'ben')
    await open(ben, 'anna')
    const kept: string[] = []
    let count = 0
    /** A page shows the latest 200, so each round is looked at: in order, with none missing and none twice. */
    async function look(): Promise<void> {
      await hears(ben, `number ${count}.`)
      await hears(anna, `back ${count}.`)
      const from = (all: readonly string[], word: string) => all.filter((text) => text.startsWith(word))
      const backs = kept.map((text) => text.replace('number', 'back'))
      for (const page of [ben, anna])
        for (const [word, all] of [
          ['number', kept],
          ['back', backs],
        ] as const) {
          const shown = from(await texts(page), word)
          expect(shown.length).toBeGreaterThanOrEqual(Math.min(all.length, 2 * each))
          expect(shown).toEqual(all.slice(-shown.length))
        }
    }
    for (let round = 0; round < crashes; round++) {
      for (let i = 0; i < each; i++) {
        const text = `number ${(count += 1)}.`
        await anna.getByLabel('Message to ben').fill(text)
        await anna.keyboard.press('Enter')
        await expect.poll(() => typed(anna)).toBe('')
        kept.push(text)
        // both ways, so that the page dies in the middle of receiving, too
        const back = `back ${count}.`
        await ben.getByLabel('Message to anna').fill(back)
        await ben.keyboard.press('Enter')
      }
      const context = anna.context()
      await crash(anna)
      anna = await context.newPage()
      await anna.goto(run.room)
      await anna.getByRole('button', { name: 'Go on as anna' }).click()
      await open(anna, 'ben')
      await look()
    }
    expect(await ben.locator('.entry-notice.warn').count()).toBe(0)
  })

  it('says that it has no room left, and has everything that it had kept when there is room again', async () => {
    const dora = await newPhone(browser)
    const carl = await newPhone(browser)
    await joinAs(dora, run, 'dora', true)
    await joinAs(carl, run, 'carl', true)
    await open(dora, 'carl')
    await open(carl, 'dora')
    const session = await dora.context().newCDPSession(dora)
    const { origin } = new URL(run.room)
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
    const over = dora.getByText('This phone has no room left')
    const isOver = async () => (await over.count()) > 0
    const input = dora.getByLabel('Message to carl')
    // the input goes where there is no room; what has been kept is in it no more
    const isKept = () => input.evaluateAll((all) => all.every((one) => (one as HTMLInputElement).value === ''))
    // Chromium looks at what room is left only twice a minute
    let written = 0
    while (!(await isOver())) {
      expect((written += 1)).toBeLessThan(200)
      await Promise.race([input.fill(`dora ${written}.`).catch(() => undefined), over.waitFor()])
      await dora.keyboard.press('Enter')
      while (!(await isKept()) && !(await isOver())) await dora.waitForTimeout(50)
      await dora.waitForTimeout(500)
    }
    await session.send('Storage.overrideQuotaForOrigin', { origin })
    await dora.getByRole('button', { name: 'Load the page again' }).click()
    await open(dora, 'carl')
    for (let i = 1; i < written; i++) await hears(dora, `dora ${i}.`)
    // the last one had been kept, or not: but nothing has left that was not, and all that was comes, once
    const shown = await texts(dora)
    expect(new Set(shown).size).toBe(shown.length)
    await expect.poll(() => texts(carl)).toEqual(shown)
  })
})
