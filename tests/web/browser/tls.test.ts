import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificateWarnings } from '../../../client/words/certificate-warnings.ts'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import {
  complaints,
  cutOff,
  expectAccessible,
  fillIn,
  hears,
  joinAs,
  newPhone,
  open,
  say,
  smallestText,
  workshopRun,
  type WorkshopRun,
} from '../../support/workshop.ts'

const screens = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
]

describe.skipIf(browserMissing)(`a workshop with --tls${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let [host, anna, ben]: Page[] = []
  const of = (page: Page | undefined) => {
    if (!page) throw new Error('no such page yet')
    return page
  }

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun('--tls'), openBrowser()])
    host = await newPhone(browser, { width: 1100, height: 900 })
    await host.goto(run.hostLink())
    anna = await newPhone(browser)
    ben = await newPhone(browser, undefined, true)
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('is warned of by Chromium in the words that the wall expects, and is entered by what the wall says to press', async () => {
    const chrome = certificateWarnings.find((one) => one.browser === 'Chrome')
    const phone = of(anna)
    await expect(phone.goto(`${run.room}#${run.code()}`)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
    await phone.getByRole('heading', { name: chrome?.says }).waitFor()
    const [first = '', second = ''] = chrome?.press ?? []
    await phone.getByRole('button', { name: first }).click()
    await phone.getByRole('link', { name: second.replace('…', '127.0.0.1') }).click()
    await fillIn(phone, 'anna', true)
    await phone.getByText('You are anna.').waitFor()
    await phone.getByText('Connected.').waitFor()
    expect(await phone.evaluate('isSecureContext')).toBe(true)
  })

  it('takes who types http:// to https://, with the code', async () => {
    const phone = of(ben)
    await phone.goto(`${run.room.replace('https', 'http')}#${run.code()}`)
    expect(phone.url()).toBe(`${run.room}#${run.code()}`)
    await joinAs(phone, run, 'ben', false)
  })

  it('is one in which people talk, throw the switch and come back as in any other', async () => {
    const [one, other, desk] = [of(anna), of(ben), of(host)]
    await open(one, 'ben')
    await say(one, 'ben', 'inside TLS')
    await open(other, 'anna')
    await hears(other, 'inside TLS')
    await desk.getByRole('button', { name: 'Throw the switch' }).click()
    for (const phone of [one, other]) await phone.getByText('A key is under the mat').waitFor()
    await say(other, 'anna', 'and under the mat')
    await hears(one, 'and under the mat')
    await desk.getByText('opened 1 message in 1 conversation').waitFor()
    await one.reload()
    await one.getByText('Connected.').waitFor()
  })

  it('shows at the door what to press and the fingerprint, to the last row', async () => {
    const fingerprint = run
      .process()
      .lines.filter((line) => /^ {2}([0-9A-F]{2} ){7}[0-9A-F]{2}$/.test(line))
      .map((line) => line.trim())
    expect(fingerprint.length).toBe(4)
    const wall = await of(host).context().newPage()
    await wall.goto(run.hostLink().replace('/#', '/wall#'))
    await of(host).getByRole('button', { name: 'The door' }).click()
    await wall.getByRole('heading', { name: 'Your phone will warn you' }).waitFor()
    for (const viewport of screens) {
      await wall.setViewportSize(viewport)
      for (const line of fingerprint) expect(await wall.getByText(line).isVisible()).toBe(true)
      expect(await smallestText(wall)).toBeGreaterThanOrEqual(1 / 30)
      expect(await cutOff(wall)).toEqual([])
      for (const colorScheme of ['light', 'dark'] as const) {
        await wall.emulateMedia({ colorScheme })
        await expectAccessible(wall, axe.source)
      }
    }
    await of(host).getByLabel('A seat for somebody with a terminal').fill('zora')
    await of(host).getByRole('button', { name: 'Give the seat' }).click()
    await of(host).getByText(`--tls-ca ${run.folder}/tls/certificate.pem`).waitFor()
  })

  it('says so on a phone that takes the page and refuses the connection, as an iPhone may', async () => {
    const phone = await newPhone(browser, undefined, true)
    await phone.route(/\/assets\/worker.*\.js$/, async (route) => {
      const response = await route.fetch()
      const refusing = "const Real = WebSocket; self.WebSocket = function () { return new Real('/refused') };"
      await route.fulfill({ response, body: refusing + (await response.text()) })
    })
    await phone.goto(`${run.room}#${run.code()}`)
    await fillIn(phone, 'carl', false)
    await phone.getByText('This phone shows the page and refuses its connection').waitFor()
    await expectAccessible(phone, axe.source)
  })

  it('has had no page that complained, of a script or of its content policy', () => {
    expect(complaints).toEqual([])
  })
})
