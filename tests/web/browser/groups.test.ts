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
  texts,
  workshopRun,
  type WorkshopRun,
} from '../../support/workshop.ts'

describe.skipIf(browserMissing)(`a group on phones${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  const phones = new Map<string, Page>()
  const of = (name: string): Page => {
    const page = phones.get(name)
    if (!page) throw new Error(`${name} has no phone`)
    return page
  }
  const members = async (page: Page): Promise<readonly string[]> =>
    (await page.locator('.members').first().locator('li > span').allTextContents()).map((text) => text.trim())
  const showMembers = (page: Page) => page.getByRole('button', { name: /^\d people/ }).click()
  const closeDialog = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()

  async function openGroup(page: Page): Promise<void> {
    await page.getByRole('navigation').getByRole('button', { name: 'Group <b>Tee</b>' }).click()
    await page.getByRole('heading', { level: 1, name: '<b>Tee</b>' }).waitFor()
  }

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
    for (const name of ['anna', 'ben', 'carl']) {
      phones.set(name, await newPhone(browser))
      await joinAs(of(name), run, name, true)
    }
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('is founded with people of the room whom nobody has written to yet', async () => {
    const page = of('anna')
    await page.getByRole('button', { name: 'New group' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: 'Make the group' }).isDisabled()).toBe(true)
    await dialog.getByLabel('What is it called?').fill('<b>Tee</b>')
    await dialog.getByLabel('ben').check()
    await dialog.getByLabel('carl').check()
    await expectAccessible(page, axe.source)
    await dialog.getByRole('button', { name: 'Make the group' }).click()
    await page.getByRole('heading', { level: 1, name: '<b>Tee</b>' }).waitFor()
  })

  it('carries what each says, with their names, and everybody sees the same number', async () => {
    await say(of('anna'), '<b>Tee</b>', 'for both of you')
    for (const name of ['ben', 'carl']) {
      await openGroup(of(name))
      await hears(of(name), 'for both of you')
    }
    await say(of('ben'), '<b>Tee</b>', 'from ben')
    await hears(of('carl'), 'from ben')
    await hears(of('anna'), 'from ben')
    expect(await of('carl').locator('.message .meta strong').allTextContents()).toEqual(['anna', 'ben'])
    const numbers = new Set<string>()
    for (const page of phones.values()) {
      await showMembers(page)
      await page.getByText('The number of the group', { exact: true }).click()
      numbers.add((await page.locator('dialog .digits li').allTextContents()).join(' '))
      await expectAccessible(page, axe.source)
      await closeDialog(page)
    }
    expect(numbers.size).toBe(1)
  })

  it('lets them answer, react, and delete what is their own, by keyboard too', async () => {
    const [anna, ben, carl] = [of('anna'), of('ben'), of('carl')]
    const message = (page: Page, text: string) =>
      page.locator('.message').filter({ has: page.locator('.text', { hasText: text }) })
    const menu = (page: Page, text: string) => message(page, text).locator('.menu summary')

    await menu(ben, 'for both of you').click()
    await expectAccessible(ben, axe.source)
    await ben.getByRole('button', { name: 'Reply' }).click()
    await ben.getByText('Answers anna: for both of you').waitFor()
    await ben.getByLabel('Message to <b>Tee</b>').fill('thank you')
    await ben.keyboard.press('Enter')
    await message(anna, 'thank you').locator('.quoted', { hasText: 'you: “for both of you”' }).waitFor()

    await menu(carl, 'for both of you').focus()
    for (const key of ['Enter', 'Tab', 'Tab', 'Enter']) await carl.keyboard.press(key)
    await menu(ben, 'for both of you').click()
    await message(ben, 'for both of you').getByRole('button', { name: 'React 👍' }).click()
    const reactions = message(anna, 'for both of you').getByRole('list', { name: 'Reactions' })
    await expect.poll(() => reactions.allInnerTexts()).toEqual([expect.stringMatching(/^👍 2 carl, ben$/)])
    await expectAccessible(anna, axe.source)

    expect(await message(carl, 'for both of you').getByRole('button', { name: 'Delete for everybody' }).count()).toBe(0)
    await menu(anna, 'for both of you').click()
    await anna.getByRole('button', { name: 'Delete for everybody' }).click()
    await anna.getByText('not from what an authority, or the relay in its archive, has kept').waitFor()
    await expectAccessible(anna, axe.source)
    await anna.getByRole('button', { name: 'Delete it' }).click()
    for (const page of [anna, ben, carl]) {
      await message(page, 'Deleted for everybody').waitFor()
      await expect.poll(() => page.getByText('for both of you').count()).toBe(0)
    }
    await message(carl, 'thank you').locator('.quoted', { hasText: 'anna: a message that was deleted' }).waitFor()
  })

  it('is changed by its admin, and sends nothing more to whoever was removed', async () => {
    const page = of('anna')
    await showMembers(page)
    expect(await members(page)).toEqual(['You first admin', 'ben member', 'carl member'])
    expect(await of('ben').getByRole('button', { name: 'Remove carl' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Remove carl' }).click()
    await expect.poll(() => members(page)).toEqual(['You first admin', 'ben member'])
    await closeDialog(page)
    await of('carl').getByText('You are not in this group any more.').waitFor()
    await hears(of('ben'), 'anna has removed carl')
    await say(page, '<b>Tee</b>', 'without carl')
    await hears(of('ben'), 'without carl')
    expect(await texts(of('carl'))).toEqual([
      expect.stringMatching(/^Deleted for everybody, \d/),
      'from ben',
      'thank you',
    ])
  })

  it('has nothing to do with what was written to everybody, which its writer deletes with each of them', async () => {
    for (const name of ['anna', 'ben']) {
      await of(name).getByRole('button', { name: 'Back to the list' }).click()
      await open(of(name), 'Everybody')
    }
    await say(of('anna'), 'Everybody', 'to all of you')
    await hears(of('ben'), 'to all of you')
    expect(await of('ben').locator('.menu').count()).toBe(0)
    await of('anna').locator('.menu summary').click()
    expect(await of('anna').getByRole('button', { name: 'Reply' }).count()).toBe(0)
    await of('anna').getByRole('button', { name: 'Delete for everybody' }).click()
    await of('anna').getByRole('button', { name: 'Delete it' }).click()
    for (const name of ['anna', 'ben']) {
      await hears(of(name), 'Deleted for everybody')
      expect(await of(name).getByText('to all of you').count()).toBe(0)
      await of(name).getByRole('button', { name: 'Back to the list' }).click()
      await openGroup(of(name))
    }
  })

  it('is there again after a reload, and complains of nothing', async () => {
    await of('ben').reload()
    await openGroup(of('ben'))
    await hears(of('ben'), 'without carl')
    expect(complaints).toEqual([])
  })
})
