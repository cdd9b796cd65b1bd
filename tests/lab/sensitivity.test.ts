import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { measure } from '../../client/lab/adversaries/exposure.ts'
import { inPercent, markOf, pointsOf, rangeOf, spreadOf } from '../../client/lab/report/curve-figures.ts'
import { curvePanels, curvesPicture } from '../../client/lab/report/curve-picture.ts'
import { barsWords, curveWords, toldBy } from '../../client/lab/report/curve-words.ts'
import { sensitivity } from '../../client/lab/report/answer.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { type CurveId, type CurveRun, type CurveTask, curves, runCurve } from '../../client/lab/runs/curves.ts'
import { type CurvePoint, runSensitivity, type Sensitivity, tasksOf } from '../../client/lab/runs/sensitivity.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import { timetableWithDaysOn, usualTimetable } from '../../client/lab/simulation/timetable.ts'
import { builtinWorld, personas } from '../../client/lab/world/builtin.ts'
import { pair, pairsWriting } from '../../client/lab/world/pair.ts'
import type { World } from '../../client/lab/world/world.ts'
import { readResult } from '../docs/findings.ts'
import { sensitivityPages } from '../docs/sensitivity.ts'
import { at } from '../support/at.ts'
import { isLong } from '../support/long.ts'
import { hour, say } from '../support/say.ts'

const written = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const committed = JSON.parse(written('sensitivity.json')) as Sensitivity
const result = readResult(written('findings.json'))
const quiet = () => undefined

const tasks = tasksOf(committed.seeds)
/** What was written down of one world. */
const recorded = ({ points }: Pick<Sensitivity, 'points'>, { curve, value, seed }: CurveTask): CurveRun | undefined =>
  points.find((one) => one.curve === curve && one.value === value)?.runs.find((run) => run.seed === seed)

describe('docs/sensitivity.md and its picture', () => {
  it('are drawn from docs/sensitivity.json, and so is what the findings tell of it', () => {
    const pages = sensitivityPages(committed, result)
    expect(Object.keys(pages)).toEqual(['sensitivity.json', 'sensitivity.md', 'sensitivity.svg', 'findings.md'])
    for (const [name, text] of Object.entries(pages)) expect(text, name).toBe(written(name))
  })

  it('have ten worlds at each point of every curve', () => {
    expect(committed.seeds).toHaveLength(10)
    expect(committed.points.map(({ curve, value }) => [curve, value])).toEqual(
      curves.flatMap(({ id, values }) => values.map((value) => [id, value])),
    )
    for (const { runs } of committed.points) expect(runs.map(({ seed }) => seed)).toEqual(committed.seeds)
  })

  it('say what one world says that is played again, a different one each day, and would not if it were edited', async () => {
    const task = at(tasks, Math.floor(Date.now() / (24 * hour)) % tasks.length)
    const again = await runCurve(task, quiet)
    expect(recorded(committed, task)).toEqual(again)
    const { read, of } = again.headline
    const edited = { ...again, headline: { read: read === of ? read - 1 : read + 1, of } }
    const points = committed.points.map((point) => ({
      ...point,
      runs: point.runs.map((run) => (run === recorded(committed, task) ? edited : run)),
    }))
    expect(recorded({ points }, task)).not.toEqual(again)
    expect(sensitivityPages({ ...committed, points }, result)['sensitivity.json']).not.toBe(written('sensitivity.json'))
  })

  it.skipIf(!isLong)('(in test:long) say what all worlds say that are played again', async () => {
    const points: CurvePoint[] = []
    expect(await runSensitivity(tasks, (one) => points.push(one), quiet, new AbortController().signal)).toBe(true)
    expect(points).toEqual(committed.points)
  })

  it('say with which version, commit, day and command they were made, and nothing of a machine', () => {
    const { version, commit } = committed.provenance
    expect(commit).toMatch(/^[0-9a-f]{10}$/)
    expect(written('sensitivity.md').replaceAll('\n', ' ')).toContain(
      `with Doormat ${version} (commit ${commit}): doormat lab sensitivity --seeds 10.`,
    )
    expect(written('sensitivity.json')).not.toMatch(/GiB|linux|"machine"/)
  })
})

const cell = (mode: string, adversary: string) =>
  result.modes.find(({ id }) => id === mode)?.cells.find((one) => one.adversary === adversary)

/** The same world and the same seed as the findings. */
const there = { seed: 'doormat', people: personas.length }

