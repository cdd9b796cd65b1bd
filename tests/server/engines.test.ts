import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { BlobId } from '../../crypto/attachment.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { openMemoryStore } from '../../server/store/memory-store.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { Store, StoredPrekey } from '../../server/store/store.ts'
import { at } from '../support/at.ts'
import { few } from '../support/long.ts'
import { seededRandom } from '../support/random.ts'
import { folder } from '../support/relay-folder.ts'
import { numbers } from '../support/slow-store.ts'
import { change, posting } from '../support/stored.ts'

/*
 * The same said to a store in memory and to one in a file that two have open, of which one or the other is asked: whatever it
 * is, they answer alike.
 */

const odd = 2 ** 53 - 1
const kinds = ['signed', 'one-time', 'KEM one-time', 'KEM last-resort'] as const

async function answerOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    return String(error)
  }
}

function engines(drawn: (below: number) => number) {
  const path = join(folder(), 'relay.db')
  const files = [openSqliteStore(path), openSqliteStore(path)]
  onTestFinished(() => files.forEach((file) => file.close()))
  const memory = openMemoryStore()
  return {
    memory,
    async both<T>(work: (store: Store) => Promise<T>): Promise<T> {
      const answers = [await answerOf(work(at(files, drawn(2)))), await answerOf(work(memory))]
      expect(answers[0]).toEqual(answers[1])
      return answers[1] as T
    },
  }
}

