import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { carriedOut } from '../../support/here.ts'
import { type Entry, historyOf, untilHistory } from '../../support/history.ts'
import { type Program, program, scratch } from '../../support/program.ts'
import { hears, joinAs, newPhone, say, texts, workshopRun, type WorkshopRun } from '../../support/workshop.ts'

/* Five people in terminals and one with a phone, in one group at one relay, which is killed on the way. */

const inTerminals = ['alice', 'bob', 'carol', 'dora', 'erik'] as const
const title = 'Circle'

describe.skipIf(browserMissing)(`a group of five terminals and a phone${browserMissing}`, () => {
  const { path, remove } = scratch()
  const chats = new Map<string, Program>()
  /** what was said by whom, in order */
  const said: [author: string, text: string][] = []
  let run: WorkshopRun
  let browser: Browser
  let phone: Page
  let peer = ''

  const relay = () => `http://127.0.0.1:${run.port}`
  const group = (...args: readonly string[]) => carriedOut(['group', ...args, '--home', path('alice')])

  async function admit(name: string): Promise<void> {
    const [link = '', token = ''] = run.hostLink().split('#')
    const response = await fetch(new URL('/host/seat', link), {
      method: 'POST',
      headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
    expect(response.status).toBe(200)
  }

  function chat(name: string): Program {
    const known = chats.get(name) ?? program(['chat', `+${title}`, '--home', path(name)])
    chats.set(name, known)
    return known
  }

  async function speak(author: string, text: string): Promise<void> {
    said.push([author, text])
    if (author === 'fay') return say(phone, title, text)
    chat(author).child.stdin?.write(`${text}\n`)
  }

  const messages = (all: readonly Entry[]) => all.filter((entry) => entry.kind === 'message' && entry.peer === peer)
  const textsOf = (all: readonly Entry[]) => messages(all).map(({ text }) => text)

  /** Until all of these have all that was said since they came, or some of it. */
  async function untilHeard(names: readonly string[], wanted: readonly string[]): Promise<void> {
    for (const name of names)
      await untilHistory(path(name), (all) => wanted.every((text) => textsOf(all).includes(text)))
  }

  /** Until all in terminals have been told so often that this was done to erik. */
  async function untilTold(deed: string, count: number): Promise<void> {
    const isOfErik = ({ text }: Entry) => text.includes(`"deed":"${deed}"`) && text.includes('"subject":"erik"')
    for (const name of inTerminals) await untilHistory(path(name), (all) => all.filter(isOfErik).length === count)
  }

  beforeAll(async () => {
    ;[run, browser] = await Promise.all([workshopRun(), openBrowser()])
    phone = await newPhone(browser)
    await joinAs(phone, run, 'fay', true)
    for (const name of inTerminals) {
      await admit(name)
      await carriedOut(['register', name, '--no-passphrase', '--home', path(name), '--relay', relay()])
    }
  })
  afterAll(async () => {
    for (const one of chats.values()) await one.kill()
    await browser.close()
    await run.end()
    remove()
  })

  it('is founded in a terminal, and on the phone it is there', async () => {
    await group('new', title, ...inTerminals.slice(1), 'fay')
    const listed = JSON.parse((await group('list', '--json')).stdout) as { id: string }
    peer = `+${listed.id}`
    for (const name of inTerminals) {
      const listener = program(['listen', '--json', '--since', '0', '--home', path(name)])
      await untilHistory(path(name), (all) => all.some((entry) => entry.peer === peer))
      await listener.kill('SIGTERM')
      chat(name)
    }
    await phone
      .getByRole('navigation')
      .getByRole('button', { name: `Group ${title}` })
      .click()
    await phone.getByRole('heading', { level: 1, name: title }).waitFor()
  })

  it('carries what each says to all others', async () => {
    for (const name of [...inTerminals, 'fay']) await speak(name, `${name} is here`)
    await untilHeard(
      inTerminals,
      said.map(([, text]) => text),
    )
    for (const name of inTerminals) await hears(phone, `${name} is here`)
  })

  it('goes on where it stood when the relay was killed, whatever was written meanwhile', async () => {
    for (const round of [1, 2]) {
      await speak('alice', `before kill ${round}`)
      await run.kill()
      for (const name of ['bob', 'fay', 'erik']) await speak(name, `${name} while it is dead, ${round}`)
      await run.start()
      await speak('carol', `after kill ${round}`)
    }
    const all = said.map(([, text]) => text)
    await untilHeard(inTerminals, all)
    for (const [author, text] of said) if (author !== 'fay') await hears(phone, text)
  })

  it('shows nothing to whoever was removed, and all that follows once they are back', async () => {
    await group('remove', title, 'erik')
    await untilTold('remove', 1)
    await hears(phone, 'alice has removed erik')
    await speak('dora', 'without erik')
    await speak('fay', 'also without erik')
    await untilHeard(['alice', 'bob', 'carol', 'dora'], ['without erik', 'also without erik'])
    await group('add', title, 'erik')
    await untilTold('add', 2)
    await speak('bob', 'welcome back')
    await untilHeard(inTerminals, ['welcome back'])
    await speak('erik', 'thank you')
    await untilHeard(inTerminals, ['thank you'])
    await hears(phone, 'thank you')
  })

  it('is the same in all histories, by id', async () => {
    const histories = new Map<string, readonly Entry[]>()
    for (const name of inTerminals) histories.set(name, messages(await historyOf(path(name))))
    const idsOf = (name: string) => (histories.get(name) ?? []).map(({ id }) => id ?? '')
    const everybody = idsOf('alice').toSorted()
    expect([everybody.length, new Set(everybody).size]).toEqual([said.length, said.length])
    for (const name of ['bob', 'carol', 'dora']) expect([name, idsOf(name).toSorted()]).toEqual([name, everybody])
    const missed = new Set(['without erik', 'also without erik'])
    expect((histories.get('erik') ?? []).map(({ text }) => text).toSorted()).toEqual(
      said.flatMap(([, text]) => (missed.has(text) ? [] : [text])).toSorted(),
    )
    expect((await texts(phone)).toSorted()).toEqual(said.map(([, text]) => text).toSorted())
    for (const author of [...inTerminals, 'fay']) {
      const theirs = said.filter(([name]) => name === author).map(([, text]) => text)
      const heardBy = (name: string) => textsOf(histories.get(name) ?? []).filter((text) => theirs.includes(text))
      for (const name of ['alice', 'bob', 'carol', 'dora']) expect([name, heardBy(name)]).toEqual([name, theirs])
    }
  })
})
