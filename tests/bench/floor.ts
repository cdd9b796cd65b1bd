import { type Random, systemRandom } from '../../crypto/random.ts'
import sodium from '../../crypto/sodium.ts'
import sumo from '../../crypto/sodium-sumo.ts'

/** The bare calls that one operation made of libsodium's wrapper and of the random source, ready to be made again. */
export interface Floor {
  /** how often each was called, in the order of first use */
  readonly calls: ReadonlyMap<string, number>
  replay(): void
}

type Call = (...values: unknown[]) => unknown

const snapshot = (value: unknown) => (value instanceof Uint8Array ? value.slice() : value)

/**
 * Runs an operation once and keeps every call it makes of the wrapper: function, order, arguments. To make them again is
 * the floor: the same primitives over the same sizes, and nothing between them.
 * @param operation draws only from the `Random` it is given
 */
export function floorOf(operation: (random: Random) => unknown): Floor {
  const own = [sodium, sumo].flatMap((build) => {
    const wrapper = build as unknown as Record<string, Call>
    return Object.entries(wrapper).flatMap(([name, call]) =>
      typeof call === 'function' ? { wrapper, name, call } : [],
    )
  })
  const calls = new Map<string, number>()
  const replays: (() => void)[] = []

  function record(name: string, call: Call, values: readonly unknown[]): unknown {
    const kept = values.map(snapshot)
    calls.set(name, (calls.get(name) ?? 0) + 1)
    try {
      const result = call(...values)
      replays.push(() => void call(...kept))
      return result
    } catch (error) {
      replays.push(() => attempt(call, kept))
      throw error
    }
  }

  try {
    for (const { wrapper, name, call } of own) wrapper[name] = (...values) => record(name, call, values)
    operation((sizeBytes) => record('random', systemRandom as Call, [sizeBytes]) as Uint8Array)
  } finally {
    for (const { wrapper, name, call } of own) wrapper[name] = call
  }
  return {
    calls,
    replay() {
      for (const replay of replays) replay()
    },
  }
}

/** A call that threw when it was recorded: a header key that does not open this header. */
function attempt(call: Call, values: readonly unknown[]): void {
  try {
    call(...values)
  } catch {
    // as it did the first time
  }
}

/** One after the other. */
export function together(first: Floor, second: Floor): Floor {
  const calls = new Map(first.calls)
  for (const [name, count] of second.calls) calls.set(name, count + (calls.get(name) ?? 0))
  return {
    calls,
    replay() {
      first.replay()
      second.replay()
    },
  }
}
