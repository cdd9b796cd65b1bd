import { describe, expect, it } from 'vitest'
import { type MatrixNews, runMatrix } from '../../client/lab/runs/matrix.ts'
import { isLong } from '../support/long.ts'

const order = { seed: 'threads', people: 34 }

async function run(signal: AbortSignal): Promise<{ complete: boolean; told: readonly MatrixNews[] }> {
  const told: MatrixNews[] = []
  const complete = await runMatrix(order, ['none'], (news) => void told.push(news), signal)
  return { complete, told }
}

describe('the matrix', () => {
  it.skipIf(!isLong)('(in test:long) has the result of each mode from a thread', async () => {
    const { complete, told } = await run(new AbortController().signal)
    expect(complete).toBe(true)
    const results = told.flatMap((news) => (news.kind === 'result' ? [news.result] : []))
    expect(results.map(({ id, control, plainKeys }) => [id, control, plainKeys.read])).toEqual([['none', 1, 0]])
  })

  it.skipIf(!isLong)('(in test:long) ends when somebody wants it to, without a result', async () => {
    const stop = new AbortController()
    const ending = run(stop.signal)
    stop.abort()
    const { complete, told } = await ending
    expect([complete, told.filter(({ kind }) => kind === 'result')]).toEqual([false, []])
  })
})
