import { vi } from 'vitest'

/** What was written to standard output and standard error meanwhile, of which nothing came out. */
export interface Heard {
  readonly stdout: string
  readonly stderr: string
}

/**
 * Listens to what this process writes, in the place of a terminal. Whoever waits for a write to be done is told that it is:
 * tests that share this process would wait for ever otherwise.
 */
export function listening(): Heard & { readonly stop: () => void } {
  const heard = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text, ...rest) => {
      heard[name] += String(text)
      const written: unknown = rest.at(-1)
      if (typeof written === 'function') written()
      return true
    }),
  )
  return Object.assign(heard, { stop: () => spies.forEach((spy) => spy.mockRestore()) })
}
