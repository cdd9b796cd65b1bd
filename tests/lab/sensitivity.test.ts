import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CurveRun, type CurveTask, curves, runCurve } from '../../client/lab/runs/curves.ts'
import { type CurvePoint, runSensitivity, type Sensitivity, tasksOf } from '../../client/lab/runs/sensitivity.ts'
import { builtinWorld, personas } from '../../client/lab/world/builtin.ts'
import { pairsWriting } from '../../client/lab/world/pair.ts'
import { readResult } from '../docs/findings.ts'
import { sensitivityPages } from '../docs/sensitivity.ts'
import { at } from '../support/at.ts'
import { isLong } from '../support/long.ts'
import { hour } from '../support/say.ts'

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

  it.skipIf(!isLong)(
    '(in test:long) has it for all who spoke, where nobody evades: those whom the findings leave out besides',
    async () => {
      const run = await runCurve({ curve: 'evading', value: 0, ...there }, quiet)
      const during = cell('message-key-escrow', 'order, as possible')?.messages.during.of ?? 0
      expect(run.headline).toEqual({ read: during, of: during })
      expect(run.beside).toEqual(run.headline)
    },
  )

  it('has the very people of the findings, where as many evade, and not where others do', () => {
    const usual = builtinWorld(there.seed, there.people)
    const share = usual.evading.length / pairsWriting(usual.messages).length
    expect(builtinWorld(there.seed, there.people, { evading: share }).evading).toEqual(usual.evading)
    expect(builtinWorld(there.seed, there.people, { evading: 2 * share }).evading).not.toEqual(usual.evading)
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
    const ending = runSensitivity(two.slice(0, 1), (one) => told.push(one), quiet, stop.signal)
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
