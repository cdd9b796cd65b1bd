import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import {
  complaints,
  fillIn,
  hears,
  joinAs,
  newPhone,
  open,
  say,
  workshopRun,
  type WorkshopRun,
} from '../../support/workshop.ts'

/** A phone with its keyboard open, and the smallest phone that is still about. */
const small = [
  { width: 390, height: 480 },
  { width: 320, height: 568 },
]

describe.skipIf(browserMissing)(`what a phone tells its owner${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let [host, anna, ben]: Page[] = []
  const of = (page: Page | undefined) => {
    if (!page) throw new Error('no such page yet')
    return page
  }
  const press = (name: string | RegExp) => of(host).getByRole('button', { name }).click()
  const guessing = () => of(host).getByText('How many of our conversations').locator('..')
  /** The same question once more, with what was asked before it done. */
  async function askAnew(): Promise<void> {
    await guessing().getByRole('button', { name: 'Done' }).click()
    await guessing().getByRole('button', { name: 'Ask' }).click()
  }
  /** Whether that is wholly on the screen. */
  const isInView = (page: Page, selector: string) =>
    page.evaluate<boolean>(`(() => {
      const { top, bottom, height } = document.querySelector('${selector}').getBoundingClientRect()
      return height > 0 && top >= 0 && bottom <= innerHeight
    })()`)
  const panelHeight = (page: Page) =>
    page.evaluate<number>('document.querySelector(".tasks").getBoundingClientRect().height / innerHeight')

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun('--seats', '3'), openBrowser()])
    host = await newPhone(browser, { width: 1100, height: 900 })
    await host.goto(run.hostLink())
    ;[anna, ben] = [await newPhone(browser), await newPhone(browser)]
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('says what the server and the host can do, and marks what is missing, with Join in view', async () => {
    const page = of(anna)
    await page.goto(run.room)
    await page.setViewportSize({ width: 320, height: 568 })
    await page.getByText('the server may hand out false keys').waitFor()
    await page.getByText('who writes to whom, from the first line on').waitFor()
    await page.getByText('keeps all of this until').waitFor()
    const join = page.getByRole('button', { name: 'Join' })
    const missing = () => page.locator('.missing').evaluateAll((all) => all.map((one) => one.className))
    expect(await isInView(page, 'button[type=submit]')).toBe(true)
    await join.click()
    await page.getByText('Read the notice first').waitFor()
    expect(await missing()).toEqual([expect.stringContaining('notice')])
    await page.getByLabel('I have read this').check()
    await join.click()
    await page.getByText('Choose first what the wall may show of you.').waitFor()
    expect(await missing()).toEqual([expect.stringContaining('choice')])
    await page.getByLabel('my texts, with my name').check()
    await page.getByLabel('Your name here').fill('陳')
    await page.getByText('A name has up to 16 letters and digits').waitFor()
    await join.click()
    await page.getByText('Choose a name first.').waitFor()
    expect(await missing()).toEqual([expect.stringContaining('name')])
    expect(await isInView(page, 'button[type=submit]')).toBe(true)
    await page.setViewportSize({ width: 390, height: 780 })
    // a code behind the # alone would load nothing
    await page.goto('about:blank')
  })

  it('promises only what is so, before any key and before any number', async () => {
    await joinAs(of(anna), run, 'anna', true)
    await joinAs(of(ben), run, 'ben', true)
    await of(anna).getByText('unless the server gave you a false key: compare numbers.').waitFor()
    await of(anna).getByRole('button', { name: 'ben no messages yet' }).waitFor()
    await open(of(anna), 'ben')
    await open(of(ben), 'anna')
    await say(of(anna), 'ben', 'hello ben')
    await hears(of(ben), 'hello ben')
    await say(of(ben), 'anna', 'hello anna')
    await hears(of(anna), 'hello anna')
  })

  it('offers a look inside what has left it, and not inside what came', async () => {
    const look = { name: 'Look inside' }
    const message = (text: string) => of(anna).locator('.message', { hasText: text })
    expect(await message('hello anna').getByRole('button', look).count()).toBe(0)
    await message('hello ben').getByRole('button', look).click()
    await of(anna).getByText('bytes left this phone for ben').waitFor()
    await of(anna)
      .getByText(/^The first 512 of them, as they went:|^All of them, as they went:/)
      .waitFor()
    await of(anna).keyboard.press('Escape')
  })

  it('is marked when numbers differ, the first time and after they were the same', async () => {
    const page = of(anna)
    const decide = async (label: RegExp, answer: string) => {
      await page.getByRole('button', { name: label }).click()
      await page.getByRole('button', { name: answer }).click()
      await page.getByRole('button', { name: answer }).waitFor({ state: 'detached' })
      await page.keyboard.press('Escape')
    }
    const different = page.getByRole('button', { name: '⚠ Numbers differ' })
    const warning = page.getByText('You have said that the numbers differ.')
    await decide(/Compare numbers/, 'They differ')
    await different.waitFor()
    await warning.waitFor()
    await decide(/Numbers differ/, 'All digits are the same')
    await page.getByRole('button', { name: '✓ Verified' }).waitFor()
    expect(await warning.count()).toBe(0)
    await decide(/Verified/, 'They differ')
    await different.waitFor()
    await warning.waitFor()
    await page.reload()
    await page.getByText('You are anna.').waitFor()
    await page.getByRole('button', { name: 'ben ⚠ numbers differ' }).waitFor()
    await open(page, 'ben')
    await warning.waitFor()
    await say(page, 'ben', 'sent all the same')
    await hears(of(ben), 'sent all the same')
  })

  it('speaks of custodians where no authority opens anything alone', async () => {
    await of(host).getByLabel('Which access mode').selectOption('split-escrow')
    await press('Throw the switch')
    const page = of(anna)
    await page.getByText('three of five custodians together can read everything that is sent now.').waitFor()
    await say(page, 'ben', 'under the split key')
    const message = page.locator('.message', { hasText: 'under the split key' })
    await message.getByText('three of five custodians together can read this').waitFor()
    await message.getByRole('button', { name: 'Look inside' }).click()
    await page.getByText('three of five custodians together can open it').waitFor()
    await page.keyboard.press('Escape')
  })

  it('closes the guessing when the host shows what came out, and shows it', async () => {
    const page = of(anna)
    const card = page.getByRole('region', { name: 'The host asks' })
    await guessing().getByRole('button', { name: 'Ask' }).click()
    await card.getByRole('button', { name: 'some', exact: true }).click()
    await card.getByText('Your guess is on its way').waitFor()
    await guessing().getByRole('button', { name: 'Show what was measured' }).click()
    await card.getByText('Opened: 1 message in 1 of 1 conversation.').waitFor()
    await card.getByText('Your guess: some.').waitFor()
    expect(await card.getByRole('button').count()).toBe(0)
    const said = await page.evaluate<string>(`fetch('/room/answers', {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ticket: localStorage.getItem('doormat:ticket:anna'), question: 'how-many', option: 0 }),
    }).then((reply) => reply.text())`)
    expect(said).toContain('no guess is taken any more')
  })

  it.each(small)(
    'keeps the message and Send in view at $width x $height, with a question and an exercise',
    async (size) => {
      const page = of(anna)
      await askAnew()
      if (size === small[0]) await press('Offer a lock')
      await page.getByRole('region', { name: 'The exercise' }).waitFor()
      await page.setViewportSize(size)
      const inView = async () => [await isInView(page, '#text'), await isInView(page, '.composer button')]
      expect(await inView()).toEqual([true, true])
      const full = await panelHeight(page)
      expect(full).toBeLessThanOrEqual(0.26)
      const text = `while there is little room: ${size.width}`
      await page.getByLabel('Message to ben').fill(text)
      await expect.poll(() => panelHeight(page)).toBeLessThan(full)
      expect(await inView()).toEqual([true, true])
      await page.keyboard.press('Enter')
      await hears(of(ben), text)
      await page.setViewportSize({ width: 390, height: 780 })
    },
  )

  it('begins a new round with nothing of the old one open, chosen or said', async () => {
    const page = of(anna)
    await askAnew()
    await page.getByRole('button', { name: 'all', exact: true }).click()
    await page.getByText('Your guess is on its way').waitFor()
    const [before] = await of(host).getByText(/^code/).allTextContents()
    await press(/^Purge everything/)
    await press('Purge, and begin a new round')
    await page.getByText('The host has begun a new round').first().waitFor()
    await of(host).getByText('0 people of 3 seats').waitFor()
    const code = async () => (await of(host).getByText(/^code/).allTextContents())[0] ?? ''
    await expect.poll(code).not.toBe(before)
    const typed = (await code()).replace('code', '').trim()
    for (const [phone, name] of [
      [page, 'anna'],
      [of(ben), 'ben'],
    ] as const) {
      await phone.getByLabel('The code on the wall').fill(typed)
      await fillIn(phone, name, true)
      await phone.getByText(`You are ${name}.`).waitFor()
    }
    await page.getByRole('button', { name: 'ben no messages yet' }).waitFor()
    await guessing().getByRole('button', { name: 'Ask' }).click()
    await page.getByRole('button', { name: 'all', exact: true }).waitFor()
    expect(await page.getByText('Your guess is on its way').count()).toBe(0)
    await open(page, 'ben')
    await open(of(ben), 'anna')
    await say(page, 'ben', 'in the new round')
    await hears(of(ben), 'in the new round')
  })

  it('lets its owner change what the wall may show, and leave', async () => {
    const page = of(ben)
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await page.getByText('You in this room').click()
    const choice = page.getByLabel('the wall may show it, with my name')
    expect(await choice.isChecked()).toBe(true)
    const mayShow = () =>
      of(host)
        .evaluate<string>(`fetch('/host', { headers: { authorization: 'Bearer ' + sessionStorage.getItem('doormat:host') } })
        .then((reply) => reply.json()).then((view) => view.mayShow.join())`)
    await expect.poll(mayShow).toContain('ben')
    await choice.click()
    await expect.poll(mayShow).not.toContain('ben')
    await expect.poll(() => choice.isChecked()).toBe(false)
    await page.getByRole('button', { name: 'Leave the room' }).click()
    await page.getByText('You have left the room.').waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Join the workshop' }).waitFor()
  })

  it('has had no page that complained', () => expect(complaints).toEqual([]))
})
