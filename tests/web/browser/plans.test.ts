import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { type Deed, patternOf, type Place, planCalled, type PlanRow } from '../../support/plan.ts'
import {
  complaints,
  hears,
  joinAs,
  newPhone,
  open,
  say,
  workshopRun,
  type WorkshopRun,
} from '../../support/workshop.ts'

/*
 * The plans of docs/workshop, walked through from their pages with three phones, the host's page and the wall: what a plan
 * says to press is pressed, in its order, and what it says is then to be seen is looked for.
 */

const names = ['anna', 'ben', 'carl'] as const

describe.skipIf(browserMissing).each(['plan-20', 'plan-50'])(
  `%s, walked through from its page${browserMissing}`,
  (plan) => {
    let run: WorkshopRun
    let browser: Browser
    let phones: readonly Page[] = []
    let said = 0
    const pages = new Map<Place, Page>()
    const page = (place: Place) => pages.get(place) as Page

    beforeAll(async () => {
      ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
      const host = await newPhone(browser, { width: 1100, height: 900 })
      await host.goto(run.hostLink())
      const [wall] = await Promise.all([
        host.context().waitForEvent('page'),
        host.getByRole('link', { name: 'Open the wall' }).click(),
      ])
      await wall.setViewportSize({ width: 1280, height: 720 })
      pages.set('host', host).set('wall', wall)
      phones = [await newPhone(browser), await newPhone(browser), await newPhone(browser)]
    })
    afterAll(async () => {
      await browser.close()
      await run.end()
    })

    /** Everybody, in turn, as people in a room do. */
    async function each(act: (phone: Page, name: string, neighbour: number) => Promise<void>): Promise<void> {
      for (const [i, phone] of phones.entries()) await act(phone, names[i] ?? '', (i + 1) % names.length)
    }

    /** On a phone a conversation covers the list. */
    async function turnTo(phone: Page, who: string): Promise<void> {
      const back = phone.getByRole('button', { name: 'Back to the list' })
      if (await back.isVisible()) await back.click()
      await open(phone, who)
    }

    async function toNeighbour(): Promise<void> {
      said += 1
      await each(async (phone, name, next) => {
        const text = `${name} says line ${said}`
        await turnTo(phone, names[next] ?? '')
        await say(phone, names[next] ?? '', text)
        await turnTo(phones[next] as Page, name)
        await hears(phones[next] as Page, text)
      })
      await each((phone, _name, next) => turnTo(phone, names[next] ?? ''))
    }

    const known: Record<string, () => Promise<void>> = {
      'scan the code': () => each(async (phone) => void (await phone.goto(`${run.room}#${run.code()}`))),
      'join': () => each((phone, name) => joinAs(phone, run, name, true)),
      'write to a neighbour': toNeighbour,
      async 'write to everybody'() {
        await each(async (phone, name) => {
          await turnTo(phone, 'Everybody')
          await say(phone, 'Everybody', `${name} greets all`)
          await phone.getByText(`sent to all ${names.length - 1}`).waitFor()
        })
        await each((phone, _name, next) => turnTo(phone, names[next] ?? ''))
      },
    }

    /** A button, or an entry of a list; what each message has is pressed on one's own, and what stands at a text is beside it, or in the list of that name. */
    async function press(place: Page, { press, at }: Extract<Deed, { press: string }>): Promise<void> {
      const within: Page | Locator = at === null ? place : place.getByText(at, { exact: true }).locator('..')
      const entry = place.getByRole('option', { name: press, exact: true })
      const ours = place.locator('.message.ours').getByRole('button', { name: press, exact: true })
      const choice = at === null ? null : place.getByLabel(at)
      if (choice && (await choice.count()) > 0) await choice.selectOption({ label: press })
      else if ((await entry.count()) > 0)
        await entry.first().locator('xpath=ancestor::select').selectOption({ label: press })
      else if ((await ours.count()) > 0) await ours.last().click()
      else await within.getByRole('button', { name: press, exact: true }).last().click()
    }

    async function act({ who, does }: PlanRow): Promise<void> {
      for (const deed of does) {
        if ('type' in deed) throw new Error(`there is no terminal in this plan: ${deed.type}`)
        if ('press' in deed) {
          if (who === 'phones') await each((phone) => press(phone, deed))
          else if (who === 'host') await press(page('host'), deed)
        } else if (who !== 'room') {
          const deal = known[deed.words]
          if (!deal) throw new Error(`nobody knows how to do this: ${deed.words}`)
          await deal()
        }
      }
    }

    it.each(planCalled(plan))('minute $minute: $who', async (row) => {
      await act(row)
      for (const { place, text } of row.seen)
        for (const one of place === 'phones' ? phones : [page(place)])
          await one.getByText(patternOf(text)).first().waitFor()
      // what lies over a page is closed by whoever goes on
      for (const phone of phones) await phone.keyboard.press('Escape')
    })

    it('has had no page that complained', () => expect(complaints).toEqual([]))
  },
)
