import { chmodSync, cpSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../crypto/bytes.ts'
import { openStore } from '../../client/node/store.ts'
import { isLong } from '../support/long.ts'
import { type Entry, historyOf, untilHistory } from '../support/history.ts'
import { atTime, command, type Program, program, scratch } from '../support/program.ts'

/*
 * The stores that version 0.1.0 has left behind. tests/fixtures/store-v1/make.ts.txt says what is in them. Every version
 * opens them; if one does not, it is the version that has to change.
 */
const fixture = resolve(import.meta.dirname, '../fixtures/store-v1')
const madeAt = 1_795_415_345_000
const day = 24 * 3600 * 1000

const toldByAlice = [
  'good morning',
  'of two\nlines',
  'this one is sealed to a custodian',
  'in the mailbox',
  'in the mailbox too',
  'encrypted, and not at the relay',
  'not even encrypted',
]
const toldByBob = ['and to you: ein Gruß, 早上好', 'and so is this', 'the key is gone again', 'written on the train']
const talk = [0, 7, 1, 2, 8, 9].map((i) => [...toldByAlice, ...toldByBob][i])

const texts = (entries: readonly Entry[], direction: 'in' | 'out') =>
  entries.filter((entry) => entry.kind === 'message' && entry.direction === direction).map(({ text }) => text)
/** Whether one of the two has published one-time keys before the other writes is a matter of how busy the machine is. */
const kinds = (entries: readonly Entry[]) =>
  [...new Set(entries.map(({ kind }) => kind))].filter((kind) => kind !== 'weak-session').sort()

describe('a store of the first version', () => {
  const { path, remove } = scratch()
  const home = { alice: path('alice'), bob: path('bob') }
  const running: Program[] = []

  beforeEach(() => {
    for (const name of ['relay', 'alice', 'bob']) {
      cpSync(resolve(fixture, name), path(name), { recursive: true })
      for (const file of readdirSync(path(name))) chmodSync(path(`${name}/${file}`), 0o600)
    }
  })
  afterEach(async () => {
    for (const one of running.splice(0)) await one.kill()
    remove()
  })

  /** Starts the old relay and both devices, each with the clock at that time. */
  async function start(time: number) {
    const env = atTime(time)
    const relay = program(['relay', '--dir', path('relay'), '--port', '0', '--json'], { env })
    running.push(relay)
    const { url } = JSON.parse(await relay.line('"url"')) as { url: string }
    for (const folder of [home.alice, home.bob]) {
      const store = openStore(folder)
      store.setMeta('relay', utf8(url))
      store.close()
    }
    running.push(...[home.alice, home.bob].map((folder) => program(['listen', '--json', '--home', folder], { env })))
    return {
      say: (from: 'alice' | 'bob', to: string, text: string) =>
        command(['send', to, text, '--home', home[from]], { env }),
    }
  }

  it('shows its whole history', async () => {
    const [alice, bob] = [await historyOf(home.alice), await historyOf(home.bob)]
    expect(alice.filter(({ kind }) => kind === 'message').map(({ text }) => text)).toEqual([
      ...talk,
      'in the mailbox',
      'in the mailbox too',
      'encrypted, and not at the relay',
      'not even encrypted',
    ])
    expect(bob.filter(({ kind }) => kind === 'message').map(({ text }) => text)).toEqual([
      ...talk,
      'written on the train',
    ])
    for (const entries of [alice, bob])
      expect(entries.filter(({ kind }) => kind === 'access').map(({ text }) => text)).toEqual([
        'none',
        'message-key-escrow',
        'none',
      ])
    expect(alice.filter(({ direction }) => direction === 'out').map(({ id, state }) => [id, state])).toEqual([
      ...['id-good--12', 'id-of-tw-12', 'id-this--33', 'id-in-the-mailbox', 'id-in-the-mailbox-too'].map((id) => [
        id,
        'sent',
      ]),
      ['id-sealed', 'sealed'],
      ['id-waiting', 'waiting'],
    ])
  })

  it('remembers who was verified', async () => {
    const { lines } = await command(['contacts', '--json', '--home', home.alice])
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ user: 'bob', trust: 'verified' }])
  })

  it('delivers what waited at the relay and on the devices, and the talk goes on', async () => {
    const { say } = await start(madeAt + day)
    await say('alice', 'bob', 'a day later')
    await say('bob', 'alice', 'so it is')
    const bob = await untilHistory(home.bob, (entries) => texts(entries, 'in').includes('a day later'))
    const alice = await untilHistory(home.alice, (entries) => texts(entries, 'in').includes('so it is'))
    expect(texts(bob, 'in')).toEqual([...toldByAlice, 'a day later'])
    expect(texts(alice, 'in')).toEqual([...toldByBob, 'so it is'])
    expect([kinds(alice), kinds(bob)]).toEqual([
      ['access', 'message'],
      ['access', 'message'],
    ])
  })

  it.skipIf(!isLong)(
    '(in test:long) goes on years later: while it was off the relay let go of nothing that waited there',
    async () => {
      const { say } = await start(madeAt + 5 * 365 * day)
      await say('alice', 'bob', 'years later')
      await say('bob', 'alice', 'so they are')
      const bob = await untilHistory(home.bob, (entries) => texts(entries, 'in').includes('years later'))
      const alice = await untilHistory(home.alice, (entries) => texts(entries, 'in').includes('so they are'))
      expect(texts(bob, 'in')).toEqual([...toldByAlice, 'years later'])
      expect(texts(alice, 'in')).toEqual([...toldByBob, 'so they are'])
      expect([kinds(alice), kinds(bob)]).toEqual([
        ['access', 'message'],
        ['access', 'message'],
      ])
    },
  )
})
