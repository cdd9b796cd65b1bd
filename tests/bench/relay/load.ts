import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../timing.ts'
import type { Dial, Line } from './lines.ts'

/** Answers a second at the greatest load; every line has that many messages under way. */
export interface Closed {
  readonly answered: number
  readonly perSecond: number
}

/** At a rate that is offered whatever happens: milliseconds from when a message was due until it was answered. */
export interface Open {
  readonly p50: number
  readonly p99: number
  /** answers a second, up to the last one: below the rate when the relay does not keep up */
  readonly perSecond: number
}

const dialsAtOnce = 64
const drainWithinMs = 120_000

/** Many lines in one process. */
export async function openLines(dial: Dial, places: readonly number[]) {
  const lines: Line[] = []
  /** when each line's unanswered messages were due */
  const due: number[][] = places.map(() => [])
  let onDone: (line: number, wasDue: number) => void = () => undefined
  let fault: string | null = null

  const ear = (index: number) => ({
    done() {
      const wasDue = due[index]?.shift()
      if (wasDue === undefined) fault = 'an answer to nothing'
      else onDone(index, wasDue)
    },
    failed: (reason: string) => void (fault = reason),
  })

  for (let from = 0; from < places.length; from += dialsAtOnce) {
    const some = places.slice(from, from + dialsAtOnce)
    lines.push(...(await Promise.all(some.map((place, i) => dial(place, ear(from + i))))))
  }

  function send(index: number, at: number): void {
    due[index]?.push(at)
    lines[index]?.send()
  }

  async function drained(): Promise<void> {
    const until = performance.now() + drainWithinMs
    while (due.some((waiting) => waiting.length > 0)) {
      if (fault !== null) throw new Error(fault)
      if (performance.now() > until) throw new Error('messages were never answered')
      await sleep(5)
    }
    // what was delivered is still to be acknowledged
    await sleep(50)
  }

  return {
    async closed({ seconds, window }: { seconds: number; window: number }): Promise<Closed> {
      const start = performance.now()
      const end = start + seconds * 1000
      let [answered, last] = [0, start]
      onDone = (index) => {
        last = performance.now()
        answered += 1
        if (last < end) send(index, last)
      }
      for (let i = 0; i < window; i++) for (const index of lines.keys()) send(index, start)
      await sleep(seconds * 1000)
      await drained()
      return { answered, perSecond: (answered * 1000) / (last - start) }
    },

    async open({ seconds, rate }: { seconds: number; rate: number }): Promise<Open> {
      const latencies: number[] = []
      let last = 0
      onDone = (_, wasDue) => {
        last = performance.now()
        latencies.push(last - wasDue)
      }
      const start = performance.now()
      const count = Math.round(rate * seconds)
      let sent = 0
      await new Promise<void>((done) => {
        const spin = () => {
          const soFar = Math.min(count, ((performance.now() - start) * rate) / 1000)
          for (; sent < soFar; sent++) send(sent % lines.length, start + (sent * 1000) / rate)
          if (sent < count) setImmediate(spin)
          else done()
        }
        spin()
      })
      await drained()
      return {
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
        perSecond: (count * 1000) / (last - start),
      }
    },
  }
}
