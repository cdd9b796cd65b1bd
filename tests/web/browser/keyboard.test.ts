import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { hears, joinAs, newPhone, open, say, workshopRun, type WorkshopRun } from '../../support/workshop.ts'

const stopsMaximum = 60

const hasFocus = async (page: Page, target: Locator) => (await target.and(page.locator(':focus')).count()) > 0

/** By the Tab key, from wherever the focus is. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stops = 0; stops < stopsMaximum; stops++) {
    await page.keyboard.press('Tab')
    if (await hasFocus(page, target)) return
  }
  throw new Error('the Tab key does not lead there')
}

/** Whether a person sees where the focus is. */
const showsFocus = (page: Page) =>
  page.evaluate<boolean>('parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2')

describe.skipIf(browserMissing)(`somebody without a mouse and without a finger on the glass${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let [anna, ben, host]: Page[] = []
  const of = (page: Page | undefined) => {
    if (!page) throw new Error('no such page yet')
    return page
  }
  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
    ;[anna, ben] = [await newPhone(browser), await newPhone(browser)]
    host = await newPhone(browser, { width: 1100, height: 900 })
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })
  const pressed = async (page: Page, target: Locator, key = 'Enter') => {
    await tabTo(page, target)
    expect(await showsFocus(page)).toBe(true)
    await page.keyboard.press(key)
  }

  it('joins, chooses somebody, and writes', async () => {
    await joinAs(of(ben), run, 'ben', true)
    const page = of(anna)
    await page.goto(`${run.room}#${run.code()}`)
    await page.getByLabel('I have read this').waitFor()
    await pressed(page, page.getByLabel('I have read this'), 'Space')
    await pressed(page, page.getByLabel('my texts, with my name'), 'Space')
    await tabTo(page, page.getByLabel('Your name here'))
    await page.keyboard.press('Control+A')
    await page.keyboard.type('anna')
    await pressed(page, page.getByRole('button', { name: 'Join' }))
    await page.getByText('You are anna.').waitFor()
    await pressed(page, page.getByRole('button', { name: /^ben/ }))
    await tabTo(page, page.getByLabel('Message to ben'))
    await page.keyboard.type('without a mouse')
    await page.keyboard.press('Enter')
    await open(of(ben), 'anna')
    await hears(of(ben), 'without a mouse')
  })

  it('looks inside a message, and is back where they were', async () => {
    const page = of(anna)
    const look = page.getByRole('button', { name: 'Look inside' })
    await pressed(page, look)
    await page.getByRole('dialog', { name: 'Inside this message' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await hasFocus(page, look)).toBe(true)
  })

  it('compares numbers, and is kept inside the page for it meanwhile', async () => {
    await say(of(ben), 'anna', 'me too')
    const page = of(anna)
    await hears(page, 'me too')
    await pressed(page, page.getByRole('button', { name: 'Compare numbers' }))
    const dialog = page.getByRole('dialog', { name: 'Safety number with ben' })
    await dialog.waitFor()
    const inside: boolean[] = []
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab')
      inside.push(
        await page.evaluate<boolean>(
          'document.activeElement === document.body || document.activeElement.closest("dialog") !== null',
        ),
      )
    }
    expect(inside).not.toContain(false)
    await pressed(page, dialog.getByRole('button', { name: 'All digits are the same' }))
    await page.getByText('You have said that the numbers match: no false key is between you.').waitFor()
    await pressed(page, dialog.getByRole('button', { name: 'Close' }))
    await page.getByRole('button', { name: '✓ Verified' }).waitFor()
  })

  it('throws the switch, asks, and blanks the wall', async () => {
    const page = of(host)
    await page.goto(run.hostLink())
    await page.getByRole('heading', { name: 'The host’s page' }).waitFor()
    await pressed(page, page.getByRole('button', { name: 'Throw the switch' }))
    await of(anna).getByText('A key is under the mat.').waitFor()
    await pressed(page, page.getByRole('button', { name: 'Ask', exact: true }).first())
    const answer = of(anna).getByRole('button', { name: 'all', exact: true })
    await answer.waitFor()
    await pressed(of(anna), answer, 'Space')
    await of(anna).getByText('Your guess is on its way').waitFor()
    await pressed(page, page.getByRole('button', { name: 'Blank the wall' }))
    await page.getByRole('button', { name: 'Show the wall again' }).waitFor()
  })
})