describe('a point in the world of the findings', () => {
  it('has the figure of their headline, with as many days on', async () => {
    const run = await runCurve({ curve: 'days on', value: 9, ...there }, quiet)
    expect(run.headline).toEqual(cell('message-key-escrow', 'order, as possible')?.complying.messages)
    expect(run.beside).toEqual({ read: run.headline.read, of: result.world.messages })
  })

  it('has it for all who spoke, where nobody evades: those whom the findings leave out besides', async () => {
    const run = await runCurve({ curve: 'evading', value: 0, ...there }, quiet)
    const during = cell('message-key-escrow', 'order, as possible')?.messages.during.of ?? 0
    expect(run.headline).toEqual({ read: during, of: during })
    expect(run.beside).toEqual(run.headline)
  })

  it('has the very people of the findings, where as many evade, and not where others do', () => {
    const usual = builtinWorld(there.seed, there.people)
    const share = usual.evading.length / pairsWriting(usual.messages).length
    expect(builtinWorld(there.seed, there.people, { evading: share }).evading).toEqual(usual.evading)
    expect(builtinWorld(there.seed, there.people, { evading: 2 * share }).evading).not.toEqual(usual.evading)
  })
})

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

/** One curve of made-up figures, with two worlds at each point. */
function made(id: CurveId, values: readonly number[], runOf: (value: number, world: number) => Partial<CurveRun>) {
  const run: CurveRun = {
    seed: '1',
    messages: 400,
    pairs: 20,
    comparing: 3,
    evading: 3,
    headline: { read: 100, of: 100 },
    beside: { read: 100, of: 400 },
    conversations: { read: 10, of: 20 },
    involved: null,
    warned: { read: 0, of: 50 },
  }
  const points = values.map((value) => ({
    curve: id,
    value,
    runs: [0, 1].map((world) => ({ ...run, seed: String(world + 1), ...runOf(value, world) })),
  }))
  return { ...committed, seeds: ['1', '2'], points }
}

describe('the figures of a point', () => {
  it('are the mean and all that there was, each world weighing the same', () => {
    const spread = spreadOf([
      { read: 1, of: 2 },
      { read: 300, of: 400 },
    ])
    expect(spread).toEqual({ mean: 0.625, lowest: 0.5, highest: 0.75 })
    expect(rangeOf(spread)).toBe('50 % to 75 %')
    expect(rangeOf({ mean: 1, lowest: 1, highest: 1 })).toBe('all the same')
    expect(rangeOf({ mean: 0.5, lowest: 0.499, highest: 0.501 })).toBe('about 50 %')
    expect([0, 0.001, 0.999, 1].map(inPercent)).toEqual(['0', '< 1 %', '> 99 %', '100 %'])
  })

  it('are none where nothing was said', () => {
    expect(() => spreadOf([{ read: 0, of: 0 }])).toThrow('a share of nothing')
    expect(() => spreadOf([])).toThrow('a share of nothing')
  })
})

