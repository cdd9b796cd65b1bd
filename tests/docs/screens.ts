import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../support/browser.ts'
import { joinAs, newPhone, open, say, workshopRun, type WorkshopRun } from '../support/workshop.ts'

/** A screen as it was photographed, by what is on it: `phone-talk`, `wall-read` … */
export type Take = (name: string, page: Page) => Promise<void>

const phone = { width: 390, height: 844 }
const desk = { width: 1280, height: 720 }
const projector = { width: 1920, height: 1080 }

/** A wall is looked at on both projectors, everything else on its own screen. */
export const sizesOf = (name: string, page: Page) =>
  name.startsWith('wall') ? [desk, projector] : [page.viewportSize() ?? phone]

/** Into a folder: each screen in light and dark, and the wall for both projectors. */
export function takeAll(folder: string): Take {
  mkdirSync(folder, { recursive: true })
  return async (name, page) => {
    for (const colorScheme of ['light', 'dark'] as const)
      for (const size of sizesOf(name, page)) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.setViewportSize(size)
        writeFileSync(join(folder, `${name}-${size.width}-${colorScheme}.png`), await page.screenshot())
      }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  }
}

/** Only these, and as they look first. */
export function takeOnly(files: Readonly<Record<string, string>>): Take {
  return async (name, page) => {
    const file = files[name]
    if (file === undefined) return
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    writeFileSync(file, await page.screenshot())
  }
}

/** What people say in the run that is photographed. */
const said = [
  ['ida', 'tom', 'Shall we plant the beans before the meeting?'],
  ['tom', 'ida', 'Before. Bring the blue bucket.'],
] as const
const underTheKey = [
  ['ida', 'tom', 'The spare key is under the blue flowerpot.'],
  ['tom', 'ida', 'Then I use the garden gate.'],
] as const

/** A workshop from its first screen to its last, with six people. */
export async function walkThrough(take: Take): Promise<void> {
  const [run, browser] = await Promise.all([workshopRun('--name', 'workshop.local', '--seats', '30'), openBrowser()])
  try {
    await new Walk(run, browser, take).go()
  } finally {
    await browser.close()
    await run.end()
  }
}

class Walk {
  readonly #run: WorkshopRun
  readonly #browser: Browser
  readonly #take: Take
  readonly #phones = new Map<string, Page>()

  constructor(run: WorkshopRun, browser: Browser, take: Take) {
    this.#run = run
    this.#browser = browser
    this.#take = take
  }

