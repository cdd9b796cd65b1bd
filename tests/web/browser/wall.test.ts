import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import {
  cutOff,
  expectAccessible,
  newPhone,
  smallestText,
  workshopRun,
  type WorkshopRun,
} from '../../support/workshop.ts'

const screens = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
]
const schemes = ['light', 'dark'] as const

describe.skipIf(browserMissing)(`a wall in front of an empty room${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  let [host, wall]: Page[] = []
  const of = (page: Page | undefined) => {
    if (!page) throw new Error('no such page yet')
    return page
  }
  const press = (name: string) => of(host).getByRole('button', { name, exact: true }).click()
  const choose = (label: string, name: string) => of(host).getByLabel(label).selectOption(name)
  const desk = (name: string) =>
    of(wall)
      .getByRole('listitem')
      .filter({ has: of(wall).getByRole('heading', { name }) })

  /** Legible from the last row, with nothing cut off, and nothing that axe finds fault with: on two screens, light and dark. */
  async function expectGood(): Promise<void> {
    const page = of(wall)
    for (const screen of screens) {
      await page.setViewportSize(screen)
      expect(await cutOff(page)).toEqual([])
      expect(await smallestText(page)).toBeGreaterThanOrEqual(1 / 30)
    }
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme })
      await expectAccessible(page, axe.source)
    }
  }

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
    host = await newPhone(browser, { width: 1100, height: 900 })
    await host.goto(run.hostLink())
    wall = await host.context().newPage()
    await wall.goto(run.hostLink().replace('/#', '/wall#'))
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('shows one message go from desk to desk, and what each has of it', async () => {
    await of(host).getByText('12 people are on stage').waitFor()
    await press('Throw the switch')
    await of(wall).getByRole('heading', { name: 'Under the mat: Message key escrow' }).waitFor()
    await press('Follow one message')
    await desk('Sender').getByText('wrote this').waitFor()
    expect(await desk('Authority').getByText('opened it').count()).toBe(0)
    for (const name of ['Network', 'Server', 'Authority', 'Thief', 'Receiver']) {
      await press('Next desk')
      await desk(name).locator('.note').waitFor()
    }
    const said = await desk('Sender').locator('.says').innerText()
    for (const name of ['Authority', 'Thief', 'Receiver'])
      expect([name, await desk(name).locator('.says').innerText()]).toEqual([name, said])
    for (const name of ['Network', 'Server'])
      expect([name, await desk(name).locator('.says').count()]).toEqual([name, 0])
    await expectGood()
  })

  it('shows what an order gave, and that the log knows nothing of a curious clerk', async () => {
    const named = (await of(wall).getByRole('heading', { name: 'One message' }).innerText()).split(' ')[3] ?? ''
    await choose('The court names', named)
    await press('Carry out the order')
    await of(wall).getByText('The order named 1 person.').waitFor()
    await choose('The clerk is curious about', named)
    await press('Look up without an order')
    await of(wall).getByText('The audit log has not changed.').waitFor()
    await expectGood()
  })

  it('shows when what was readable, and what was done', async () => {
    await press('The line of time')
    await of(wall).getByRole('img', { name: 'Envelopes by time' }).waitFor()
    for (const what of ['key on', 'order', 'clerk']) await of(wall).getByText(what, { exact: true }).waitFor()
    await expectGood()
  })

  it('shows as readable whom a stage that plays by itself exposes', async () => {
    await press('The room')
    await press('Play the story')
    await expect.poll(() => of(wall).locator('.edge.read').count()).toBeGreaterThan(2)
    await press('Rest the story')
    await of(wall)
      .getByText(/ of them, in \d+ conversations, on stage/)
      .waitFor()
    await expectGood()
  })

  it('shows which states it takes to open a split key', async () => {
    await choose('Which access mode', 'split-escrow')
    await press('Throw the switch')
    await press('Follow one message')
    await of(wall).getByRole('heading', { name: 'One message' }).waitFor()
    for (let i = 0; i < 3; i++) await press('Next desk')
    await desk('Authority').getByText('The custodians have opened it together.').waitFor()
    await press('The room')
    await of(wall).getByRole('heading', { name: 'The custodians together can read, right now' }).waitFor()
    await press('Compel in state A')
    await of(wall).getByText('State A has compelled 2 custodians').waitFor()
    await of(wall).getByText('It said').waitFor()
    await press('Compel in state A and state B')
    await of(wall).getByText('State A and state B have compelled 4 custodians').waitFor()
    await expect.poll(() => of(wall).locator('[data-meter=stolen]').innerText()).toBe('1')
    await expectGood()
  })

  it('can be frozen, and goes on', async () => {
    await press('Freeze the wall')
    await press('The line of time')
    await of(host).getByRole('button', { name: 'Let the wall go on' }).waitFor()
    await press('Let the wall go on')
    await of(wall).getByRole('img', { name: 'Envelopes by time' }).waitFor()
  })
})
