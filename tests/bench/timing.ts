/** One figure a round, for each contender and operation. */
export type Rounds = ReadonlyMap<string, readonly number[]>

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The value below which that share of all lies, by nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function seriesOf(rounds: Rounds, name: string): readonly number[] {
  const series = rounds.get(name)
  if (!series) throw new Error(`nothing was measured of ${name}`)
  return series
}

/** The median over the rounds of one contender's figure divided by another's, round by round. */
export function ratio(rounds: Rounds, above: string, below: string): number {
  const divisors = seriesOf(rounds, below)
  return median(seriesOf(rounds, above).map((value, i) => value / (divisors[i] ?? Number.NaN)))
}

/** Microseconds that one of `count` turns of the work takes. */
export async function timed(count: number, work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return ((performance.now() - start) * 1000) / count
}

/**
 * The same in microseconds of this process's processor time, which says what the work costs however busy the machine is.
 * For work that waits for nothing, and that no other process does.
 */
export async function worked(count: number, work: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / count
}

export type Clock = typeof timed

/** What one turn took: microseconds by the name of the operation. */
export type Figures = Readonly<Record<string, number>>

/**
 * Lets everybody have a turn in each round, every round in another order: whatever else this machine does hits all
 * alike. The first rounds warm up and are not kept.
 * @returns series named `contender operation`
 */
export async function interleave(
  turns: ReadonlyMap<string, () => Promise<Figures>>,
  roundCount: number,
  warmUps: number,
): Promise<Rounds> {
  const rounds = new Map<string, number[]>()
  const order = [...turns]
  for (let round = -warmUps; round < roundCount; round++) {
    for (const [name, turn] of order) {
      for (const [operation, value] of Object.entries(await turn())) {
        const series = rounds.get(`${name} ${operation}`) ?? []
        rounds.set(`${name} ${operation}`, series)
        if (round >= 0) series.push(value)
      }
    }
    order.push(...order.splice(0, 1))
  }
  return rounds
}
