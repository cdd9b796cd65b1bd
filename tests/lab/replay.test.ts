import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { measure } from '../../client/lab/adversaries/exposure.ts'
import { play } from '../../client/lab/simulation/play.ts'
import { datasetWorld } from '../../client/lab/world/dataset.ts'
import { replay } from '../../client/lab/runs/replay.ts'
import { type News, type ReplayOrder, worldOf } from '../../client/lab/runs/replay-part.ts'
import { runMode } from '../../client/lab/runs/mode-run.ts'
import { usualTimetable } from '../../client/lab/simulation/timetable.ts'
import { command, program, scratch } from '../support/program.ts'
import { isLong } from '../support/long.ts'

const { path, remove } = scratch()
afterAll(remove)

const day = 24 * 3600
const secret = 'these words belong to somebody else'
writeFileSync(path('texts.txt'), `${secret}\nand these to another\n`)

/** Some people who write to each other in a ring, one message an hour. */
function ring(name: string, people: number, messages: number, broken: string[] = []): string {
  const edges = Array.from({ length: messages }, (_, i) => `${i % people} ${(i + 1) % people} ${day + i * 3600}`)
  writeFileSync(path(name), [...broken, ...edges].join('\n'))
  return path(name)
}

const orderOf = (dataset: string, messages: number | null = null): ReplayOrder => ({
  dataset,
  text: path('texts.txt'),
  messages,
  modeId: 'message-key-escrow',
  seed: 'replay',
})

const withoutSeconds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === 'seconds' ? undefined : part)))

describe('a replay', () => {
  it.skipIf(!isLong)('(in test:long) reads in two threads what is read in one', async () => {
    const order = orderOf(ring('ring', 3, 40), 30)
    const news: News[] = []
    expect(await replay(order, (one) => news.push(one), new AbortController().signal)).toBe(true)
    const world = worldOf(order)
    const { result } = await runMode(
      world,
      modeCalled(order.modeId),
      usualTimetable(world),
      order.seed,
      () => undefined,
    )
    const cells = news.flatMap((one) => (one.kind === 'cell' ? [one.cell] : []))
    const inOrder = result.cells.map(({ adversary }) => cells.find((cell) => cell.adversary === adversary))
    expect(withoutSeconds(inOrder)).toEqual(withoutSeconds(result.cells))
    expect(cells).toHaveLength(result.cells.length)
    expect(news.flatMap((one) => (one.kind === 'end' ? [one.control] : []))).toEqual([1, 1])
  })

  it('fails when one of its threads does', async () => {
    const order = orderOf(path('nothing there'))
    await expect(replay(order, () => undefined, new AbortController().signal)).rejects.toThrow('there is no')
  })
})

describe('doormat lab replay', () => {
  const flags = (dataset: string) => ['lab', 'replay', '--dataset', dataset, '--text', path('texts.txt')]

  it('says which line is broken, plays the others, and prints nothing of what is said', async () => {
    const { lines, errors } = await command(flags(ring('broken', 2, 12, ['1 2 3', 'no numbers'])))
    expect(errors.slice(0, 3)).toEqual([
      `doormat: ${path('broken')}, line 2: not three whole numbers: sender, recipient, time`,
      'doormat: 1 line left out; the other 13 messages are played',
      `try: sed -n 2p ${path('broken')}`,
    ])
    expect(lines.at(-1)).toContain('Played twice and read')
    expect([...lines, ...errors].join()).not.toContain(secret)
  })

  it('has a next command where nothing of a file can be used', async () => {
    writeFileSync(path('useless'), 'nothing\n')
    const { errors } = await command(flags(path('useless')), { code: 1 })
    expect(errors.at(0)).toContain('line 1: not three whole numbers')
    expect(errors.at(1)).toBe(`try: head ${path('useless')}`)
  })

  it.skipIf(!isLong)('(in test:long) ends when it is interrupted, and says that it is unfinished', async () => {
    const running = program(flags(ring('long', 40, 4000)))
    await running.line('messages under message key escrow')
    expect(await running.kill('SIGINT')).toBe(1)
    expect(running.lines.at(-1)).toContain('Unfinished')
    expect(running.errors.at(-2)).toContain('before everything was read')
  })
})

describe('somebody who says nothing for months', () => {
  it('can be written to, and it is read under the mode that was in force when it was written', async () => {
    const days = [1, 100, 110, 120, 140]
    const edges = days.map((at, i) => ({ from: 1, to: i === 2 ? 3 : 2, atSeconds: at * day }))
    const world = datasetWorld(edges, ['hello'], 'silence')
    const at = (days: number) => days * day * 1000
    const timetable = { on: at(105), breach: at(111), off: at(115), again: null, rotateEveryMs: null }
    const run = await play(world, modeCalled('message-key-escrow'), timetable, 'silence', () => undefined)
    const insider = adversaries.find(({ id }) => id === 'insider')
    if (!insider) throw new Error('there is no insider')
    expect(run.lost).toBe(0)
    expect(measure(run, insider).messages.during).toEqual({ read: 1, of: 1 })
  })
})
