import { describe, expect, it } from 'vitest'
import { few, isLong } from '../support/long.ts'
import { untilHistory } from '../support/history.ts'
import { atTime, type Program } from '../support/program.ts'
import { incoming, town } from '../support/town.ts'

const year = 365 * 24 * 3600 * 1000
const off = [
  ['ahead', year],
  ['behind', -year],
] as const
const farAhead = [
  ['40 days', 40],
  ['10 years', 3650],
] as const

describe('a clock', () => {
  const { path, start, startRelay, register, send, receives } = town()
  const [alice, bob] = [path('alice'), path('bob')]

  it.skipIf(!isLong).each(off)(
    '(in test:long) of a device that is a year %s does not stop a talk, in either direction, and changes no order',
    async (_how, ms) => {
      const wrong = () => ({ env: atTime(Date.now() + ms) })
      await startRelay()
      await register('alice')
      await register('bob')
      await send(alice, 'bob', 'one')
      await send(bob, 'alice', 'uno')
      await send(alice, 'bob', 'two', wrong())
      await send(bob, 'alice', 'due')
      await send(alice, 'bob', 'three', wrong())
      const [atBob, atAlice] = [
        await receives(bob, ['one', 'two', 'three']),
        await receives(alice, ['uno', 'due'], wrong()),
      ]
      for (const entries of [atBob, atAlice])
        expect(entries.filter(({ kind }) => !['message', 'access'].includes(kind))).toEqual([])
    },
  )

  it.skipIf(!isLong).each(off)(
    '(in test:long) of a relay that is a year %s does not stop a talk, in either direction',
    async (_how, ms) => {
      await (await startRelay()).kill('SIGTERM')
      await startRelay(undefined, { env: atTime(Date.now() + ms) })
      await register('alice')
      await register('bob')
      await send(alice, 'bob', 'one')
      await send(bob, 'alice', 'uno')
      const entries = [await receives(bob, ['one']), await receives(alice, ['uno'])].flat()
      // one-time keys that the relay takes for expired are not handed out
      expect(entries.filter(({ kind }) => !['message', 'access', 'weak-session'].includes(kind))).toEqual([])
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) of a device that is a year ahead takes the keys of others for expired, and says so',
    async () => {
      await startRelay()
      await register('alice')
      await register('bob')
      await send(alice, 'bob', 'kept', { code: 3, saying: 'bob cannot be reached yet', env: atTime(Date.now() + year) })
      await send(alice, 'bob', 'after')
      await receives(bob, ['kept', 'after'])
    },
  )

  it('of a device that is a year ahead when the first mail of somebody waits for it loses none', async () => {
    expect(incoming(await firstMailAYearAhead())).toEqual(['waiting'])
  })

  async function firstMailAYearAhead() {
    await startRelay()
    await register('alice')
    await register('bob')
    await send(alice, 'bob', 'waiting')
    start(['listen', '--home', bob], { env: atTime(Date.now() + year) })
    return untilHistory(bob, (all) => all.some(({ kind }) => !['access', 'weak-session'].includes(kind)))
  }

  it.each(few(farAhead, 1))(
    'of a relay that is %s ahead when it starts once loses no mail that waits, and says what it did',
    async (far, days) => {
      const relay = await startRelay()
      await register('alice')
      await register('bob')
      await send(alice, 'bob', 'waiting')
      await relay.kill('SIGTERM')
      const ms = days * 24 * 3600 * 1000
      const wrong = await startRelay(undefined, { env: atTime(Date.now() + ms) })
      await wrong.kill('SIGTERM')
      const right = await startRelay()
      await send(alice, 'bob', 'after')
      expect((await receives(bob, ['waiting', 'after'])).filter(({ kind }) => kind === 'gap')).toEqual([])
      await right.kill('SIGTERM')
      expect(saidOfTheClock(wrong)).toEqual([
        `the clock has leapt ${far} ahead, or this relay was off that long: counted as 24 hours`,
      ])
      expect(saidOfTheClock(right)).toEqual([`the clock was put back by ${far}: nothing is counted for it`])
      expect(saidOfTheClock(relay)).toEqual([])
    },
  )
})

/** What a relay's log says of the clock. */
const saidOfTheClock = ({ errors }: Program) =>
  errors.map((line) => String((JSON.parse(line) as { msg: unknown }).msg)).filter((said) => said.includes('clock'))
