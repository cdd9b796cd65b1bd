/** SQLite's page in this store, and what one entry of IndexedDB holds. */
export const pageSizeBytes = 4096

/** What has changed since the last look: whole pages by their number, and how many pages there are now. */
export interface Changes {
  readonly pages: ReadonlyMap<number, Uint8Array>
  readonly count: number
}

/**
 * One file in memory that knows which of its pages were written. SQLite writes only while a statement runs, and a transaction of a
 * device runs from its beginning to its end without a pause: whoever looks between two of them sees no half of one.
 */
export interface PagedFile {
  sizeBytes(): number
  /** @returns whether the file had that much from there; what it had not is zero */
  read(into: Uint8Array, offset: number): boolean
  write(bytes: Uint8Array, offset: number): void
  truncate(sizeBytes: number): void
  /** Copies of what has changed; null where nothing has. From then on it counts as unchanged. */
  readonly takeChanges: () => Changes | null
}

/** @param stored pages in their order, each of 4,096 bytes */
export function createPagedFile(stored: readonly Uint8Array[]): PagedFile {
  const pages = stored.map((page) => new Uint8Array(page))
  let size = pages.length * pageSizeBytes
  let changed = new Set<number>()
  let truncated = false

  /** Calls the work for each page that a range touches. */
  function overPages(
    offset: number,
    length: number,
    work: (page: number, from: number, start: number, count: number) => void,
  ): void {
    for (let done = 0; done < length;) {
      const page = Math.floor((offset + done) / pageSizeBytes)
      const from = (offset + done) % pageSizeBytes
      const count = Math.min(pageSizeBytes - from, length - done)
      work(page, from, done, count)
      done += count
    }
  }

  return {
    sizeBytes: () => size,
    read(into, offset) {
      const there = Math.max(0, Math.min(into.length, size - offset))
      overPages(offset, there, (page, from, start, count) =>
        into.set((pages[page] as Uint8Array).subarray(from, from + count), start),
      )
      into.fill(0, there)
      return there === into.length
    },
    write(bytes, offset) {
      overPages(offset, bytes.length, (page, from, start, count) => {
        while (pages.length <= page) {
          changed.add(pages.length)
          pages.push(new Uint8Array(pageSizeBytes))
        }
        pages[page]?.set(bytes.subarray(start, start + count), from)
        changed.add(page)
      })
      size = Math.max(size, offset + bytes.length)
    },
    truncate(sizeBytes) {
      size = sizeBytes
      const count = Math.ceil(sizeBytes / pageSizeBytes)
      if (count >= pages.length) return
      pages.length = count
      truncated = true
    },
    takeChanges() {
      if (changed.size === 0 && !truncated) return null
      const taken = [...changed].filter((page) => page < pages.length)
      changed = new Set()
      truncated = false
      return { pages: new Map(taken.map((page) => [page, (pages[page] as Uint8Array).slice()])), count: pages.length }
    },
  }
}
