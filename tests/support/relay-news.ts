/** Lets tests wait for what comes, instead of for time to pass. */
export function createNews() {
  let watchers: (() => void)[] = []
  return {
    tell(): void {
      const woken = watchers
      watchers = []
      for (const wake of woken) wake()
    },
    /** What `look` finds, as soon as it finds something; it looks now and at all news. */
    async until<T>(look: () => T | null | undefined): Promise<T> {
      for (;;) {
        const found = look()
        if (found !== null && found !== undefined) return found
        await new Promise<void>((resolve) => watchers.push(resolve))
      }
    },
  }
}
