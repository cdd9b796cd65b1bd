import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inPercent, markOf, pointsOf, rangeOf, spreadOf } from '../../client/lab/report/curve-figures.ts'
import { curvePanels, curvesPicture } from '../../client/lab/report/curve-picture.ts'
import { barsWords, curveWords, toldBy } from '../../client/lab/report/curve-words.ts'
import { sensitivity } from '../../client/lab/report/answer.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { type CurveId, type CurveRun } from '../../client/lab/runs/curves.ts'
import { type Sensitivity } from '../../client/lab/runs/sensitivity.ts'
import { readResult } from '../docs/findings.ts'
import { at } from '../support/at.ts'

const written = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const committed = JSON.parse(written('sensitivity.json')) as Sensitivity
const result = readResult(written('findings.json'))

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
