import { expect, it, onTestFinished, vi } from 'vitest'
import { RelayError } from '../../server/api.ts'
import { createWorld } from '../support/world.ts'

it('a relay that ends each connection as soon as it has begun is asked less and less often', async () => {
  const world = await createWorld('ends at once')
  const [alice, bob] = await world.couple()
  await alice.goOffline()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const asked: number[] = []
  let endsAtOnce = true
  alice.tryToGoOnline({
    ...alice.wire,
    async connect(answer, listener) {
      asked.push(performance.now())
      const connection = await alice.wire.connect(answer, listener)
      if (endsAtOnce) listener.closed(new RelayError('unreachable', 'not now'))
      return connection
    },
  })
  for (let seconds = 0; seconds < 60 && asked.length < 20; seconds++) await vi.advanceTimersByTimeAsync(1_000)
  const askedInVain = asked.length
  endsAtOnce = false
  // no pause is longer
  for (let seconds = 0; seconds < 40; seconds++) await vi.advanceTimersByTimeAsync(1_000)
  vi.useRealTimers()
  // what is written wakes it from a sleep by the other clock
  await alice.tell(bob, 'at last')
  expect(askedInVain).toBeGreaterThan(4)
  expect(askedInVain).toBeLessThan(20)
})
