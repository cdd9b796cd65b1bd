import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { crowdIn, everybodySpeaks, heardBy, leave } from '../../support/crowd.ts'
import { isLong } from '../../support/long.ts'
import { joinAs, newPhone, open, say, texts, workshopRun, type WorkshopRun } from '../../support/workshop.ts'

/** A room as the issue of a workshop has it, and a small one every day. */
const room = isLong ? { guests: 25, pages: 5, turns: 30, seconds: 10 } : { guests: 8, pages: 2, turns: 3, seconds: 4 }

describe.skipIf(browserMissing)(`a room of ${room.guests + room.pages} people${browserMissing}`, () => {
  let run: WorkshopRun
  let browser: Browser
  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
  })
  afterAll(async () => {
    await browser.close()
    await run.end()
  })

  it('loses no message when all write to everybody, and shows none twice', async () => {
    const guests = await crowdIn(run, room.guests)
    const pages: { name: string; page: Page }[] = []
    for (let i = 1; i <= room.pages; i++) {
      const page = await newPhone(browser)
      await joinAs(page, run, `page${i}`, true)
      await open(page, 'Everybody')
      pages.push({ name: `page${i}`, page })
    }
    const names = pages.map(({ name }) => name)
    const said = new Map<string, string>()
    const onPages: string[] = []
    for (let turn = 1; turn <= room.turns; turn++) {
      for (const [id, name] of await everybodySpeaks(guests, names, turn, room.seconds)) said.set(id, name)
      for (const { name, page } of pages) {
        await say(page, 'Everybody', `${name} says ${turn}.`)
        onPages.push(`${name} says ${turn}.`)
      }
    }
    const expected = [...said].map(([id, name]) => `${name} says ${id.split('-').at(-1)}.`).concat(onPages)
    for (const guest of guests) {
      const owed = [...said].filter(([, name]) => name !== guest.name).map(([id]) => id)
      const heard = () => heardBy(guest)
      await expect.poll(() => heard().length).toBe(owed.length + onPages.length)
      expect(heard().filter((id) => said.has(id))).toEqual(owed.sort())
    }
    // a page shows the latest 200
    const shown = Math.min(200, expected.length)
    for (const { page } of pages) {
      await expect.poll(async () => (await texts(page)).length).toBe(shown)
      const there = await texts(page)
      expect(new Set(there).size).toBe(shown)
      expect(expected).toEqual(expect.arrayContaining(there))
    }
    await leave(guests)
  })
})
