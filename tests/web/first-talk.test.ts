import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../support/browser.ts'
import {
  complaints,
  expectAccessible,
  hears,
  joinAs,
  newPhone,
  open,
  say,
  texts,
  workshopRun,
  type WorkshopRun,
} from '../support/workshop.ts'

describe.skipIf(browserMissing)(`two phones in a workshop${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let [anna, ben]: Page[] = []
  const phone = (page: Page | undefined) => {
    if (!page) throw new Error('no phone yet')
    return page
  }

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
    ;[anna, ben] = [await newPhone(browser), await newPhone(browser)]
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('join over plain http, where a page has no crypto.subtle', async () => {
    await joinAs(phone(anna), run, 'anna', true)
    await joinAs(phone(ben), run, 'ben', false)
    expect(await phone(anna).evaluate('isSecureContext')).toBe(false)
  })

  it('talk, and what one writes stays text on the other', async () => {
    await open(phone(anna), 'ben')
    await say(phone(anna), 'ben', '<img src=x onerror=alert(1)> hello')
    await open(phone(ben), 'anna')
    await hears(phone(ben), '<img src=x onerror=alert(1)> hello')
    await say(phone(ben), 'anna', 'I have it')
    await hears(phone(anna), 'I have it')
  })

  it('have everything again after a reload, and go on', async () => {
    await phone(anna).reload()
    await open(phone(anna), 'ben')
    await hears(phone(anna), 'I have it')
    await say(phone(anna), 'ben', 'after the reload')
    await hears(phone(ben), 'after the reload')
    expect(await texts(phone(ben))).toEqual(['<img src=x onerror=alert(1)> hello', 'I have it', 'after the reload'])
  })

  it('have pages in which axe finds nothing, and that complain of nothing', async () => {
    await expectAccessible(phone(anna), axe.source)
    expect(complaints).toEqual([])
  })
})
