import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { freePort } from './free-port.ts'
import { program, type Program } from './program.ts'

/** A workshop as the program runs it, on a free port, and its people in a real browser. */
export interface WorkshopRun {
  /** where its files are, when it keeps them */
  readonly folder: string
  readonly port: number
  /** of the room, as a phone sees it: an insecure context, though on loopback; with `--tls` a secure one */
  readonly room: string
  code(): string
  hostLink(): string
  process(): Program
  /** SIGKILL, as when the laptop's battery dies. */
  kill(): Promise<void>
  /** Once more, in the same folder and on the same port. */
  start(): Promise<void>
  end(): Promise<void>
}

export async function workshopRun(...flags: readonly string[]): Promise<WorkshopRun> {
  const place = mkdtempSync(join(tmpdir(), 'doormat-workshop-'))
  const run = await workshopIn({ folder: join(place, 'kept'), under: [] }, ...flags)
  return {
    ...run,
    async end() {
      await run.end()
      rmSync(place, { recursive: true, force: true })
    },
  }
}

interface Place {
  readonly folder: string
  /** a command that runs the program */
  readonly under: readonly string[]
}

/** What it keeps stays in that folder. */
export async function workshopIn({ folder, under }: Place, ...flags: readonly string[]): Promise<WorkshopRun> {
  const port = await freePort(2)
  let running: Program
  const word = (label: string) =>
    running.lines
      .find((line) => line.startsWith(label))
      ?.slice(label.length)
      .trim() ?? ''
  const run: WorkshopRun = {
    folder,
    port,
    room: flags.includes('--tls') ? `https://127.0.0.1:${port}/` : `http://[::ffff:7f00:1]:${port}/`,
    code: () => word('Join code:'),
    hostLink: () => word('For you alone:'),
    process: () => running,
    async kill() {
      await running.kill('SIGKILL')
    },
    async start() {
      running = program(['workshop', '--port', String(port), '--keep', folder, ...flags], { under })
      await running.line('Ctrl-C ends the workshop')
    },
    async end() {
      await running.kill('SIGINT')
    },
  }
  await run.start()
  return run
}

/** What a page complained of: faults of its scripts, and whatever its content security policy refused. */
export const complaints: string[] = []

function listen(page: Page): Page {
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Uncaught|violat/i.test(message.text())) complaints.push(message.text())
  })
  return page
}

/** A page in a browser profile of its own. @param takesAny whether it opens a room over TLS without a word */
export async function newPhone(
  browser: Browser,
  viewport = { width: 390, height: 780 },
  takesAny = false,
): Promise<Page> {
  const context = await browser.newContext({ viewport, ignoreHTTPSErrors: takesAny })
  return listen(await context.newPage())
}

/** Somebody joins as the page says, and is in. */
export async function joinAs(page: Page, run: WorkshopRun, name: string, mayShow: boolean): Promise<void> {
  await page.goto(`${run.room}#${run.code()}`)
  await fillIn(page, name, mayShow)
  await page.getByText(`You are ${name}.`).waitFor()
}

export async function fillIn(page: Page, name: string, mayShow: boolean): Promise<void> {
  await page.getByLabel('I have read this').check()
  await page.getByLabel(mayShow ? 'my texts, with my name' : 'only that they were read').check()
  await page.getByLabel('Your name here').fill(name)
  await page.getByRole('button', { name: 'Join' }).click()
}

export async function open(page: Page, who: string): Promise<void> {
  await page
    .getByRole('navigation')
    .getByRole('button', { name: new RegExp(`^${who}`) })
    .click()
  await page.getByRole('heading', { level: 1, name: who }).waitFor()
}

export async function say(page: Page, to: string, text: string): Promise<void> {
  await page.getByLabel(`Message to ${to}`).fill(text)
  await page.keyboard.press('Enter')
  await page.getByRole('log').getByText(text).waitFor()
}

export const hears = (page: Page, text: string): Promise<void> => page.getByRole('log').getByText(text).waitFor()

/** The texts of the conversation that is open, in order. */
export const texts = (page: Page): Promise<string[]> => page.locator('.message .text').allTextContents()

/**
 * What axe finds on a page, each with the element that it is about.
 * @param source of axe-core, handed in so that a file without a browser need not load it
 */
export async function faultsIn(page: Page, source: string): Promise<readonly string[]> {
  await page.evaluate(source)
  const { violations } = await page.evaluate<{
    violations: readonly { id: string; nodes: readonly { html: string }[] }[]
  }>('axe.run(document, { resultTypes: ["violations"] })')
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html}`))
}

export const expectAccessible = async (page: Page, source: string): Promise<void> =>
  expect(await faultsIn(page, source)).toEqual([])

/** The smallest text on a page, as a part of its height. */
export const smallestText = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    let smallest = Infinity
    while (walker.nextNode()) {
      const text = walker.currentNode
      if (text.data.trim() === '') continue
      const parent = text.parentElement
      const svg = parent.closest('svg')
      const scale = svg ? svg.getScreenCTM().a : 1
      smallest = Math.min(smallest, parseFloat(getComputedStyle(parent).fontSize) * scale)
    }
    return smallest / innerHeight
  })()`)

/** What is cut off at the edge of the screen or of its box, by its first words; a list shows as many lines as fit. */
export const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('main *')]
    .filter((element) => !element.closest('svg, .lines') && !getComputedStyle(element).webkitLineClamp.match(/\\d/))
    .filter((element) => {
      const { bottom, right } = element.getBoundingClientRect()
      const isTooLong = element.scrollHeight > element.clientHeight + 2 && getComputedStyle(element).overflowY === 'hidden'
      return bottom > innerHeight + 2 || right > innerWidth + 2 || isTooLong
    })
    .map((element) => element.className + ': ' + element.textContent.slice(0, 60))`)
