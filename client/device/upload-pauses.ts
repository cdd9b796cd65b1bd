import { isRecent } from './recent.ts'

const firstPauseMs = 1_000
const longestPauseMs = 60_000

/** How long files wait before they are tried again, by the row of their message: longer from one failure to the next. */
export interface Pauses {
  has(row: number): boolean
  /** @returns whether it is another one in a row */
  begin(row: number): boolean
  end(row: number): void
}

export function createPauses(clock: () => number): Pauses {
  const pauses = new Map<number, { readonly at: number; readonly ms: number }>()
  return {
    has(row) {
      const pause = pauses.get(row)
      return pause !== undefined && isRecent(pause.at, pause.ms, clock())
    },
    begin(row) {
      const before = pauses.get(row)
      pauses.set(row, { at: clock(), ms: before ? Math.min(2 * before.ms, longestPauseMs) : firstPauseMs })
      return before !== undefined
    },
    end: (row) => void pauses.delete(row),
  }
}
