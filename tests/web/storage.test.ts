import { describe, expect, it } from 'vitest'
import { createKeeper } from '../../client/web/storage/keeper.ts'
import { type Changes, createPagedFile, pageSizeBytes } from '../../client/web/storage/pages.ts'

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)

describe('a file of pages', () => {
  it('is read as it was written, across pages, and is zero where nothing was written', () => {
    const file = createPagedFile([])
    file.write(bytes(5000, 7), 4000)
    expect(file.sizeBytes()).toBe(9000)
    const into = new Uint8Array(6000)
    expect(file.read(into, 3500)).toBe(false)
    expect(into.subarray(0, 500).every((byte) => byte === 0)).toBe(true)
    expect(into.subarray(500, 5500).every((byte) => byte === 7)).toBe(true)
    expect(into.subarray(5500).every((byte) => byte === 0)).toBe(true)
  })

  it('knows which pages have changed since it was asked, and gives copies of them', () => {
    const file = createPagedFile([bytes(pageSizeBytes, 1), bytes(pageSizeBytes, 2)])
    expect(file.takeChanges()).toBe(null)
    file.write(bytes(10, 9), pageSizeBytes + 5)
    const taken = file.takeChanges()
    file.write(bytes(10, 8), pageSizeBytes + 5)
    expect([...(taken?.pages.keys() ?? [])]).toEqual([1])
    expect(taken?.pages.get(1)?.[5]).toBe(9)
    expect(taken?.count).toBe(2)
    expect(file.takeChanges()?.pages.get(1)?.[5]).toBe(8)
  })

  it('gives no page that was cut off, and tells of a cut by the count', () => {
    const file = createPagedFile([])
    file.write(bytes(3 * pageSizeBytes, 1), 0)
    file.truncate(pageSizeBytes)
    expect(file.takeChanges()).toMatchObject({ count: 1 })
    file.write(bytes(2 * pageSizeBytes, 2), pageSizeBytes)
    file.takeChanges()
    file.truncate(pageSizeBytes)
    expect([...(file.takeChanges()?.pages.keys() ?? ['none'])]).toEqual([])
  })
})

describe('a keeper', () => {
  const one: Changes = { pages: new Map([[0, bytes(1, 1)]]), count: 1 }

  it('saves one after another, each time all that has come since, and answers in order', async () => {
    let [dirty, running, most] = [0, 0, 0]
    const saved: number[] = []
    const keeper = createKeeper(
      () => {
        const count = dirty
        dirty = 0
        return count === 0 ? null : { ...one, count }
      },
      async ({ count }) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 5))
        saved.push(count)
        running -= 1
      },
      () => undefined,
    )
    const answered: number[] = []
    const asked = [1, 2, 3, 4, 5].map(async (number) => {
      dirty += 1
      await keeper.settled()
      answered.push(number)
    })
    await new Promise((resolve) => setTimeout(resolve, 2))
    dirty += 1
    await Promise.all([...asked, keeper.settled()])
    expect(most).toBe(1)
    expect(saved.reduce((sum, count) => sum + count, 0)).toBe(6)
    expect(answered).toEqual([1, 2, 3, 4, 5])
  })

  it('has failed for good when a save has failed, and tells once', async () => {
    const told: Error[] = []
    let saves = 0
    const keeper = createKeeper(
      () => one,
      async () => {
        saves += 1
        throw new Error('no room')
      },
      (error) => void told.push(error),
    )
    await expect(keeper.settled()).rejects.toThrow('no room')
    await expect(keeper.settled()).rejects.toThrow('no room')
    expect([saves, told.length]).toEqual([1, 1])
  })
})
