/** What a transaction has changed, and how to take it back. */
export interface Journal {
  /** How to take back what has just been done. Outside a transaction nobody will ask for it. */
  readonly note: (undo: () => void) => void
  /** All or nothing; nested calls join the outermost. */
  readonly transaction: <T>(work: () => T) => T
}

export function createJournal(): Journal {
  let undos: (() => void)[] | null = null
  return {
    note: (undo) => void undos?.push(undo),
    transaction(work) {
      if (undos) return work()
      const done: (() => void)[] = []
      undos = done
      try {
        return work()
      } catch (error) {
        undos = null
        for (const undo of done.toReversed()) undo()
        throw error
      } finally {
        undos = null
      }
    },
  }
}
