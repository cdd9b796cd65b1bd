/** Time as relay and devices see it. */
export interface Time {
  /** milliseconds since 1970, as the machine says: it may be years off */
  readonly clock: () => number
  /** milliseconds that have been counted since the store was made; whatever grows old does so by these */
  readonly running: () => number
}

/** What had been counted at the last look at the clock, and what the clock showed then. */
export interface Look {
  readonly runningMs: number
  readonly clockMs: number
}

/** Where the last look is kept, for this process and the next one. */
export interface LastLook {
  load(): Look | null
  save(look: Look): void
}

const dayMs = 24 * 3600 * 1000
/** Nobody can tell whether a clock was set or the machine was off, so no pause counts for more than this. */
const countedAtOnceMs = dayMs
/** A process that is killed has counted all but this much. */
const saveEveryMs = 60_000
/** A clock that is put back by less is only being kept right. */
const toldFromMs = 3600 * 1000

/**
 * Counts the time that passes. Between two looks at the clock, in one process or across a restart, it counts what the
 * clock has moved, but at most 24 hours, and nothing where it was put back.
 * @param told is called with each leap, in milliseconds: negative where the clock was put back
 */
export function createRunningTime(
  lastLook: LastLook,
  clock: () => number,
  told: (leapMs: number) => void = () => undefined,
): () => number {
  return () => {
    const clockMs = clock()
    const last = lastLook.load()
    const movedMs = last ? clockMs - last.clockMs : 0
    const runningMs = (last?.runningMs ?? 0) + Math.min(Math.max(movedMs, 0), countedAtOnceMs)
    if (!last || movedMs < 0 || movedMs >= saveEveryMs) lastLook.save({ runningMs, clockMs })
    if (movedMs > countedAtOnceMs || movedMs < -toldFromMs) told(movedMs)
    return runningMs
  }
}

/**
 * The last look in memory, for a store that is asked later than a clock. What cannot be saved is saved with the next look: a
 * process that ends meanwhile has counted a minute less.
 */
export async function keptLooks(store: {
  lastLook(): Promise<Look | null>
  saveLook(look: Look): Promise<void>
}): Promise<LastLook> {
  let last = await store.lastLook()
  return {
    load: () => last,
    save(look) {
      last = look
      store.saveLook(look).catch(() => undefined)
    },
  }
}

/** A line for a log: how far a clock has leapt, and what was done about it. */
export function wordsForLeap(leapMs: number): string {
  const far = words(Math.abs(leapMs))
  return leapMs > 0
    ? `the clock has leapt ${far} ahead, or this relay was off that long: counted as 24 hours`
    : `the clock was put back by ${far}: nothing is counted for it`
}

const units = [
  ['year', 365 * dayMs],
  ['day', dayMs],
  ['hour', 3600 * 1000],
] as const

function words(ms: number): string {
  const [unit, unitMs] = units.find(([, unitMs]) => ms >= 1.5 * unitMs) ?? (['hour', 3600 * 1000] as const)
  const count = Math.round(ms / unitMs)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Milliseconds that go on when the clock does, and stand still when it is put back: for what lasts minutes in one process. */
export function forwardOnly(clock: () => number): () => number {
  let [last, passedMs] = [clock(), 0]
  return () => {
    const now = clock()
    passedMs += Math.max(0, now - last)
    last = now
    return passedMs
  }
}
