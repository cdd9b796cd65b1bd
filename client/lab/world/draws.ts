/** Chance that repeats from its seed. For worlds; never for keys. */
export interface Draws {
  /** a whole number from 0 to below the limit, which is far below 2^32 */
  readonly below: (limit: number) => number
  /** @param list with at least one thing in it */
  readonly pick: <T>(list: readonly T[]) => T
  /** true so many times in a hundred */
  readonly percent: (share: number) => boolean
}

/** FNV-1a, 32 bits, over the text's UTF-16 units. */
function hash(basis: number, text: string): number {
  let value = basis
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x0100_0193)
  return value >>> 0
}

/**
 * Chris Doty-Humphrey's sfc32 (of PractRand), its state the seed's hash from three different bases, a counter, and
 * twenty rounds to mix them. It uses whole numbers of 32 bits only, so a seed gives the same world on every machine.
 */
export function draws(seed: string): Draws {
  let [a, b, c, counter] = [hash(0x811c_9dc5, seed), hash(0x9e37_79b9, seed), hash(0x85eb_ca6b, seed), 1]

  function next(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 20; round++) next()

  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit)
  return {
    below,
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
    percent: (share) => below(100) < share,
  }
}

/** A copy in another order: Fisher and Yates. */
export function shuffled<T>(list: readonly T[], { below }: Draws): T[] {
  const out = [...list]
  for (let last = out.length - 1; last > 0; last--) {
    const other = below(last + 1)
    ;[out[last], out[other]] = [out[other] as T, out[last] as T]
  }
  return out
}
