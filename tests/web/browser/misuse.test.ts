import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { crowdIn, leave } from '../../support/crowd.ts'
import {
  complaints,
  expectAccessible,
  fillIn,
  hears,
  joinAs,
  newPhone,
  open,
  say,
  texts,
  workshopIn,
  workshopRun,
  type WorkshopRun,
} from '../../support/workshop.ts'
import { smallDisk, type SmallDisk } from '../../support/small-disk.ts'

/** Somebody with that address on this machine's loopback asks for a seat. */
const seatFrom = (localAddress: string, { port, code }: WorkshopRun, name: string) =>
  new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const options = {
      agent: false,
      host: '127.0.0.1',
      port,
      localAddress,
      path: '/room/seats',
      method: 'POST',
      headers,
    }
    const asking = request(options, (response) => {
      void text(response).then((said) => resolve(`${response.statusCode} ${said}`))
    })
    asking.on('error', reject)
    const ticket = name.padEnd(22, '-')
    asking.end(JSON.stringify({ code: code(), name, mayShow: false, ticket, account: null }))
  })

describe.skipIf(browserMissing)(`a room in which somebody does what they should not${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let anna: Page
  let ben: Page
  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun('--seats', '8'), openBrowser()])
    ;[anna, ben] = [await newPhone(browser), await newPhone(browser)]
    await joinAs(anna, run, 'anna', true)
    await joinAs(ben, run, 'ben', true)
    await open(anna, 'ben')
    await open(ben, 'anna')
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('takes no more into the message than a message holds, and keeps what was pasted', async () => {
    const pasted = 'paste '.repeat(40_000)
    const input = anna.getByLabel('Message to ben')
    await input.fill(pasted)
    await anna.keyboard.press('Enter')
    await anna.getByText(/a message is at most \d+ bytes; this one has 240000/).waitFor()
    expect(await input.inputValue()).toBe(pasted)
    await input.fill('short again')
    await anna.keyboard.press('Enter')
    await hears(ben, 'short again')
    expect(await texts(ben)).toEqual(['short again'])
  })

  it('shows a script as the text that it is, on a phone and in what a phone has not said', async () => {
    const script = '<img src=x onerror="document.title=`caught`"><script>document.title="caught"</script>'
    await say(anna, 'ben', script)
    await hears(ben, script)
    const turned = 'abc\u202Edef\u0007'
    await anna.getByLabel('Message to ben').fill(turned)
    await anna.keyboard.press('Enter')
    await hears(ben, 'abc')
    expect((await texts(ben)).at(-1)).not.toContain('\u202E')
    expect([await anna.title(), await ben.title()]).toEqual(['Doormat', 'Doormat'])
    expect(await ben.locator('.entries img, .entries script').count()).toBe(0)
  })

  it('lets no name in that could be anything but a name', async () => {
    const page = await newPhone(browser)
    await page.goto(`${run.room}#${run.code()}`)
    await page.getByLabel('I have read this').waitFor()
    const name = page.getByLabel('Your name here')
    await name.fill('')
    await name.pressSequentially('<b>Éve "x"')
    expect(await name.inputValue()).toBe('bevex')
    await page.getByText('A name has up to 16 letters and digits').waitFor()
    await page.context().close()
  })

  it('has its host’s pages show nothing to whoever has the address and not the token', async () => {
    const page = await newPhone(browser, { width: 1100, height: 900 })
    const { origin } = new URL(run.hostLink())
    for (const address of [`${origin}/`, `${origin}/wall`, `${origin}/#nonsense`]) {
      await page.goto(address)
      await page.reload()
      await page.getByText("This is the host's page. Open it by the link").waitFor()
      expect(await page.content()).not.toContain(run.code())
      expect(await page.getByText('anna').count()).toBe(0)
    }
    await page.context().close()
  })

  it('goes on for everybody else while one phone sends as fast as it can, and loses nothing of that either', async () => {
    const [flooder] = await crowdIn(run, 1)
    if (!flooder) throw new Error('nobody came')
    const count = 1000
    flooder.device.writeAll(
      'ben',
      Array.from({ length: count }, (_, i) => ({ text: `flood ${i}`, id: `flood-${i}` })),
    )
    for (let i = 0; i < 5; i++) {
      await say(anna, 'ben', `calm ${i}.`)
      await hears(ben, `calm ${i}.`)
    }
    await expect.poll(() => flooder.device.history.unsent('ben')).toBe(0)
    await ben.getByRole('button', { name: 'Back to the list' }).click()
    await ben.getByRole('button', { name: `guest1 not verified ${count} not read` }).waitFor()
    await open(ben, 'anna')
    await leave([flooder])
  })

  it('asks the host before one address takes a fifth seat, and lets in whoever comes from there if they say so', async () => {
    const host = await newPhone(browser, { width: 1100, height: 900 })
    await host.goto(run.hostLink())
    for (const name of ['p1', 'p2', 'p3', 'p4']) expect(await seatFrom('127.0.0.2', run, name)).toBe('200 {}')
    expect(await seatFrom('127.0.0.2', run, 'p5')).toContain('The host sees this, and can let you in')
    await host.getByText('4 people have come in from 127.0.0.2, and one more wants to.').waitFor()
    await expectAccessible(host, axe.source)
    await host.getByRole('button', { name: 'Let all in from 127.0.0.2' }).click()
    await host.getByText('Whoever comes from 127.0.0.2 can join').waitFor()
    expect(await seatFrom('127.0.0.2', run, 'p5')).toBe('200 {}')
    await host.getByText('p5 (has not come in)').waitFor()
    await host.context().close()
  })

  it('has one seat too few, and says what to do', async () => {
    const page = await newPhone(browser)
    await page.goto(`${run.room}#${run.code()}`)
    await fillIn(page, 'dora', false)
    await page.getByText('All 8 seats of this room are taken. Ask the host for one more.').waitFor()
    expect(await page.getByText('You are dora').count()).toBe(0)
    await page.context().close()
  })

  it('lets the host send somebody out: their phone is told and gets nothing more, and the seat is free', async () => {
    const host = await newPhone(browser, { width: 1100, height: 900 })
    await host.goto(run.hostLink())
    const sendOut = async (name: string) => {
      await host.getByRole('button', { name: `Send ${name} out …` }).click()
      await host.getByRole('button', { name: `Keep ${name}` }).waitFor()
      await expectAccessible(host, axe.source)
      await host.getByRole('button', { name: `Send ${name} out`, exact: true }).click()
      await host.getByText(`${name} is out.`).waitFor()
    }
    await sendOut('ben')
    await ben.getByText('The host has taken your seat away').waitFor()
    await anna.getByRole('button', { name: 'Back to the list' }).click()
    await open(anna, 'guest1')
    await say(anna, 'guest1', 'those who are left talk on')
    await ben.reload()
    await ben.getByText('The host has taken your seat away').waitFor()
    const page = await newPhone(browser)
    await page.goto(`${run.room}#${run.code()}`)
    await fillIn(page, 'ben', false)
    await page.getByText('Somebody here is called ben already').waitFor()
    await page.getByLabel('Your name here').fill('dora')
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByText('You are dora.').waitFor()
    await host.getByRole('button', { name: 'Send dora out …' }).waitFor()
    await page.context().close()
    await host.context().close()
  })

  it('has had no page that complained; and one that breaks the content policy would', async () => {
    expect(complaints).toEqual([])
    await anna.evaluate('document.body.append(Object.assign(new Image(), { src: "http://elsewhere.example/x.png" }))')
    await expect.poll(() => complaints.length).toBeGreaterThan(0)
    expect(complaints.splice(0).join()).toContain('Content Security Policy')
  })
})