  #of(name: string): Page {
    const page = this.#phones.get(name)
    if (!page) throw new Error(`${name} has no phone`)
    return page
  }

  async #talk(one: string, other: string, text: string): Promise<void> {
    for (const [name, partner] of [
      [one, other],
      [other, one],
    ] as const) {
      const page = this.#of(name)
      if ((await page.getByRole('heading', { level: 1, name: partner }).count()) > 0) continue
      const back = page.getByRole('button', { name: 'Back to the list' })
      if (await back.isVisible()) await back.click()
      await open(page, partner)
    }
    await say(this.#of(one), other, text)
    await this.#of(other).getByRole('log').getByText(text).waitFor()
  }

  /** A page that is loaded again learns the true key of whoever it writes to: sent, or held back because that is another one. */
  async #askAgain(one: string, other: string): Promise<void> {
    const page = this.#of(one)
    await page.reload()
    await page.getByText('Connected.').waitFor()
    await open(page, other)
    await say(page, other, 'Once more.')
    const message = page.locator('.message', { hasText: 'Once more.' })
    await message.getByText(/^sent/).or(page.getByText('key has changed.').first()).first().waitFor()
  }

  async go(): Promise<void> {
    const [run, take] = [this.#run, this.#take]
    const host = await newPhone(this.#browser, desk)
    await host.goto(run.hostLink())
    const wall = await host.context().newPage()
    await wall.setViewportSize(desk)
    await wall.goto(run.hostLink().replace('/#', '/wall#'))
    const press = (name: string | RegExp) => host.getByRole('button', { name }).first().click()

    const first = await newPhone(this.#browser, phone)
    await first.goto(`${run.room}#${run.code()}`)
    await first.getByLabel('I have read this').waitFor()
    await take('phone-joining', first)
    await wall.getByRole('img', { name: /QR code/ }).waitFor()
    await take('wall-door', wall)
    await first.close()
    for (const name of ['ida', 'tom', 'wren', 'owl', 'tern', 'lark']) {
      const page = await newPhone(this.#browser, phone)
      await joinAs(page, run, name, name !== 'owl')
      this.#phones.set(name, page)
    }
    await host.getByText('6 people of 30 seats, 6 connected').waitFor()
    await take('phone-list', this.#of('ida'))
    await take('host-door', host)

    for (const [one, other, text] of said) await this.#talk(one, other, text)
    const ida = this.#of('ida')
    await take('phone-talk', ida)
    await ida.getByRole('button', { name: 'Look inside' }).first().click()
    await ida.getByText(/bytes left this phone/).waitFor()
    await take('phone-inside', ida)
    await ida.keyboard.press('Escape')
    await ida.getByRole('button', { name: 'Compare numbers' }).click()
    await ida.getByRole('list', { name: 'The safety number' }).waitFor()
    await take('phone-compare', ida)
    await ida.keyboard.press('Escape')
    await press('The room')
    await wall.getByText('1 pair of people').waitFor()
    await take('wall-calm', wall)

    await press('Let the server lie')
    await this.#of('tern').getByText('Write to somebody here').waitFor()
    await this.#talk('tern', 'lark', 'Hello, lark.')
    await this.#talk('owl', 'wren', 'Hello, wren.')
    await take('phone-between', this.#of('tern'))
    const digits = new Set<string>()
    for (const name of ['tern', 'lark'] as const) {
      await this.#of(name).getByRole('button', { name: 'Compare numbers' }).click()
      digits.add(await this.#of(name).getByRole('list', { name: 'The safety number' }).innerText())
    }
    await take('phone-between-compare', this.#of('tern'))
    const found = digits.size === 1 ? 'All digits are the same' : 'They differ'
    for (const name of ['tern', 'lark'] as const) {
      const page = this.#of(name)
      await page.getByRole('button', { name: found }).click()
      await page.getByRole('button', { name: found }).waitFor({ state: 'detached' })
      await page.keyboard.press('Escape')
    }
    await this.#of('tern').getByText('You and lark').first().waitFor()
    await take('phone-between-said', this.#of('tern'))
    await wall.getByText('1 compared').waitFor()
    await take('wall-between', wall)
    await host.getByRole('heading', { name: 'Exercise: somebody between' }).scrollIntoViewIfNeeded()
    await take('host-between', host)
    await press('Stop lying')
    await this.#of('tern').getByText('The server gives out true keys again').waitFor()
    await take('phone-between-over', this.#of('tern'))
    await press('Off the wall')

    for (const [one, other] of [
      ['tern', 'lark'],
      ['owl', 'wren'],
    ] as const) {
      await this.#askAgain(one, other)
      // which pairs the server lies to is drawn
      if (await this.#of(one).getByText('key has changed.').first().isVisible())
        await take('phone-key-changed', this.#of(one))
    }
    await press('Throw the switch')
    for (const page of this.#phones.values()) await page.getByText('A key is under the mat.').waitFor()
    for (const [one, other, text] of underTheKey) await this.#talk(one, other, text)
    const tom = this.#of('tom')
    await tom.getByRole('button', { name: 'Back to the list' }).click()
    await open(tom, 'Everybody')
    await say(tom, 'Everybody', 'Who has the minutes of last week?')
    await tom.getByText('sent to all 5').waitFor()
    await wall.getByText('Who has the minutes').waitFor()
    await take('phone-read', ida)
    await take('phone-everybody', tom)
    await take('wall-read', wall)

    await host.getByText('How many of our conversations').locator('..').getByRole('button', { name: 'Ask' }).click()
    await ida.getByRole('button', { name: 'some', exact: true }).click()
    await this.#of('tern').getByRole('button', { name: 'all', exact: true }).click()
    await wall.getByRole('region', { name: 'Guesses' }).waitFor()
    await take('phone-question', ida)
    await take('wall-guesses', wall)
    await press('Show what was measured')
    await wall.getByText('Opened:').waitFor()
    await take('wall-measured', wall)
    await take('host-question', host)
    await host.getByRole('button', { name: 'Done' }).first().click()

    await press('Offer a lock')
    await ida.getByLabel('A lock of your own').waitFor()
    await take('phone-lock', ida)
    await tom.getByRole('button', { name: 'Back to the list' }).click()
    await open(tom, 'ida')
    for (const name of ['ida', 'tom']) {
      await this.#of(name).getByLabel('A lock of your own').fill('blue bucket')
      await this.#of(name).getByRole('button', { name: 'Use it' }).click()
    }
    await ida.getByLabel('Message to tom').fill('Forget the flowerpot. It is behind the shed now.')
    await ida.keyboard.press('Enter')
    await ida.getByText('Unlocked').waitFor()
    await this.#of('tom').getByText('Unlocked').waitFor()
    await this.#of('tom').getByLabel('Lock what I write').uncheck()
    await say(this.#of('tom'), 'ida', 'Behind the shed, good.')
    await wall.getByText('tom in the open').waitFor()
    await take('phone-locked', ida)
    await take('wall-evade', wall)
    await host.getByRole('heading', { name: 'Exercise: evade' }).scrollIntoViewIfNeeded()
    await take('host-evade', host)
    await press('Off the wall')

    await press('Ask all phones to delete')
    await ida.getByText('are gone from this phone').waitFor()
    await take('phone-deleted', ida)
    await press('Steal one key file')
    await wall.getByRole('heading', { name: 'A thief has 2 files' }).waitFor()
    await take('wall-thief', wall)
    await host.getByRole('heading', { name: 'The key is stolen' }).scrollIntoViewIfNeeded()
    await take('host-thief', host)

    const second = await ida.context().newPage()
    await second.setViewportSize(phone)
    await second.goto(run.room)
    await second.getByRole('button', { name: 'Go on as ida' }).waitFor()
    await take('phone-choosing', second)
    await second.getByRole('button', { name: 'Go on as ida' }).click()
    await ida.getByText('Doormat is open in another tab').waitFor()
    await take('phone-other-tab', ida)
    await run.kill()
    await second.getByText('does not answer').first().waitFor()
    await take('phone-alone', second)
    await wall.close()
  }
}
