/** How many elements of arrays were walked over, one by one or to be copied, while some work was done. */
export function stepsOf(work: () => void): number {
  const { prototype } = Array
  const own = prototype[Symbol.iterator]
  let steps = 0
  // eslint-disable-next-line no-extend-native
  prototype[Symbol.iterator] = function counted(this: unknown[]) {
    const inner = own.call(this)
    const next = inner.next.bind(inner)
    inner.next = () => {
      steps += 1
      return next()
    }
    return inner
  }
  try {
    work()
  } finally {
    prototype[Symbol.iterator] = own
  }
  return steps
}

/** How many elements of arrays were looked at from their ends, in search of one, while some work was done. */
export async function looksOf(work: () => Promise<unknown>): Promise<number> {
  const { prototype } = Array
  const own = prototype.findLast
  let looks = 0
  // eslint-disable-next-line no-extend-native
  prototype.findLast = function counted(
    this: unknown[],
    is: (element: unknown, at: number, all: unknown[]) => unknown,
  ) {
    return own.call(this, (element, at, all) => {
      looks += 1
      return is(element, at, all)
    })
  } as typeof own
  try {
    await work()
  } finally {
    prototype.findLast = own
  }
  return looks
}