const disk = browserMissing === '' ? await smallDisk(32) : null

describe.skipIf(!disk)('a phone whose host’s laptop has no room left', () => {
  const there = disk as SmallDisk
  let run: WorkshopRun
  let browser: Browser
  beforeAll(async () => {
    const place = { under: there.under, folder: there.path('room') }
    ;[run, browser] = await Promise.all([workshopIn(place), openBrowser()])
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
    there.remove()
  })

  it('says so, keeps what is written, and sends it when there is room again', async () => {
    const [anna, ben] = [await newPhone(browser), await newPhone(browser)]
    await joinAs(anna, run, 'anna', true)
    await joinAs(ben, run, 'ben', true)
    await open(anna, 'ben')
    await open(ben, 'anna')
    await say(anna, 'ben', 'while there is room')
    await hears(ben, 'while there is room')
    there.fill()
    await say(anna, 'ben', 'while there is none')
    await anna.getByText('perhaps its disk is full. Tell the host.').waitFor()
    await anna.getByText('Waiting to go out: 1.').waitFor()
    const late = await newPhone(browser)
    await late.goto(`${run.room}#${run.code()}`)
    await fillIn(late, 'carl', true)
    await late.getByText('its disk is full, or fails. Tell the host').waitFor()
    there.empty()
    await hears(ben, 'while there is none')
    expect(await texts(ben)).toEqual(['while there is room', 'while there is none'])
    await late.getByRole('button', { name: 'Join' }).click()
    await late.getByText('You are carl.').waitFor()
  })
})
