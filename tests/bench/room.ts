import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { openBrowser } from '../support/browser.ts'
import { crowdIn, everybodySpeaks, leave } from '../support/crowd.ts'
import { joinAs, newPhone, open, say, workshopRun } from '../support/workshop.ts'
import { type Section, table } from './page.ts'
import type { Scale } from './scale.ts'

/** From now on, the longest time for which a page's main thread was held up is known there. */
const watchTasks = `globalThis.longestTask = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) globalThis.longestTask = Math.max(globalThis.longestTask, duration)
}).observe({ entryTypes: ['longtask'] })`

/** @returns what the files weigh, as they are sent, that a page has loaded since */
function weigh(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (pathname === '/' || pathname.startsWith('/assets/'))
      sizes.push(response.body().then((body) => gzipSync(body, { level: 9 }).length))
  })
  return async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** A room in which everybody writes to everybody. */
export async function measureRoom({ roomGuests, roomTurns }: Scale): Promise<Section> {
  const [run, browser] = await Promise.all([workshopRun('--seats', '60'), openBrowser()])
  try {
    const guests = await crowdIn(run, roomGuests)
    const phone = await newPhone(browser)
    const weight = weigh(phone)
    const began = performance.now()
    await joinAs(phone, run, 'page', true)
    await open(phone, 'Everybody')
    await say(phone, 'Everybody', 'the first message.')
    const firstMs = performance.now() - began
    const sizeBytes = await weight()
    const wall = await newPhone(browser, { width: 1280, height: 720 })
    await wall.goto(run.hostLink().replace('/#', '/wall#'))
    await wall.getByRole('heading', { level: 1 }).waitFor()
    await wall.evaluate(watchTasks)
    for (let turn = 1; turn <= roomTurns; turn++) await everybodySpeaks(guests, ['page'], turn, 10)
    const longestMs = await wall.evaluate<number>('globalThis.longestTask')
    const status = readFileSync(`/proc/${run.process().child.pid}/status`, 'utf8')
    const mebibytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
    await leave(guests)
    return {
      title: 'A room of people',
      body: [
        `${roomGuests} devices and one page; each writes to everybody every ten seconds, ${roomTurns} times. The devices, the browser and the`,
        'workshop share this machine.',
        '',
        table(
          ['', 'measured'],
          [
            ['all that a phone loads to join, gzip, kB', String(Math.round(sizeBytes / 1000))],
            ['from the page to the first message, without reading, s', (firstMs / 1000).toFixed(1)],
            ['longest task of the wall’s main thread, ms', String(Math.round(longestMs))],
            ['most memory of the workshop’s process, MiB', String(Math.round(mebibytes))],
          ],
        ),
      ].join('\n'),
      goals: [
        { goal: 'first load under 1 MB', measured: `${Math.round(sizeBytes / 1000)} kB`, isMet: sizeBytes < 1_000_000 },
        {
          goal: 'no task of the wall longer than 200 ms',
          measured: `${Math.round(longestMs)} ms`,
          isMet: longestMs <= 200,
        },
        {
          goal: 'the workshop’s process within 400 MiB',
          measured: `${Math.round(mebibytes)} MiB`,
          isMet: mebibytes <= 400,
        },
      ],
    }
  } finally {
    await browser.close()
    await run.end()
  }
}
