import { describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { measure } from '../../client/lab/adversaries/exposure.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import { timetableWithDaysOn, usualTimetable } from '../../client/lab/simulation/timetable.ts'
import { builtinWorld, personas } from '../../client/lab/world/builtin.ts'
import { pair, pairsWriting } from '../../client/lab/world/pair.ts'
import type { World } from '../../client/lab/world/world.ts'
import { hour, say } from '../support/say.ts'

const quiet = () => undefined

const people = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'gus'].map((name) => ({ name, role: 'somebody' }))
const timetable = { on: 10 * hour, breach: 15 * hour, off: 20 * hour, again: null, rotateEveryMs: null }

/** Two who know each other before the mode, two who meet while it is on, and three pairs who evade. */
const small: World = {
  name: 'a small world',
  people,
  messages: [
    say(1, 'ann', 'ben', 'before, from ann'),
    say(2, 'ben', 'ann', 'before, from ben'),
    say(11, 'ann', 'ben', 'during, from ann'),
    say(12, 'ben', 'ann', 'during, from ben'),
    say(13, 'cat', 'ann', 'a new contact'),
    say(13.5, 'cat', 'dan', 'garbage beside this'),
    say(14, 'dan', 'eve', 'encrypted first'),
    say(14.5, 'fay', 'gus', 'over another service'),
    say(21, 'ann', 'cat', 'after, from ann'),
  ],
  target: 'ann',
  shared: 'ben',
  listed: [],
  verified: [],
  evading: [
    { between: ['cat', 'dan'], by: 'garbage stanzas' },
    { between: ['dan', 'eve'], by: 'encrypt first' },
    { between: ['fay', 'gus'], by: 'foreign client' },
  ],
  quotable: true,
}

function called(id: string) {
  const found = adversaries.find((one) => one.id === id)
  if (!found) throw new Error(`there is no adversary ${id}`)
  return found
}

/** Nobody has an access mode, and the server lies to everybody but the given pairs, who compare. */
async function lying(verified: World['verified']) {
  const played = await play({ ...small, verified }, modeCalled('none'), timetable, 'small', quiet, 'as it likes')
  return { played, cell: measure(played, called('active relay')) }
}
const unsent = ({ truth }: Played) => [...truth.values()].filter(({ sent }) => sent === null).map(({ said }) => said)
const everyPair = pairsWriting(small.messages)

describe('a dishonest server, in a small world', () => {
  it('reads all that it can reach where nobody compares: not what was encrypted first, nor what passes elsewhere', async () => {
    const { played, cell: found } = await lying([])
    expect(found.complying.messages).toEqual({ read: 3, of: 3 })
    expect(found.messages.during).toEqual({ read: 4, of: 6 })
    expect([found.messages.before, found.messages.after]).toEqual([
      { read: 2, of: 2 },
      { read: 1, of: 1 },
    ])
    expect(found.stillSealed).toBe(1)
    expect(unsent(played)).toEqual(['over another service'])
  })

  it('reads nothing at all where every pair compares, new contacts too, because nothing is sent', async () => {
    const { played, cell: found } = await lying(everyPair)
    expect([found.lit, found.complying.messages]).toEqual([[], { read: 0, of: 3 }])
    expect(played.archive).toEqual([])
    expect(unsent(played)).toEqual(small.messages.map(({ text }) => text))
    const warned = played.detections.find(({ id }) => id === 'compared first')
    // whoever uses another service compares nothing here
    expect(warned?.noticed).toEqual({ read: people.length - 2, of: people.length })
  })

  it('reads exactly the pairs who did not compare, where some did', async () => {
    const { cell: found } = await lying([['ben', 'ann']])
    expect(found.lit).toEqual(['ann cat', 'cat dan'])
    expect(found.complying.messages).toEqual({ read: 1, of: 3 })
  })
})

