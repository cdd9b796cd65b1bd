import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { preload, type Program } from '../support/program.ts'
import { town } from '../support/town.ts'
import { isLong } from '../support/long.ts'

/*
 * Each kind of process is killed at every point at which something of it reaches the disk: at the first, at the second,
 * until one survives. Here at every so many points, at all of them with DOORMAT_POINTS=1, as in `npm run test:long`.
 */
const step = Number(process.env['DOORMAT_POINTS'] ?? 384)
const pointsMaximum = 400

const dyingAt = (point: number) => ({ env: { ...preload('preload-kill.mjs'), DOORMAT_TEST_DIE: String(point) } })

/** @param live what one process does that dies at that point; resolves with how it ended, SIGKILL if it died */
async function atEveryPoint(live: (point: number) => Promise<number | NodeJS.Signals>): Promise<number> {
  for (let point = 1; point <= pointsMaximum; point += step) if ((await live(point)) !== 'SIGKILL') return point
  throw new Error(`a process with more than ${pointsMaximum} points`)
}

describe('a kill at each point of writing', () => {
  const { path, start, startRelay, register, send, receives } = town()
  const [alice, bob] = [path('alice'), path('bob')]
  const archive = ['--archive', path('passed.archive')]

  /** Lets it go on until it has ended or has said this. */
  async function until(running: Program, part: string) {
    await Promise.race([running.ended, running.line(part).catch(() => undefined)])
    return running.kill('SIGTERM')
  }

  it.skipIf(!isLong)("(in test:long) of a relay's first start leaves a folder in which it starts", async () => {
    const last = await atEveryPoint(async (point) => {
      for (const name of ['relay', 'passed.archive']) rmSync(path(name), { recursive: true, force: true })
      const args = ['relay', '--dir', path('relay'), '--port', '0', '--json', ...archive]
      const ended = await until(start(args, dyingAt(point)), '"url"')
      const again = start(args)
      await again.line('"url"')
      await again.kill('SIGTERM')
      return ended
    })
    expect(last).toBeGreaterThan(10)
  })

  it.skipIf(!isLong)(
    '(in test:long) of a registration leaves a folder in which the same can be registered',
    async () => {
      await startRelay()
      await register('bob')
      const last = await atEveryPoint(async (point) => {
        const name = `alice${point}`
        const home = path(name)
        const ended = await register(name, home, { ...dyingAt(point), code: 'any' }).then((one) => one.ended)
        if (ended === 'SIGKILL') {
          const again = await register(name, home, { code: 'any' })
          if ((await again.ended) !== 0) expect(again.errors.join()).toContain('device-exists')
        }
        await send(home, 'bob', name)
        return ended
      })
      expect(last).toBeGreaterThan(10)
    },
  )

  it('of a sender, a receiver and a relay loses nothing and shows nothing twice', async () => {
    let relay = await startRelay()
    await register('alice')
    await register('bob')
    const written: string[] = []
    const next = (count: number) =>
      Array.from({ length: count }, () => {
        written.push(`m-${written.length}`)
        return written.at(-1) ?? ''
      })
    const sendAll = (ids: readonly string[], options = {}) =>
      start(['send', 'bob', '--stdin', '--ids', '--home', alice], {
        input: ids.map((id) => `${id}\t${id}\n`).join(''),
        ...options,
      }).ended
    /** Again and again where the relay does not answer for ten seconds, as it may on a busy machine. */
    const sendWhole = async (ids: readonly string[]) => {
      let code = await sendAll(ids)
      while (code === 3) code = await sendAll(ids)
      return code
    }

    await atEveryPoint(async (point) => {
      const ids = next(3)
      const ended = await sendAll(ids, dyingAt(point))
      expect(await sendWhole(ids)).toBe(0)
      return ended
    })
    await atEveryPoint(async (point) => {
      expect(await sendWhole(next(3))).toBe(0)
      return until(start(['listen', '--home', bob], dyingAt(point)), written.at(-1) ?? '')
    })
    await receives(bob, written)
    await atEveryPoint(async (point) => {
      await relay.kill()
      relay = await startRelay(undefined, dyingAt(point)).catch(() => startRelay())
      const ids = next(2)
      await Promise.race([sendAll(ids), relay.ended])
      const ended = await Promise.race([relay.ended, Promise.resolve(0)])
      if (ended === 'SIGKILL') relay = await startRelay()
      expect(await sendWhole(ids)).toBe(0)
      await receives(bob, written)
      return ended
    })
    const entries = await receives(bob, written)
    expect(entries.filter(({ kind }) => !['message', 'access'].includes(kind))).toEqual([])
  })
})
