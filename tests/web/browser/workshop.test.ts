import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../../client/workshop/authority/summary.ts'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { program } from '../../support/program.ts'
import {
  complaints,
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
const schemes = ['light', 'dark'] as const

/** What the desk reads of the same files, by another process: the ids of messages, and the pairs of people. */
async function authorityOpens(run: WorkshopRun, mode: string) {
  const keys = readdirSync(join(run.folder, 'authority')).filter(
    (name) => name.startsWith(mode) && name.endsWith('.key'),
  )
  const desk = program([
    'authority',
    'open',
    '--json',
    '--key',
    ...keys.map((name) => join(run.folder, 'authority', name)),
    '--archive',
    join(run.folder, 'passed.archive'),
  ])
  await desk.ended
  const lines = desk.lines.map((line) => JSON.parse(line) as { from: string; to: string; id: string; text: string })
  const names = new Set(lines.map(({ from, id }) => `${from} ${id}`))
  return {
    texts: lines.map(({ text }) => text),
    digest: digestOf(names),
    ids: names,
    pairs: new Set(lines.map(({ from, to }) => [from, to].sort().join(' '))),
    people: new Set(lines.flatMap(({ from, to }) => [from, to])),
  }
}

/** Of the ids of the messages that the wall has counted. */
const digestOn = (wall: Page, what: string) => wall.locator(`[data-meter=${what}]`).getAttribute('data-digest')

const meter = async (wall: Page, what: string): Promise<number> =>
  Number(await wall.locator(`[data-meter=${what}]`).textContent())

describe.skipIf(browserMissing)(`a workshop of a host and three people${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let [host, wall, anna, ben, carl]: Page[] = []
  const of = (page: Page | undefined) => {
    if (!page) throw new Error('no such page yet')
    return page
  }
  const press = (name: string | RegExp) => of(host).getByRole('button', { name }).click()

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun('--seats', '4'), openBrowser()])
    host = await newPhone(browser, { width: 1100, height: 900 })
    await host.goto(run.hostLink())
    wall = await host.context().newPage()
    await wall.setViewportSize({ width: 1280, height: 720 })
    await wall.goto(run.hostLink().replace('/#', '/wall#'))
    ;[anna, ben, carl] = [await newPhone(browser), await newPhone(browser), await newPhone(browser)]
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('shows how to come in, and lets in whoever has the code, by keyboard alone', async () => {
    await of(wall)
      .getByRole('img', { name: /QR code/ })
      .waitFor()
    const page = of(anna)
    await page.goto(`${run.room}#${run.code()}`)
    await page.getByLabel('I have read this').focus()
    for (const key of ['Space', 'Tab', 'Space', 'Tab']) await page.keyboard.press(key)
    await page.getByLabel('Your name here').selectText()
    await page.keyboard.type('Anna')
    await page.keyboard.press('Enter')
    await page.getByText('You are anna.').waitFor()
  })

  it('tells whoever has a wrong code or a taken name what to do, and lets nobody in', async () => {
    const page = of(ben)
    await page.goto(`${run.room}#wrong2`)
    await fillIn(page, 'ben', false)
    await page.getByText('That is not the code of this room').waitFor()
    await page.getByLabel('The code on the wall').fill(run.code())
    await page.getByLabel('Your name here').fill('anna')
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByText('Somebody here is called anna already').waitFor()
    await page.getByLabel('Your name here').fill('ben')
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByText('You are ben.').waitFor()
    await joinAs(of(carl), run, 'carl', true)
    await of(host).getByText('3 people of 4 seats, 3 connected').waitFor()
  })

  it('lets them talk, while nobody else has a key', async () => {
    await open(of(anna), 'ben')
    await say(of(anna), 'ben', 'only for ben')
    await open(of(ben), 'anna')
    await hears(of(ben), 'only for ben')
    await say(of(ben), 'anna', 'and back')
    await hears(of(anna), 'and back')
    await of(wall).getByRole('heading', { name: 'No key is under the mat' }).waitFor()
    await press('The room')
    await of(wall).getByText('1 pair of people').waitFor()
    expect(await meter(of(wall), 'messages')).toBe(0)
  })

  it('has two of them compare their numbers, which are the same on both phones', async () => {
    const digits: string[] = []
    for (const page of [of(anna), of(ben)]) {
      await page.getByRole('button', { name: 'Compare numbers' }).click()
      digits.push(await page.getByRole('list', { name: 'The safety number' }).innerText())
      await page.getByRole('button', { name: 'All digits are the same' }).click()
      await page.getByText('You have said that the numbers match: no false key is between you.').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: '✓ Verified' }).waitFor()
    }
    expect(digits[0]).toMatch(/^(\d{5}\s*){12}$/)
    expect(digits[1]).toBe(digits[0])
  })

  it('turns every phone red when the switch is thrown, and counts by opening', async () => {
    await press('Throw the switch')
    for (const page of [of(anna), of(ben), of(carl)]) await page.getByText('A key is under the mat.').waitFor()
    await say(of(anna), 'ben', 'read this, wall')
    await hears(of(ben), 'read this, wall')
    await say(of(ben), 'anna', 'count me, and do not show me')
    await open(of(carl), 'Everybody')
    await say(of(carl), 'Everybody', 'hello all <script>alert(1)</script>')
    await of(carl).getByText('sent to all 2').waitFor()
    await of(wall).getByText('read this, wall').waitFor()
    await of(wall).getByText('hello all <script>alert(1)</script>').waitFor()
    await of(wall).getByText('1 more message, read and not shown').waitFor()
    const desk = await authorityOpens(run, 'message-key-escrow')
    expect(await meter(of(wall), 'messages')).toBe(desk.ids.size)
    expect(await digestOn(of(wall), 'messages')).toBe(desk.digest)
    expect(await meter(of(wall), 'conversations')).toBe(desk.pairs.size)
    expect(await meter(of(wall), 'people')).toBe(desk.people.size)
    expect([desk.ids.size, desk.pairs.size, desk.people.size]).toEqual([3, 3, 3])
    expect(await of(wall).getByText('count me, and do not show me').count()).toBe(0)
    expect(await of(wall).getByText('only for ben').count()).toBe(0)
  })

  it('asks on the phones, and shows the guesses beside what was measured', async () => {
    const question = of(host).getByText('How many of our conversations').locator('..')
    await question.getByRole('button', { name: 'Ask' }).click()
    await of(anna).getByRole('button', { name: 'none', exact: true }).click()
    await of(anna).getByRole('button', { name: 'all', exact: true }).click()
    await of(ben).getByRole('button', { name: 'none', exact: true }).click()
    const guesses = of(wall).getByRole('region', { name: 'Guesses' })
    await expect.poll(() => guesses.locator('.votes').allTextContents()).toEqual(['1', '0', '1'])
    expect(await of(wall).getByRole('heading', { name: 'The authority can read' }).count()).toBe(0)
    await question.getByRole('button', { name: 'Show what was measured' }).click()
    await guesses.getByText('Opened: 3 messages in 3 of 3 conversations.').waitFor()
    await expectAccessible(of(anna), axe.source)
    expect(await smallestText(of(wall))).toBeGreaterThanOrEqual(1 / 30)
    await question.getByRole('button', { name: 'Done' }).click()
    await guesses.waitFor({ state: 'detached' })
  })

  it('lets somebody look inside what they sent: there is a key in it, sealed', async () => {
    const message = of(anna).locator('.message', { hasText: 'read this, wall' })
    await message.getByRole('button', { name: 'Look inside' }).click()
    await of(anna).getByText('sealed for the authority (message-key-escrow)').waitFor()
    await of(anna)
      .getByText(/\d+ bytes left this phone for ben/)
      .waitFor()
    await of(anna).keyboard.press('Escape')
  })

  it('takes up a person whose page was loaded again', async () => {
    await of(ben).reload()
    await of(ben).getByText('You are ben.').waitFor()
    await open(of(ben), 'anna')
    await hears(of(ben), 'count me, and do not show me')
  })

  it('lets only the newest tab of a person go on, and the other says so', async () => {
    const second = await of(carl).context().newPage()
    await second.goto(run.room)
    await second.getByRole('button', { name: 'Go on as carl' }).click()
    await second.getByText('You are carl.').waitFor()
    await of(carl).getByText('Doormat is open in another tab').waitFor()
    await open(second, 'Everybody')
    await say(second, 'Everybody', 'from the second tab')
    await hears(second, 'hello all')
    await of(carl).close()
    carl = second
  })

  it('goes on after the laptop was switched off: nothing is lost, and nothing comes twice', async () => {
    await run.kill()
    await of(anna).getByText('does not answer').first().waitFor()
    await say(of(anna), 'ben', 'written while it was off')
    await run.start()
    await hears(of(ben), 'written while it was off')
    await say(of(ben), 'anna', 'and it is on again')
    await hears(of(anna), 'and it is on again')
    expect(await of(ben).getByText('written while it was off').count()).toBe(1)
    await of(wall).getByText('written while it was off').waitFor()
    await of(host).getByText('3 connected').waitFor()
  })

  it('deletes on all phones, and a thief with two files has it all the same', async () => {
    await press('Ask all phones to delete')
    for (const page of [of(anna), of(ben), of(carl)]) await page.getByText('are gone from this phone').waitFor()
    expect(await of(anna).locator('.message').count()).toBe(0)
    await of(host).getByText('on 3 phones').waitFor()
    await press('Steal one key file')
    await of(wall).getByRole('heading', { name: 'A thief has 2 files' }).waitFor()
    await of(wall).getByText('written while it was off').waitFor()
    expect(readdirSync(join(run.folder, 'stick')).sort()).toEqual(['message-key-escrow.key', 'passed.archive'])
    const desk = await authorityOpens(run, 'message-key-escrow')
    expect(await meter(of(wall), 'stolen')).toBe(desk.ids.size)
    expect(await digestOn(of(wall), 'stolen')).toBe(desk.digest)
    expect(await of(wall).getByText('count me, and do not show me').count()).toBe(0)
  })

  it.each(screens)('is legible from the last row at $width x $height', async (size) => {
    await of(wall).setViewportSize(size)
    expect(await smallestText(of(wall))).toBeGreaterThanOrEqual(1 / 30)
    const [width, height] = await of(wall).evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
    )
    expect([width, height]).toEqual([size.width, size.height])
  })

  it.each(schemes)('has no page in which axe finds fault, in %s colours', async (colorScheme) => {
    for (const page of [of(wall), of(host), of(anna)]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await expectAccessible(page, axe.source)
    }
  })

  it('lets a thief of one share of a split key read nothing', async () => {
    await of(host).getByLabel('Which access mode').selectOption('split-escrow')
    await press('Throw the switch')
    await of(anna).getByText('Split').first().waitFor()
    await say(of(anna), 'ben', 'under the split key')
    await hears(of(ben), 'under the split key')
    await press('Steal one key file')
    await of(wall)
      .getByText(/It said: only 1 of the \d shares/)
      .waitFor()
    await press('Steal all key files')
    await of(wall).getByText('under the split key').waitFor()
  })

  it('is readable by nobody once the key has gone, but for what was sent before', async () => {
    await press('Take the key away')
    await of(ben).getByText('No key is under the mat.').waitFor()
    await say(of(ben), 'anna', 'safe again')
    await hears(of(anna), 'safe again')
    expect((await authorityOpens(run, 'split-escrow')).ids.size).toBe(1)
  })

  it('does not tell a phone whom a ghost listens to, and lets the authority read with them alone', async () => {
    await of(host).getByLabel('Which access mode').selectOption('ghost-device')
    await of(host).getByLabel('For whom').selectOption('anna')
    await press('Throw the switch')
    for (const page of [of(anna), of(ben), of(carl)])
      await page.getByText('what some people here send and get. Your phone is not told who they are.').waitFor()
    await of(host).getByText('Tapped: anna.').waitFor()
    await say(of(ben), 'anna', 'a third one reads this')
    await hears(of(anna), 'a third one reads this')
    await of(carl).getByRole('button', { name: 'Back to the list' }).click()
    await open(of(carl), 'ben')
    await say(of(carl), 'ben', 'and not this')
    await of(wall).getByText('A thief').waitFor({ state: 'detached' })
    const texts = async () => [...(await authorityOpens(run, 'ghost-device')).texts]
    await expect.poll(texts).toEqual(['a third one reads this'])
    await of(ben).getByText('the authority may be able to read this').first().waitFor()
    await press('Take the key away')
    await of(ben).getByText('No key is under the mat.').waitFor()
  })

  it('hides names, and blanks the wall', async () => {
    await press('Hide names')
    await of(wall).locator('svg text').first().waitFor({ state: 'detached' })
    await press('Blank the wall')
    await of(wall).getByRole('main', { name: 'The wall is blank' }).waitFor()
    await press('Show the wall again')
    await of(wall).getByRole('region', { name: 'The room' }).waitFor()
  })

  it('begins anew for the next group: phones, codes and keys', async () => {
    const [before] = await of(host).getByText(/^code/).allTextContents()
    await press(/^Purge everything/)
    await press('Purge, and begin a new round')
    await of(anna).getByText('The host has begun a new round').waitFor()
    await of(host).getByText('0 people of 4 seats').waitFor()
    const [after] = await of(host).getByText(/^code/).allTextContents()
    expect(after).not.toBe(before)
    const keys = readdirSync(run.folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.key'))
    expect(keys).toEqual(['relay/policy.key'])
    const code = after?.replace('code', '').trim() ?? ''
    await of(anna).getByLabel('The code on the wall').fill(code)
    await fillIn(of(anna), 'anna', true)
    await of(anna).getByText('You are anna.').waitFor()
  })

  it('has had no page that complained, of a script or of its content policy', () => expect(complaints).toEqual([]))
})