describe('the escrow key, in a small world', () => {
  it('reads what everybody sent while the mode was on where nobody evades, and nothing of those who do', async () => {
    const reads = async (evading: World['evading']) =>
      measure(
        await play({ ...small, evading }, modeCalled('message-key-escrow'), timetable, 'small', quiet),
        called('order, as possible'),
      )
    const all = await reads([])
    expect([all.complying.messages, all.messages.during]).toEqual([
      { read: 6, of: 6 },
      { read: 6, of: 6 },
    ])
    const some = await reads(small.evading)
    expect([some.complying.messages, some.messages.during]).toEqual([
      { read: 3, of: 3 },
      { read: 3, of: 6 },
    ])
  })
})

describe('a world whose shares are given', () => {
  const world = (shares: Parameters<typeof builtinWorld>[2]) => builtinWorld('1', 50, shares)
  const pairs = pairsWriting(world({}).messages)
  const names = (those: World['verified']) => those.map((both) => pair(...both))
  const comparing = (share: number) => names(world({ comparing: share }).verified)
  const evading = (share: number) => names(world({ evading: share }).evading.map(({ between }) => between))

  it('has nobody at none, everybody at all, and the rounded number between', () => {
    expect(comparing(0)).toEqual([])
    expect(comparing(1).sort()).toEqual(names(pairs).sort())
    for (const share of [0.1, 0.25, 0.5]) {
      expect(new Set(comparing(share)).size).toBe(Math.round(share * pairs.length))
      expect(new Set(evading(share)).size).toBe(Math.round(share * pairs.length))
    }
    expect(evading(0)).toEqual([])
  })

  it('has at a larger share all those of a smaller one, so that a curve follows the same people', () => {
    expect(comparing(0.5).slice(0, comparing(0.2).length)).toEqual(comparing(0.2))
    expect(evading(0.5).slice(0, evading(0.2).length)).toEqual(evading(0.2))
  })

  it('says the same, and turns nothing else', () => {
    const { verified, name, ...rest } = world({ comparing: 0.3 })
    const { verified: usual, name: plainName, ...plain } = world({})
    expect(rest).toEqual(plain)
    expect([name, plainName]).toEqual(['built-in, seed 1, 30 % of pairs compare', 'built-in, seed 1'])
    expect(verified.length).toBeGreaterThan(usual.length)
  })

  it('never has the target evade, and says how many can', () => {
    expect(evading(0.5).filter((both) => both.split(' ').includes('rook'))).toEqual([])
    const others = pairs.filter((both) => !both.includes('rook')).length
    expect(() => evading(1)).toThrow(`at most ${others} of the ${pairs.length} pairs can evade`)
  })

  it.each([-0.1, 1.1, Number.NaN])('is refused where a share is %d', (share) => {
    expect(() => world({ comparing: share })).toThrow(`the share of pairs who compare is from 0 to 1, not ${share}`)
    expect(() => world({ evading: share })).toThrow(`the share of pairs who evade is from 0 to 1, not ${share}`)
  })
})

describe('a timetable with days on', () => {
  const world = builtinWorld('1', personas.length)
  const day = 24 * hour

  it('has the days of the findings for nine, and each lies within the larger ones', () => {
    const { on, off } = usualTimetable(world)
    expect(timetableWithDaysOn(world, 9)).toEqual({ ...usualTimetable(world), on, off, again: null })
    let [from, to] = [on + 4.5 * day, on + 4.5 * day]
    for (let days = 1; days <= 30; days++) {
      const timetable = timetableWithDaysOn(world, days)
      expect(timetable.off - timetable.on).toBe(days * day)
      expect([timetable.on <= from, timetable.off >= to]).toEqual([true, true])
      ;[from, to] = [timetable.on, timetable.off]
    }
  })

  it.each([0, 31, 1.5, Number.NaN])('is refused for %d days', (days) => {
    expect(() => timetableWithDaysOn(world, days)).toThrow(`on for 1 to 30 whole days, not ${days}`)
  })
})
