import { describe, expect, it } from 'vitest'
import { type BlobId, blobMaximumBytes } from '../../crypto/attachment.ts'
import { concat, equal } from '../../crypto/bytes.ts'
import { blobPartMaximumBytes } from '../../server/api.ts'
import { blobFilesInMemory } from '../../server/disk/blob-files.ts'
import { answerTo, type PostOfficeOptions, postOffice, type Reach, signIn } from '../support/relay.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** What every relay does with files that devices leave for each other. */
export function blobSuite(name: string, reach: Reach): void {
  async function office(seed: string, options?: PostOfficeOptions) {
    const place = await postOffice(seed, reach, options)
    const id = () => place.random(32) as BlobId
    /** in steps that the clock is looked at between, as a relay that runs does */
    async function later(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= dayMs) {
        place.clock.now += Math.min(left, dayMs)
        await place.local.expire()
      }
    }
    return { ...place, id, later, alices: (await signIn(place.relay, place.alice)).connection }
  }

  describe(`${name}: blobs`, () => {
    it('come in parts, and are given in parts when they are whole', async () => {
      const { relay, alices, id, random } = await office('a blob')
      const [blob, bytes] = [id(), random(2 * blobPartMaximumBytes + 1000)]
      await alices.reserveBlob(blob, bytes.length)
      expect(await relay.blob(blob)).toEqual({ sizeBytes: bytes.length, receivedBytes: 0 })
      for (let at = 0; at < bytes.length; at += blobPartMaximumBytes) {
        expect(await answerTo(relay.readBlob(blob, 0))).toBe('not-found')
        await relay.putBlob(blob, at, bytes.subarray(at, at + blobPartMaximumBytes))
      }
      expect(await relay.blob(blob)).toEqual({ sizeBytes: bytes.length, receivedBytes: bytes.length })
      const parts: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += parts.at(-1)?.length ?? 0) parts.push(await relay.readBlob(blob, at))
      expect(parts.map(({ length }) => length)).toEqual([blobPartMaximumBytes, blobPartMaximumBytes, 1000])
      expect(equal(concat(...parts), bytes)).toBe(true)
      expect(equal(await relay.readBlob(blob, bytes.length - 7), bytes.subarray(-7))).toBe(true)
      expect(await relay.readBlob(blob, bytes.length)).toHaveLength(0)
    })

    it('go on from what is there, take the same again, and nothing out of its order', async () => {
      const { relay, alices, id, random } = await office('in order')
      const [blob, bytes] = [id(), random(1000)]
      await alices.reserveBlob(blob, 1000)
      await relay.putBlob(blob, 0, bytes.subarray(0, 400))
      await relay.putBlob(blob, 0, bytes.subarray(0, 400))
      await relay.putBlob(blob, 100, new Uint8Array(300))
      expect(await answerTo(relay.putBlob(blob, 500, bytes.subarray(500)))).toBe('out-of-order')
      expect(await answerTo(relay.putBlob(blob, 300, bytes.subarray(300)))).toBe('out-of-order')
      expect(await answerTo(relay.putBlob(blob, 400, random(601)))).toBe('too-large')
      expect(await relay.blob(blob)).toEqual({ sizeBytes: 1000, receivedBytes: 400 })
      await relay.putBlob(blob, 400, bytes.subarray(400))
      await relay.putBlob(blob, 400, random(600))
      expect(equal(await relay.readBlob(blob, 0), bytes)).toBe(true)
    })

    it('take one of two parts that come at once', async () => {
      const { relay, alices, id } = await office('at once')
      const blob = id()
      await alices.reserveBlob(blob, 2000)
      const part = (fill: number, sizeBytes: number) => new Uint8Array(sizeBytes).fill(fill)
      const answers = await Promise.all(
        [1, 2, 3].map((fill) => answerTo(relay.putBlob(blob, 0, part(fill, 700 + fill)))),
      )
      const { receivedBytes } = await relay.blob(blob)
      await relay.putBlob(blob, receivedBytes, part(9, 2000 - receivedBytes))
      const stored = await relay.readBlob(blob, 0)
      const [first = 0] = stored
      expect(equal(stored.subarray(0, receivedBytes), part(first, 700 + first))).toBe(true)
      expect(answers.filter((answer) => answer === 'done').length).toBeGreaterThan(0)
    })

    it('are reserved by an id and a size, once', async () => {
      const { relay, alices, bob, id } = await office('reserving')
      const bobs = (await signIn(relay, bob)).connection
      const blob = id()
      await alices.reserveBlob(blob, 1000)
      expect(await answerTo(alices.reserveBlob(blob, 1000))).toBe('done')
      expect(await answerTo(alices.reserveBlob(blob, 1001))).toBe('out-of-order')
      expect(await answerTo(bobs.reserveBlob(blob, 1000))).toBe('out-of-order')
      expect(await answerTo(alices.reserveBlob(id(), blobMaximumBytes))).toBe('done')
      expect(await answerTo(alices.reserveBlob(id(), blobMaximumBytes + 1))).toMatch(
        /^(too-large|bad-request|unreachable)$/,
      )
    })

    it('are nobody’s before they are reserved', async () => {
      const { relay, alices, id } = await office('unknown')
      const blob = id()
      expect(await answerTo(relay.blob(blob))).toBe('not-found')
      expect(await answerTo(relay.putBlob(blob, 0, new Uint8Array(5)))).toBe('not-found')
      expect(await answerTo(relay.readBlob(blob, 0))).toBe('not-found')
      expect(await answerTo(alices.removeBlob(blob))).toBe('done')
    })

    it('take 1 to 262,144 bytes a part', async () => {
      const { relay, alices, id } = await office('parts')
      const blob = id()
      await alices.reserveBlob(blob, 2 * blobPartMaximumBytes)
      expect(await answerTo(relay.putBlob(blob, 0, new Uint8Array()))).toMatch(/^(too-large|bad-request)$/)
      expect(await answerTo(relay.putBlob(blob, 0, new Uint8Array(blobPartMaximumBytes + 1)))).toBe('too-large')
      expect(await answerTo(relay.putBlob(blob, 0, new Uint8Array(blobPartMaximumBytes)))).toBe('done')
    })

    it('are removed by their own account alone, and then are gone', async () => {
      const { relay, alices, bob, id } = await office('removing')
      const bobs = (await signIn(relay, bob)).connection
      const blob = id()
      await alices.reserveBlob(blob, 10)
      await relay.putBlob(blob, 0, new Uint8Array(10))
      expect(await answerTo(bobs.removeBlob(blob))).toBe('not-found')
      expect(await relay.readBlob(blob, 0)).toHaveLength(10)
      await alices.removeBlob(blob)
      expect([await answerTo(relay.blob(blob)), await answerTo(relay.readBlob(blob, 0))]).toEqual([
        'not-found',
        'not-found',
      ])
      expect(await answerTo(bobs.reserveBlob(blob, 20))).toBe('done')
      expect(await relay.blob(blob)).toEqual({ sizeBytes: 20, receivedBytes: 0 })
    })

    it('stay within what an account has room for, reserved or there', async () => {
      const room = { bytesOfAccount: 3000, countOfAccount: 3, openOfAccount: 3, bytesOfAll: 9000, countOfAll: 9 }
      const { relay, alices, bob, id } = await office('room', { limits: { blobs: room } })
      const bobs = (await signIn(relay, bob)).connection
      const first = id()
      expect(await answerTo(alices.reserveBlob(first, 2000))).toBe('done')
      expect(await answerTo(alices.reserveBlob(id(), 1001))).toBe('blobs-full')
      for (const sizeBytes of [1, 999]) expect(await answerTo(alices.reserveBlob(id(), sizeBytes))).toBe('done')
      await alices.removeBlob(first)
      expect(await answerTo(alices.reserveBlob(id(), 2000))).toBe('done')
      expect(await answerTo(alices.reserveBlob(id(), 1))).toBe('blobs-full')
      expect(await answerTo(bobs.reserveBlob(id(), 3000))).toBe('done')
    })

    it('are begun by an account only so many at once', async () => {
      const room = { bytesOfAccount: 3000, countOfAccount: 9, openOfAccount: 2, bytesOfAll: 9000, countOfAll: 9 }
      const { relay, alices, id } = await office('begun', { limits: { blobs: room } })
      const [first, second, third] = [id(), id(), id()]
      for (const blob of [first, second]) await alices.reserveBlob(blob, 10)
      expect(await answerTo(alices.reserveBlob(third, 10))).toBe('blobs-full')
      expect(await answerTo(alices.reserveBlob(second, 10))).toBe('done')
      await relay.putBlob(first, 0, new Uint8Array(10))
      expect(await answerTo(alices.reserveBlob(third, 10))).toBe('done')
      expect(await answerTo(alices.reserveBlob(id(), 10))).toBe('blobs-full')
    })

    it('take nothing from others that are only reserved', async () => {
      const room = { bytesOfAccount: 3000, countOfAccount: 9, openOfAccount: 9, bytesOfAll: 3000, countOfAll: 2 }
      const { relay, alices, bob, id } = await office('only reserved', { limits: { blobs: room } })
      const bobs = (await signIn(relay, bob)).connection
      for (const _ of [1, 2, 3]) await alices.reserveBlob(id(), 1000)
      const blob = id()
      expect(await answerTo(bobs.reserveBlob(blob, 3000))).toBe('done')
      expect(await answerTo(relay.putBlob(blob, 0, new Uint8Array(3000)))).toBe('done')
    })

    it('find the relay full when they are reserved, or on the way, and then go on from there when it is not', async () => {
      const room = { bytesOfAccount: 3000, countOfAccount: 9, openOfAccount: 9, bytesOfAll: 3000, countOfAll: 9 }
      const { relay, alices, bob, id } = await office('full', { limits: { blobs: room } })
      const bobs = (await signIn(relay, bob)).connection
      const [mine, his, bytes] = [id(), id(), new Uint8Array(2000).map((_, at) => at)]
      await alices.reserveBlob(mine, 2000)
      await bobs.reserveBlob(his, 2000)
      await relay.putBlob(mine, 0, bytes.subarray(0, 1000))
      await relay.putBlob(his, 0, bytes.subarray(0, 1000))
      await relay.putBlob(his, 1000, bytes.subarray(1000))
      expect(await answerTo(relay.putBlob(mine, 1000, bytes.subarray(1000)))).toBe('blobs-full')
      expect(await relay.blob(mine)).toEqual({ sizeBytes: 2000, receivedBytes: 1000 })
      expect(await answerTo(bobs.reserveBlob(id(), 1))).toBe('blobs-full')
      expect(await answerTo(alices.reserveBlob(mine, 2000))).toBe('done')
      await bobs.removeBlob(his)
      await relay.putBlob(mine, 1000, bytes.subarray(1000))
      expect(equal(await relay.readBlob(mine, 0), bytes)).toBe(true)
    })

    it('that come at once stay within what the relay has room for', async () => {
      const room = { bytesOfAccount: 3000, countOfAccount: 9, openOfAccount: 9, bytesOfAll: 1000, countOfAll: 9 }
      const { relay, alices, id } = await office('full at once', { limits: { blobs: room } })
      const blobs = Array.from({ length: 5 }, id)
      for (const blob of blobs) await alices.reserveBlob(blob, 400)
      await Promise.all(blobs.map((blob) => answerTo(relay.putBlob(blob, 0, new Uint8Array(400)))))
      const states = await Promise.all(blobs.map((blob) => relay.blob(blob)))
      expect(states.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)).toBeLessThanOrEqual(1000)
    })

    it('are only so many at a relay, however small', async () => {
      const room = { bytesOfAccount: 3000, countOfAccount: 9, openOfAccount: 9, bytesOfAll: 3000, countOfAll: 2 }
      const { relay, alices, id } = await office('many', { limits: { blobs: room } })
      const blobs = [id(), id(), id()]
      for (const blob of blobs) await alices.reserveBlob(blob, 2)
      const put = (blob: BlobId, at: number) => answerTo(relay.putBlob(blob, at, new Uint8Array(1)))
      expect(await Promise.all(blobs.slice(0, 2).map((blob) => put(blob, 0)))).toEqual(['done', 'done'])
      expect(await put(blobs[2] as BlobId, 0)).toBe('blobs-full')
      expect(await put(blobs[0] as BlobId, 1)).toBe('done')
      expect(await answerTo(alices.reserveBlob(id(), 1))).toBe('blobs-full')
    })

    it('go 30 days after they came whole, and a day after the last part where they have not', async () => {
      const { relay, alices, id, later } = await office('old')
      const [whole, part] = [id(), id()]
      for (const blob of [whole, part]) await alices.reserveBlob(blob, 10)
      for (const blob of [whole, part]) await relay.putBlob(blob, 0, new Uint8Array(5))
      await later(dayMs - minuteMs)
      await relay.putBlob(whole, 5, new Uint8Array(5))
      await relay.putBlob(part, 5, new Uint8Array(4))
      await later(dayMs)
      expect((await relay.blob(part)).receivedBytes).toBe(9)
      await later(minuteMs)
      expect(await answerTo(relay.blob(part))).toBe('not-found')
      await alices.reserveBlob(whole, 10)
      await later(29 * dayMs - minuteMs)
      expect(await relay.readBlob(whole, 0)).toHaveLength(10)
      await later(minuteMs)
      expect(await answerTo(relay.blob(whole))).toBe('not-found')
    })

    it('that are reserved again have a day from then on, and an hour where nothing has come', async () => {
      const { relay, alices, id, later } = await office('again')
      const [begun, untouched] = [id(), id()]
      for (const blob of [begun, untouched]) await alices.reserveBlob(blob, 10)
      await relay.putBlob(begun, 0, new Uint8Array(5))
      await later(60 * minuteMs)
      await alices.reserveBlob(untouched, 10)
      await later(60 * minuteMs)
      expect((await relay.blob(untouched)).receivedBytes).toBe(0)
      await later(minuteMs)
      expect(await answerTo(relay.blob(untouched))).toBe('not-found')
      expect(await answerTo(alices.reserveBlob(untouched, 10))).toBe('done')
      await later(dayMs - 121 * minuteMs)
      await alices.reserveBlob(begun, 10)
      await later(dayMs)
      expect((await relay.blob(begun)).receivedBytes).toBe(5)
      await relay.putBlob(begun, 5, new Uint8Array(5))
      expect(await relay.readBlob(begun, 0)).toHaveLength(10)
    })
  })

  describe(`${name}: blobs of a relay with an archive`, () => {
    async function keeping(seed: string, options?: PostOfficeOptions) {
      const kept = new Map<string, Uint8Array>()
      return { kept, ...(await office(seed, { blobFiles: blobFilesInMemory(kept), ...options })) }
    }

    it('have an id of their own for good, also when they are removed, or old', async () => {
      const { kept, relay, alices, bob, id, later } = await keeping('once')
      const bobs = (await signIn(relay, bob)).connection
      const [removed, old] = [id(), id()]
      const fill = (byte: number) => new Uint8Array(10).fill(byte)
      for (const blob of [removed, old]) {
        await alices.reserveBlob(blob, 10)
        await relay.putBlob(blob, 0, fill(1))
      }
      expect(await answerTo(alices.reserveBlob(removed, 10))).toBe('done')
      await alices.removeBlob(removed)
      const again = async () => {
        const answers: string[] = []
        for (const connection of [alices, bobs])
          for (const blob of [removed, old]) answers.push(await answerTo(connection.reserveBlob(blob, 10)))
        return answers
      }
      expect(await again()).toEqual(['out-of-order', 'done', 'out-of-order', 'out-of-order'])
      await later(30 * dayMs + minuteMs)
      expect(await answerTo(relay.blob(old))).toBe('not-found')
      expect(await again()).toEqual(Array.from({ length: 4 }, () => 'out-of-order'))
      for (const blob of [removed, old]) expect(await answerTo(relay.putBlob(blob, 0, fill(2)))).toBe('not-found')
      expect([...kept.values()]).toEqual([fill(1), fill(1)])
    })

    it('can be begun again where they never came whole', async () => {
      const { kept, relay, alices, id } = await keeping('begun again')
      const blob = id()
      await alices.reserveBlob(blob, 10)
      await relay.putBlob(blob, 0, new Uint8Array(9).fill(1))
      await alices.removeBlob(blob)
      expect(await answerTo(alices.reserveBlob(blob, 20))).toBe('done')
      await relay.putBlob(blob, 0, new Uint8Array(20).fill(2))
      expect([...kept.values()]).toEqual([new Uint8Array(20).fill(2)])
    })

    it('keep their room when they are removed, for 30 days, so that no account fills the disk', async () => {
      const room = { bytesOfAccount: 1000, countOfAccount: 9, openOfAccount: 9, bytesOfAll: 1500, countOfAll: 9 }
      const { relay, alices, bob, id, later } = await keeping('room kept', { limits: { blobs: room } })
      const bobs = (await signIn(relay, bob)).connection
      const blob = id()
      await alices.reserveBlob(blob, 900)
      await relay.putBlob(blob, 0, new Uint8Array(900))
      await alices.removeBlob(blob)
      expect([await answerTo(alices.reserveBlob(id(), 101)), await answerTo(bobs.reserveBlob(id(), 601))]).toEqual([
        'blobs-full',
        'blobs-full',
      ])
      await later(30 * dayMs + minuteMs)
      expect([await answerTo(alices.reserveBlob(id(), 101)), await answerTo(bobs.reserveBlob(id(), 601))]).toEqual([
        'done',
        'done',
      ])
    })

    it('are what came whole first, whatever the store says after it was put back', async () => {
      const { kept, relay, alices, bob, id, store } = await keeping('put back')
      const bobs = (await signIn(relay, bob)).connection
      const blob = id()
      await alices.reserveBlob(blob, 10)
      await relay.putBlob(blob, 0, new Uint8Array(10).fill(1))
      await store.removeBlob(blob, false)
      expect(await answerTo(bobs.reserveBlob(blob, 10))).toBe('out-of-order')
      const room = { bytesOfAccount: 99, countOfAccount: 9, openOfAccount: 9, bytesOfAll: 99, countOfAll: 9 }
      await store.reserveBlob({ id: blob, owner: 'alice', sizeBytes: 10, sinceMs: 0 }, room)
      await relay.putBlob(blob, 0, new Uint8Array(10).fill(2))
      expect(equal(await relay.readBlob(blob, 0), new Uint8Array(10).fill(1))).toBe(true)
      expect([...kept.values()]).toEqual([new Uint8Array(10).fill(1)])
    })
  })
}
