import type { ExperimentResult } from '../runs/result.ts'

/** `3 messages`, `1 message` */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `a`, `a and b`, `a, b and c` */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'none'
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}

/** Adds how long it took, in real time. */
export async function timed(work: () => Promise<Omit<ExperimentResult, 'seconds'>>): Promise<ExperimentResult> {
  const begun = performance.now()
  return { ...(await work()), seconds: (performance.now() - begun) / 1000 }
}
