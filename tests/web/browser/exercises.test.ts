import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import {
  complaints,
  expectAccessible,
  hears,
  joinAs,
  newPhone,
  open,
  say,
  smallestText,
  workshopRun,
  type WorkshopRun,
} from '../../support/workshop.ts'

const names = ['anna', 'ben', 'carl', 'dora'] as const
type Name = (typeof names)[number]

describe.skipIf(browserMissing)(`the exercises of a room${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let host: Page
  let wall: Page
  const phones = new Map<Name, Page>()
  const phoneOf = (name: Name) => {
    const page = phones.get(name)
    if (!page) throw new Error('no such phone yet')
    return page
  }
  const press = (name: string | RegExp) => host.getByRole('button', { name }).click()
  const card = (name: Name) => phoneOf(name).getByRole('region', { name: 'The exercise' })
  const board = () => wall.getByRole('region', { name: 'The exercise' })
  const done = () => wall.locator('[data-meter=done]').textContent()

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun('--seats', '4'), openBrowser()])
    host = await newPhone(browser, { width: 1100, height: 900 })
    await host.goto(run.hostLink())
    wall = await host.context().newPage()
    await wall.setViewportSize({ width: 1280, height: 720 })
    await wall.goto(run.hostLink().replace('/#', '/wall#'))
    for (const name of names) {
      const page = await newPhone(browser)
      await joinAs(page, run, name, true)
      phones.set(name, page)
    }
    await host.getByText('4 people of 4 seats, 4 connected').waitFor()
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  /** One writes, the other has it, and each has the other's conversation open. */
  async function talk(one: Name, other: Name, text: string): Promise<void> {
    await showing(one, other)
    await say(phoneOf(one), other, text)
    await showing(other, one)
    await hears(phoneOf(other), text)
  }

  async function showing(name: Name, other: Name): Promise<void> {
    const page = phoneOf(name)
    const back = page.getByRole('button', { name: 'Back to the list' })
    if (await back.isVisible()) await back.click()
    await open(page, other)
  }

  /** Opens the compare page, does this there, and closes it. @returns the digits */
  async function compare(name: Name, answer: string | null): Promise<string> {
    const page = phoneOf(name)
    await page.getByRole('button', { name: /Compare numbers|✓ Verified|⚠ Key changed|⚠ Numbers differ/ }).click()
    const digits = await page.getByRole('list', { name: 'The safety number' }).innerText()
    if (answer !== null) {
      await page.getByRole('button', { name: answer }).click()
      await page.getByRole('button', { name: answer }).waitFor({ state: 'detached' })
    }
    await page.keyboard.press('Escape')
    return digits
  }
  const same = 'All digits are the same'
  const different = 'They differ'

  /** the new pairs, and whether their numbers really differ */
  const pairs: { one: Name; other: Name; differ: boolean }[] = []

  it('tells the host who may need help, by name, and nothing that they wrote', async () => {
    const help = host.getByRole('region', { name: 'Who may need help' })
    await help.getByText('Have sent nothing yet (4)').waitFor()
    await talk('anna', 'ben', 'we know each other')
    await help.getByText('Have sent nothing yet (3)').waitFor()
    await help.getByText('ben, carl and dora').waitFor()
    await phoneOf('dora').goto('about:blank')
    await help.getByText('Not connected (1)').waitFor()
    await phoneOf('dora').goto(run.room)
    await phoneOf('dora').getByText('You are dora.').waitFor()
    await help.getByText('Not connected').waitFor({ state: 'detached' })
    const question = host.getByText('How many of our conversations').locator('..')
    await question.getByRole('button', { name: 'Ask' }).click()
    await phoneOf('carl').getByRole('button', { name: 'some', exact: true }).click()
    await help.getByText('Have not answered the question (3)').waitFor()
    await question.getByRole('button', { name: 'Done' }).click()
    await help.getByText('Have not answered').waitFor({ state: 'detached' })
    expect(await help.innerText()).not.toContain('we know each other')
  })

  it('lists the devices that get what two write: the same on both phones', async () => {
    const lists: string[][] = []
    for (const [name, other] of [
      ['anna', 'ben'],
      ['ben', 'anna'],
    ] as const) {
      await showing(name, other)
      const page = phoneOf(name)
      await page.getByRole('button', { name: 'Compare numbers' }).click()
      await page.getByText('The devices that get what you two write').click()
      const rows = page.getByRole('dialog').locator('.devices li')
      await page.getByText('a server cannot add a device to it').waitFor()
      lists.push(await rows.allInnerTexts())
      await page.keyboard.press('Escape')
    }
    const [atAnna = [], atBen = []] = lists
    expect(atAnna.map((row) => row.replace(/^[0-9a-f]{16} /, ''))).toEqual(['ben’s', 'this phone'])
    expect(atBen.map((row) => row.replace(/^[0-9a-f]{16} /, ''))).toEqual(['anna’s', 'this phone'])
    const ids = (rows: readonly string[]) => rows.map((row) => row.slice(0, 16))
    expect(ids(atBen)).toEqual(ids(atAnna).toReversed())
  })

  it('lets the server lie, and says on no page to whom', async () => {
    await press('Let the server lie')
    for (const name of names) await card(name).getByText('Write to somebody here').waitFor()
    for (const [one, other] of [
      ['carl', 'anna'],
      ['dora', 'ben'],
      ['carl', 'dora'],
      ['anna', 'dora'],
      ['ben', 'carl'],
    ] as const) {
      await talk(one, other, `hello ${other}, from ${one}`)
      const differ = (await compare(one, null)) !== (await compare(other, null))
      pairs.push({ one, other, differ })
    }
    const lied = pairs.filter(({ differ }) => differ)
    // of four people one is lied about: about them, nobody who is new to them gets the right key
    expect(lied.length).toBeGreaterThanOrEqual(2)
    expect(lied.length).toBeLessThanOrEqual(3)
    await board().getByText('5 new conversations, 0 compared').waitFor()
    await board().getByText(`0 of ${lied.length} with somebody between found`).waitFor()
    await board().getByText(`The server has read ${lied.length} messages`).waitFor()
    expect(await done()).toBe('0')
  })

  it('leaves alone two who had talked before, and takes no answer about them', async () => {
    await showing('anna', 'ben')
    await showing('ben', 'anna')
    const page = phoneOf('anna')
    expect(await compare('anna', null)).toBe(await compare('ben', null))
    await page.getByRole('button', { name: 'Compare numbers' }).click()
    await page.getByText('is told to the host’s laptop').waitFor()
    await page.getByRole('button', { name: same }).click()
    await page.getByText('You and ben had written to each other before this began').waitFor()
    await page.keyboard.press('Escape')
  })

  it('gives a hint, and not the answer, to two who say what is not so', async () => {
    for (const { one, other, differ } of [pairs.find((pair) => pair.differ), pairs.find((pair) => !pair.differ)].filter(
      (pair) => pair !== undefined,
    )) {
      await showing(one, other)
      await showing(other, one)
      const wrong = differ ? same : different
      await compare(one, wrong)
      await card(one).getByText(`counts when ${other} has said it too`).waitFor()
      await compare(other, wrong)
      for (const [name, partner] of [
        [one, other],
        [other, one],
      ] as const)
        await card(name).getByText(`You and ${partner}: not yet. Compare all twelve groups`).waitFor()
      // two who say different things are told the same
      await compare(other, differ ? different : same)
      await card(other).getByText(`You and ${one}: not yet. Compare all twelve groups`).waitFor()
    }
    await board()
      .getByText(/^0 of . with somebody between found/)
      .waitFor()
    expect(await done()).toBe('0')
  })

  it('counts those who found out what the server did, by what it did', async () => {
    for (const { one, other, differ } of pairs) {
      await showing(one, other)
      await showing(other, one)
      for (const name of [one, other]) await compare(name, differ ? different : same)
      const words = differ ? 'found it: the server gave each of you a key' : 'are right: no false key is between you'
      await card(one).getByText(`You and ${other} ${words}`).waitFor()
      await card(other).getByText(`You and ${one} ${words}`).waitFor()
    }
    const lied = pairs.filter(({ differ }) => differ).length
    await board().getByText(`${lied} of ${lied} with somebody between found`).waitFor()
    await board().getByText('5 new conversations, 5 compared').waitFor()
    await expect.poll(done).toBe('4')
    await board().getByText('✓ dora').waitFor()
    expect(await smallestText(wall)).toBeGreaterThanOrEqual(1 / 30)
    for (const page of [wall, host, phoneOf('anna')]) await expectAccessible(page, axe.source)
  })

  it('ends with true keys: the phones shout, wait, and go on once the numbers have been compared', async () => {
    await press('Stop lying')
    for (const name of names) await card(name).getByText('The server gives out true keys again').waitFor()
    // all connections end with the lie, and whoever comes back asks anew
    for (const { one, other } of pairs.filter(({ differ }) => differ)) {
      const [question, answer] = [`is it you, ${other}?`, `and you, ${one}?`]
      await showing(one, other)
      await showing(other, one)
      await say(phoneOf(one), other, question)
      await phoneOf(one).getByText(`${other}’s key has changed.`).waitFor()
      await say(phoneOf(other), one, answer)
      await phoneOf(other).getByText(`${one}’s key has changed.`).waitFor()
      expect(await phoneOf(other).getByRole('log').getByText(question).count()).toBe(0)
      expect(await compare(one, same)).toBe(await compare(other, same))
      await hears(phoneOf(other), question)
      await hears(phoneOf(one), answer)
    }
    const lied = pairs.filter(({ differ }) => differ).length
    await board().getByText(`The server has read ${lied} messages`).waitFor()
    await press('Off the wall')
    await board().waitFor({ state: 'detached' })
  })

  it('offers a lock of one’s own only while there is a key to evade', async () => {
    await expect.poll(() => host.getByRole('button', { name: 'Offer a lock' }).isDisabled()).toBe(true)
    await press('Throw the switch')
    await phoneOf('anna').getByText('A key is under the mat.').waitFor()
    await expect.poll(() => host.getByRole('button', { name: 'Let the server lie' }).isDisabled()).toBe(true)
    await press('Offer a lock')
    await card('carl').getByText('Agree with one person on a passphrase').waitFor()
  })

  const lockWith = async (name: Name, passphrase: string) => {
    await phoneOf(name).getByLabel('A lock of your own').fill(passphrase)
    await phoneOf(name).getByRole('button', { name: 'Use it' }).click()
  }

  it('lets two lock what they write: the authority opens it, and finds a lock', async () => {
    await showing('anna', 'ben')
    await showing('ben', 'anna')
    await lockWith('anna', 'garden gate')
    await phoneOf('anna').getByLabel('Message to ben').fill('meet at nine')
    await phoneOf('anna').keyboard.press('Enter')
    await hears(phoneOf('anna'), 'meet at nine')
    await phoneOf('ben').getByText('A locked text. It opens with your passphrase.').waitFor()
    expect(await phoneOf('ben').getByText('meet at nine').count()).toBe(0)
    await card('anna').getByText('The authority has opened 1 message of yours to ben, and found a lock.').waitFor()
    await board().getByText('Opened and not understood, because locked: 1 message').waitFor()
    await board().getByText('Read: 0 messages in 0 conversations').waitFor()
    await board().getByText('anna and ben: all locked').waitFor()
    await wall.getByRole('img', { name: /^0 of \d conversations can be read/ }).waitFor()
    await board().getByText('Server and authority still see who writes to whom').waitFor()
    expect(await done()).toBe('1')
    // what the thief's program prints is the lock too
    await press('Off the wall')
    await press('Steal one key file')
    await wall.getByText('(a locked text)').waitFor()
    expect(await wall.getByText('meet at nine').count()).toBe(0)
    await press('Offer a lock')
  })

  it('opens for the one with the passphrase alone, and says so to one who has another', async () => {
    const ben = phoneOf('ben')
    await lockWith('ben', 'garden door')
    await ben.getByText('that is not the passphrase of this text').waitFor()
    await ben.getByRole('button', { name: 'Forget the passphrase' }).click()
    await lockWith('ben', 'garden gate')
    await hears(ben, 'meet at nine')
    await lockWithTooShort()
  })

  async function lockWithTooShort(): Promise<void> {
    await showing('carl', 'anna')
    await phoneOf('carl').getByLabel('A lock of your own').fill('short')
    await phoneOf('carl').getByRole('button', { name: 'Use it' }).click()
    expect(await phoneOf('carl').getByLabel('Lock what I write').count()).toBe(0)
    await showing('carl', 'dora')
  }

  it('shows who is still exposed: the partner who answers in the open, and everybody else', async () => {
    const ben = phoneOf('ben')
    await ben.getByLabel('Lock what I write to anna').uncheck()
    await say(ben, 'anna', 'nine is fine')
    await hears(phoneOf('anna'), 'nine is fine')
    await showing('dora', 'carl')
    await say(phoneOf('carl'), 'dora', 'what are they up to?')
    await board().getByText('anna and ben: ben in the open').waitFor()
    await board().getByText('Read: 2 messages in 2 conversations').waitFor()
    await wall.getByRole('img', { name: /^2 of \d conversations can be read/ }).waitFor()
    await card('ben').getByText('it has also read 1 message from you in the open').waitFor()
    expect(await done()).toBe('1')
    await ben.getByLabel('Lock what I write to anna').check()
    await ben.getByLabel('Message to anna').fill('now locked, too')
    await ben.keyboard.press('Enter')
    await hears(phoneOf('anna'), 'now locked, too')
    await expect.poll(done).toBe('2')
    expect(await smallestText(wall)).toBeGreaterThanOrEqual(1 / 30)
    for (const page of [wall, host, ben]) await expectAccessible(page, axe.source)
    await press('Hide names')
    await board().getByRole('list').first().waitFor({ state: 'detached' })
    await press('Show names')
    await press('End the exercise')
    await card('dora').getByText('What you locked stays closed').waitFor()
  })

  it('has had no page that complained', () => expect(complaints).toEqual([]))
})