describe('the sentences on a curve', () => {
  const lines = (id: CurveId, measured: Sensitivity) => [toldBy(measured, id).verdict, ...toldBy(measured, id).awkward]

  it('have at most 25 words in a verdict, and one for each curve', () => {
    for (const { id } of curveWords) {
      const { verdict, awkward } = toldBy(committed, id)
      expect([id, wordsIn(verdict ?? '') > 8, wordsIn(verdict ?? '') <= 25]).toEqual([id, true, true])
      expect(awkward.map((one) => one.split(':')[0])).toEqual(
        expect.arrayContaining(['Awkward for those who warn of access', 'Awkward for those who ask for access']),
      )
    }
  })

  it('turn with the figures: a server that nobody can stop, and one that reads nothing', () => {
    const values = [0, 0.1, 0.5, 1]
    const unstopped = made('comparing', values, () => ({ beside: { read: 0, of: 100 } }))
    expect(lines('comparing', unstopped).join(' ')).toMatch(/^With .* reads 100 % .* and 100 % if all do\. Awkward for/)
    expect(lines('comparing', unstopped).join(' ')).not.toMatch(/never sent|does not match/)
    const honest = made('comparing', values, () => ({ headline: { read: 0, of: 100 }, beside: { read: 0, of: 100 } }))
    expect(toldBy(honest, 'comparing').awkward).toEqual([])
    expect(
      lines(
        'comparing',
        made('comparing', [0, 1], () => ({})),
      ),
    ).toEqual([null])
  })

  it('turn with the figures: a key that reads evaders too, and one that misses complying people', () => {
    const leaking = made('evading', [0.1, 0.5], () => ({ beside: { read: 120, of: 120 } }))
    expect(lines('evading', leaking)).toEqual([
      expect.stringMatching(/reads 100 % of .* and something of the others\.$/),
      expect.stringMatching(/^Awkward for those who warn of access: .* still reads 100 %/),
    ])
    const missing = made('evading', [0.1, 0.5], (_value, world) => ({ headline: { read: 90 + world, of: 100 } }))
    expect(toldBy(missing, 'evading').verdict).toContain('reads at least 90 % of what')
    expect(
      sensitivity({ ...missing, points: [...made('comparing', [0, 0.5], () => ({})).points, ...missing.points] }),
    ).toMatch(
      /In 2 other worlds of 50 people, a dishonest server read 100 % .* The escrow key read at least 90 % of what/,
    )
    expect(sensitivity({ ...committed, points: [] })).toMatch(/Both shares move these figures\.$/)
  })

  it('turn with the figures: a key that opens other days as well', () => {
    const days = [1, 9]
    expect(
      toldBy(
        made('days on', days, () => ({})),
        'days on',
      ).verdict,
    ).toContain(', and nothing else: one day')
    const more = made('days on', days, () => ({ beside: { read: 400, of: 400 } }))
    expect(lines('days on', more)).toEqual([expect.stringContaining(', and more: one day gives 100 %')])
  })

  it('say what a bar is, and how often one more world would lie outside', () => {
    expect(barsWords(committed)).toContain('is the mean of 10 worlds')
    expect(barsWords(committed)).toContain('no confidence interval')
    expect(barsWords(committed)).toContain('at most 2 in 11')
  })
})

describe('the drawing', () => {
  const panels = curvePanels(committed, result)

  it('has for each point two shapes and two bars that differ without colour, and the run of the headline', () => {
    for (const [i, { id }] of curveWords.entries()) {
      const svg = at(panels, i).drawing.markup
      const count = pointsOf(committed, id).length
      const found = (shape: RegExp) => svg.match(shape)?.length ?? 0
      // one more of each is in the key
      expect([id, found(/<circle class="point"/g), found(/<rect class="point other"/g)]).toEqual([
        id,
        count + 1,
        count + 1,
      ])
      expect([found(/class="spread"/g), found(/class="spread other"/g)]).toEqual([count, count])
      expect(found(/class="point own"/g)).toBe(2)
    }
    const { again: _again, ...moments } = result.moments
    expect(markOf({ ...result, modes: [], moments: { ...moments, again: null } }, 'comparing')).toBeNull()
  })

  it('says every figure to those who do not see it, and how to read it', () => {
    const svg = curvesPicture(committed, result)
    const label = /aria-label="([^"]*)"/.exec(svg)?.[1] ?? ''
    for (const { id } of curveWords)
      for (const { headline } of pointsOf(committed, id)) expect(label).toContain(`${inPercent(headline.mean)}, `)
    expect(svg).toMatch(/<title>What the headline depends on<\/title><desc>Each figure is the mean of 10 worlds/)
  })

  it('has the headline of the findings where the findings have it', () => {
    expect(markOf(result, 'comparing')).toEqual({ value: 3 / 23, part: 84 / 102 })
    expect(markOf(result, 'days on')).toEqual({ value: 9, part: 1 })
  })
})

describe('the plays in threads', () => {
  const two: readonly CurveTask[] = [
    { curve: 'comparing', value: 1, seed: '1', people: personas.length },
    { curve: 'days on', value: 1, seed: '1', people: personas.length },
  ]

  it('stop when somebody wants an end, without a point that is not whole', async () => {
    const stop = new AbortController()
    const told: CurvePoint[] = []
    const ending = runSensitivity(two, (one) => told.push(one), quiet, stop.signal)
    stop.abort()
    expect([await ending, told]).toEqual([false, []])
  })

  it.skipIf(!isLong)('(in test:long) are those of one thread, in the order of the points', async () => {
    const told: CurvePoint[] = []
    await runSensitivity(two, (one) => told.push(one), quiet, new AbortController().signal)
    expect(told.map(({ curve }) => curve)).toEqual(['comparing', 'days on'])
    for (const [i, task] of two.entries()) expect(at(told, i).runs).toEqual([await runCurve(task, quiet)])
  })
})
