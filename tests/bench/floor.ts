import { type Random, systemRandom } from '../../crypto/random.ts'
import sodium, { raw } from '../../crypto/sodium.ts'
import sumo from '../../crypto/sodium-sumo.ts'
import { type Call, inWrapper, type RawCall, rawShapes } from './raw-calls.ts'

/** The bare calls that one operation made of libsodium and of the random source, ready to be made again. */
export interface Floor {
  /** how often each was called, in the order of first use */
  readonly calls: ReadonlyMap<string, number>
  /** through libsodium's wrapper, which copies everything there and back */
  replay(): void
  /** from address to address, over bytes that lie in libsodium's memory already */
  replayRaw(): void
}

interface Replay {
  readonly wrapper: () => void
  readonly bare: () => void
}

const snapshot = (value: unknown) => (value instanceof Uint8Array ? value.slice() : value)

/** What our code still asks of the wrappers for; all else it asks of libsodium's own functions. */
const asked = (name: string) => name === 'memcmp' || /ristretto255|pwhash/.test(name)

/** A hash of nothing: see `wash` in crypto/arena.ts, and crypto/access/custodian.ts. Nothing else hashes nothing. */
const isWash = (name: string, args: readonly number[]) => args[messageSizeAt[name] ?? args.length] === 0
const messageSizeAt: Readonly<Record<string, number>> = {
  _crypto_generichash: 3,
  _crypto_hash_sha3256: 2,
}

function wrapperFunctions() {
  return [...new Set([sodium, sumo])].flatMap((build) => {
    const owner = build as unknown as Record<string, Call>
    return Object.entries(owner).flatMap(([name, call]) =>
      typeof call === 'function' && asked(name) ? [{ owner, name, call }] : [],
    )
  })
}

const rawFunctions = () =>
  Object.keys(rawShapes).map((name) => {
    const owner = raw as unknown as Record<string, RawCall>
    return { owner, name, call: owner[name] as RawCall }
  })

/**
 * Runs an operation once and keeps every call it makes of libsodium: function, order, arguments. To make them again is
 * the floor: the same primitives over the same sizes, and nothing between them.
 * @param operation draws only from the `Random` it is given
 */
export function floorOf(operation: (random: Random) => unknown): Floor {
  const [wrapped, bare] = [wrapperFunctions(), rawFunctions()]
  const calls = new Map<string, number>()
  const replays: Replay[] = []
  const count = (name: string) => calls.set(name, (calls.get(name) ?? 0) + 1)

  function record(name: string, call: Call, values: readonly unknown[]): unknown {
    const kept = values.map(snapshot)
    count(name)
    const again = () => attempt(call, kept)
    replays.push({ wrapper: again, bare: again })
    return call(...values)
  }

  function recordRaw(name: string, call: RawCall, args: readonly number[]): number {
    // what the arena does to clean up is no part of the work
    if (isWash(name, args)) return call(...args)
    const shape = rawShapes[name]
    if (!shape) throw new Error(`no shape of ${name}`)
    count(name.slice(1))
    const { values, bare } = shape.keep(args)
    const wrapper = inWrapper(name)
    replays.push({ wrapper: () => attempt(wrapper, values), bare: () => void call(...bare) })
    return call(...args)
  }

  try {
    for (const { owner, name, call } of wrapped) owner[name] = (...values) => record(name, call, values)
    for (const { owner, name, call } of bare) owner[name] = (...args) => recordRaw(name, call, args)
    operation((sizeBytes) => record('random', systemRandom as Call, [sizeBytes]) as Uint8Array)
  } finally {
    for (const { owner, name, call } of wrapped) owner[name] = call
    for (const { owner, name, call } of bare) owner[name] = call
  }
  return {
    calls,
    replay() {
      for (const { wrapper } of replays) wrapper()
    },
    replayRaw() {
      for (const { bare } of replays) bare()
    },
  }
}

/** Some calls throw each time, as they did the first: a header key that does not open this header. */
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
    replayRaw() {
      first.replayRaw()
      second.replayRaw()
    },
  }
}