describe('engines', () => {
  it.each(few([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2))(
    'answer alike about people and mail (seed %i)',
    async (seed) => {
      const drawn = numbers(seed)
      const random = seededRandom(`engines ${seed}`)
      const { memory, both } = engines(drawn)
      const people = ['alice', 'bob', 'carol'].map((user) => ({ user, list: new Uint8Array([0]) }))
      const devices = people.flatMap((person) =>
        [0, 1].map(() => ({ person, address: { user: person.user, device: random(32) as DeviceId }, isIn: true })),
      )
      for (const { user, list } of people) {
        const added = devices.filter(({ person }) => person.user === user).map(({ address }) => address.device)
        await both((store) => change(store, { user, list, added }))
      }
      const any = () => at(devices, drawn(devices.length))
      const rowOf = async () => (await memory.device(any().address))?.row ?? 1
      const counters = new Map<string, number>()

      async function hand(step: number): Promise<void> {
        const handed = Array.from({ length: drawn(6) }, () => {
          const [from, to] = [any().address, any().address]
          const pair = [from, to].map(({ device }) => device.join()).join(' to ')
          const next = (counters.get(pair) ?? 0) + 1
          const counter = drawn(8) === 0 ? at([0, 1, odd, next + 1, next - 1], drawn(5)) : next
          const envelope = random(drawn(3) === 0 ? 70_000 : 1 + drawn(100))
          const isFaulty = drawn(10) === 0
          return { pair, posting: posting({ from, to, counter, envelope, time: step, sinceMs: step, isFaulty }) }
        })
        const acknowledgements = new Map(drawn(2) ? [[await rowOf(), drawn(6) === 0 ? odd : drawn(40)]] : [])
        const isFull = drawn(8) === 0
        const beforeDisk = () => {
          if (isFull) throw new Error('the disk is full')
        }
        const postings = handed.map((one) => one.posting)
        const outcomes = await both((store) => store.commit({ acknowledgements, postings, beforeDisk }))
        if (isFull) return
        for (const [i, { kind }] of outcomes.entries())
          if (kind === 'accepted') counters.set(at(handed, i).pair, at(postings, i).counter)
      }

      async function comeOrGo(step: number): Promise<void> {
        const one = any()
        const { person, address } = one
        const asked = { user: person.user, known: person.list, list: new Uint8Array([step >> 8, step & 255, 1]) }
        one.isIn = !one.isIn
        const [added, removed] = one.isIn ? [[address.device], []] : [[], [address.device]]
        expect(await both((store) => change(store, { ...asked, added, removed }))).toBe('done')
        person.list = asked.list
      }

      for (let step = 1; step <= 150; step++) {
        const what = drawn(10)
        if (what < 6) await hand(step)
        else if (what === 6) {
          const [before, most] = [step - 20 - drawn(40), 1 + drawn(20)]
          await both((store) => store.expireMail(before, most))
        } else if (what === 7) await comeOrGo(step)
        else {
          const [row, after, limit, { address }] = [await rowOf(), drawn(20), 1 + drawn(20), any()]
          await both((store) => store.mailAfter(row, after, limit))
          await both((store) => store.device(address))
        }
      }
      for (let row = 1; row <= devices.length; row++) {
        await both((store) => store.mailAfter(row, 0, 100_000))
        await both((store) => store.sentBy(row, 0, 1000))
      }
    },
  )

  it.each(few([1, 2, 3, 4, 5, 6], 2))('answer alike about prekeys (seed %i)', async (seed) => {
    const drawn = numbers(seed * 31)
    const { both } = engines(drawn)
    await both((store) =>
      change(store, { user: 'alice', list: new Uint8Array(), added: [seededRandom(`${seed}`)(32) as DeviceId] }),
    )
    for (let step = 0; step < 200; step++) {
      const good = { afterSeconds: drawn(30), untilSeconds: 30 + drawn(40), onceAfterSignedSeconds: drawn(20) }
      const prekeys = Array.from({ length: drawn(6) }, (): StoredPrekey => ({
        kind: at(kinds, drawn(4)),
        id: drawn(40),
        expiresAtSeconds: drawn(80),
        bytes: new Uint8Array([drawn(256), drawn(256)]),
      }))
      const [what, replace, most, isFresh] = [drawn(3), drawn(8) === 0, 1 + drawn(6), drawn(2) === 0]
      if (what === 0) await both((store) => store.publishPrekeys(1, prekeys, replace, good, most))
      else if (what === 1) await both((store) => store.takeBundle(1, good, isFresh))
      else await both((store) => store.countPrekeys(1, good))
    }
  })

  it.each(few([1, 2, 3, 4, 5, 6], 2))('answer alike about blobs (seed %i)', async (seed) => {
    const drawn = numbers(seed * 57)
    const random = seededRandom(`blobs ${seed}`)
    const { both } = engines(drawn)
    const ids = Array.from({ length: 12 }, () => random(32) as BlobId)
    const room = { bytesOfAccount: 60, countOfAccount: 5, openOfAccount: 3, bytesOfAll: 0, countOfAll: 0 }
    for (let step = 1; step <= 400; step++) {
      const [id, owner, sizeBytes] = [at(ids, drawn(12)), at(['alice', 'bob'], drawn(2)), 10 + drawn(2)]
      const what = drawn(8)
      if (what < 3) await both((store) => store.reserveBlob({ id, owner, sizeBytes, sinceMs: step }, room))
      else if (what < 6) {
        const known = await both((store) => store.blob(id))
        const from = known && drawn(8) > 0 ? known.receivedBytes : drawn(9)
        const to = Math.min(from + 1 + drawn(9), known?.sizeBytes ?? 10)
        if (to > from) await both((store) => store.growBlob(id, from, to, step))
      } else if (what === 6) {
        const known = await both((store) => store.blob(id))
        const staysCounted = known?.receivedBytes === known?.sizeBytes && drawn(2) === 0
        await both((store) => store.removeBlob(id, staysCounted))
      } else {
        const ages = { wholeMs: step - 40, unfinishedMs: step - 20, untouchedMs: step - 10 }
        const most = drawn(4)
        const old = await both((store) => store.oldBlobs(ages, most))
        await both((store) => store.expireBlobs([...old, id], ages))
      }
      await both((store) => store.blobUse())
    }
    const all = { wholeMs: 1000, unfinishedMs: 1000, untouchedMs: 1000 }
    const left = await both((store) => store.oldBlobs(all, 100))
    expect(await both((store) => store.expireBlobs(left, all))).toEqual(left)
    expect(await both((store) => store.blobUse())).toEqual({ count: 0, bytes: 0 })
  })
})
