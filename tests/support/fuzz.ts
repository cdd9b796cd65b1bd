import fc from 'fast-check'
import { afterAll } from 'vitest'
import { concat, u32, u8 } from '../../crypto/bytes.ts'
import { at } from './at.ts'

/*
 * For a long run: `DOORMAT_FUZZ=20000 npx vitest run tests/fuzz`. What fails is printed with its seed and path, and
 * comes again with them as DOORMAT_FUZZ_SEED and DOORMAT_FUZZ_PATH.
 */

const inputs = Number(process.env['DOORMAT_FUZZ'] ?? 500)
const isLong = process.env['DOORMAT_FUZZ'] !== undefined
const seed = process.env['DOORMAT_FUZZ_SEED']
const path = process.env['DOORMAT_FUZZ_PATH']
/** Nothing that one input makes a decoder do takes as long, on any machine: a growth out of all proportion does. */
const patienceMs = 60_000

/** @param cost of one input, beside a cheap decoder's: a dear one gets that many times fewer */
export const howMany = (cost: number): number => Math.max(5, Math.ceil(inputs / cost))

/** For fast-check: how many inputs, and which when a failure is looked for again. */
export const parameters = (cost: number) => ({
  numRuns: howMany(cost),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(path === undefined ? {} : { path }),
})

/** Beyond the usual time-out only where a long run tries so many inputs. */
export const patience = (cost: number): number => 600_000 + 20 * cost * howMany(cost)

interface Count {
  inputs: number
  taken: number
}

/** Keeps count of what was tried, and tells it at the end of a long run. */
export function counting() {
  const counts = new Map<string, Count>()
  afterAll(() => {
    if (!isLong) return
    let total = 0
    for (const [name, { inputs, taken }] of counts) {
      total += inputs
      console.log(`${String(inputs).padStart(9)} inputs, ${String(taken).padStart(9)} taken: ${name}`)
    }
    console.log(`${String(total).padStart(9)} inputs in all`)
  })
  /** @returns counts one input, and whether it was taken */
  return (name: string) => {
    const count = { inputs: 0, taken: 0 }
    counts.set(name, count)
    return (taken: boolean) => {
      count.inputs += 1
      if (taken) count.taken += 1
    }
  }
}

/** Fails when the work takes longer than anything may, whatever comes of it. */
export function inTime<T>(work: () => T): T {
  const start = performance.now()
  const settle = () => {
    const took = performance.now() - start
    if (took > patienceMs) throw new Error(`it took ${Math.round(took)} ms`)
  }
  let result: T
  try {
    result = work()
  } catch (error) {
    settle()
    throw error
  }
  settle()
  return result
}

/** One change to an encoding, of the kinds that decoders have stumbled over. */
interface Change {
  readonly kind: (typeof kinds)[number]
  /** where, and how far: both turned into places of the encoding at hand */
  readonly place: number
  readonly other: number
  readonly bytes: Uint8Array
}

const kinds = ['flip', 'set', 'cut', 'extend', 'remove', 'insert', 'repeat', 'length', 'number', 'splice'] as const
const tellingBytes = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xc0, 0xed, 0xff]

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...kinds),
  place: fc.nat(0xffff),
  other: fc.nat(0xffff),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
})

/** Half of all places are near the front, where kinds, counts and lengths stand. */
const placeIn = (bytes: Uint8Array, place: number) =>
  bytes.length === 0 ? 0 : (place & 1 ? place >> 1 : (place >> 1) % 64) % bytes.length

/** Places at which four bytes could be the length of what follows. */
function lengthsIn(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: Math.max(0, bytes.length - 3) }, (_, place) => place).filter(
    (place) => view.getUint32(place) <= bytes.length - place - 4,
  )
}

const put = (bytes: Uint8Array, place: number, over: Uint8Array) =>
  concat(bytes.subarray(0, place), over, bytes.subarray(place + over.length)).subarray(0, bytes.length)

function changed(bytes: Uint8Array, { kind, place, other, bytes: more }: Change, samples: readonly Uint8Array[]) {
  const here = placeIn(bytes, place)
  const telling = at(tellingBytes, other % tellingBytes.length)
  switch (kind) {
    case 'flip':
      return put(bytes, here, u8((bytes[here] ?? 0) ^ (1 << (other & 7))))
    case 'set':
      return put(bytes, here, u8(telling))
    case 'cut':
      return bytes.slice(0, other & 1 ? here : bytes.length - here)
    case 'extend':
      return concat(bytes, more)
    case 'remove':
      return concat(bytes.subarray(0, here), bytes.subarray(here + 1 + (other % 40)))
    case 'insert':
      return concat(bytes.subarray(0, here), more, bytes.subarray(here))
    case 'repeat':
      return concat(
        bytes.subarray(0, here),
        bytes.subarray(Math.max(0, here - (other % 140)), here),
        bytes.subarray(here),
      )
    case 'length': {
      const lengths = lengthsIn(bytes)
      if (lengths.length === 0) return bytes
      const length = at(lengths, place % lengths.length)
      const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(length)
      const whole = bytes.length - length - 4
      const values = [0, 1, value - 1, value + 1, whole, whole + 1, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff]
      return put(bytes, length, u32(at(values, other % values.length) >>> 0))
    }
    case 'number':
      return put(
        bytes,
        here,
        more.length > 4 ? Uint8Array.of(0, 31 + (other & 1), telling, 0, 0, 0, 0, 0) : u32(telling),
      )
    case 'splice': {
      const behind = at(samples, other % samples.length)
      return concat(bytes.subarray(0, here), behind.subarray(place & 2 ? here : placeIn(behind, other)))
    }
  }
}

/** Mostly valid encodings with one to three changes, spliced with each other; sometimes bytes of no meaning at all. */
export function mutationsOf(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const mutated = fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([sample, changes]) => changes.reduce((bytes, one) => changed(bytes, one, samples), sample))
  return fc.oneof({ weight: 9, arbitrary: mutated }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) })
}
