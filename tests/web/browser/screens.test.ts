import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { sizesOf, walkThrough } from '../../docs/screens.ts'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { complaints, faultsIn, smallestText } from '../../support/workshop.ts'

/** The narrowest phones that are still about. */
const narrow = 320

const moves = (page: Page) => page.evaluate<number>('document.getAnimations().length')
/** How far the board of an exercise reaches below the wall. */
const below = (page: Page) =>
  page.evaluate<number>('(document.querySelector(".exercise")?.getBoundingClientRect().bottom ?? 0) - innerHeight')
const overflow = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')

describe.skipIf(browserMissing)(`every screen of a workshop, from the door to the thief${browserMissing}`, () => {
  it('has nothing that axe finds fault with, in light and dark; nothing moves where nothing should; and all of it fits', async () => {
    const seen: string[] = []
    const problems: string[] = []
    await walkThrough(async (name, page) => {
      seen.push(name)
      const before = page.viewportSize()
      for (const size of sizesOf(name, page)) {
        await page.setViewportSize(size)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          for (const fault of await faultsIn(page, axe.source)) problems.push(`${name} ${colorScheme}: ${fault}`)
        }
        if ((await below(page)) > 0) problems.push(`${name} is cut off at ${size.height}`)
        if ((await moves(page)) > 0) problems.push(`${name} moves though it should not`)
        if (name.startsWith('wall') && (await smallestText(page)) < 1 / 30)
          problems.push(`${name} is too small for the last row at ${size.width}`)
      }
      if (name.startsWith('phone')) await page.setViewportSize({ width: narrow, height: 568 })
      if ((await overflow(page)) > 0) problems.push(`${name} is too wide`)
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
      if (before) await page.setViewportSize(before)
    })
    expect(problems).toEqual([])
    expect(seen.length).toBeGreaterThan(25)
    expect(complaints).toEqual([])
  })

  it('would be found out: axe, the content policy and the eye for motion see what is wrong', async () => {
    const browser = await openBrowser()
    const page = await browser.newPage()
    await page.setContent(
      '<html lang="en"><title>x</title><main><h1>x</h1><button></button><p style="width:3000px;animation:a 9s infinite">.</p><style>@keyframes a{to{opacity:0}}</style></main>',
    )
    expect(await faultsIn(page, axe.source)).toEqual([expect.stringContaining('button-name')])
    expect(await moves(page)).toBe(1)
    expect(await overflow(page)).toBeGreaterThan(1000)
    await browser.close()
  })
})
