import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { policiesMaximum, prekeysOfKindMaximum } from '../../server/api.ts'
import { addRoutes, bodyMaximumBytes, type Charges } from '../../server/http.ts'
import type { LocalRelay } from '../../server/relay.ts'
import {
  createBuckets,
  createGuard,
  createSeats,
  defaultLimits,
  priceOf,
  prices,
  type Rate,
} from '../../server/limits.ts'

/** Buckets with a clock that the test moves. */
function bucketsOf(rate: Rate) {
  const clock = { now: 1_000_000 }
  const buckets = createBuckets(rate, () => clock.now)
  const takes = (key: string, times: number) =>
    Array.from({ length: times }, () => buckets.take(key)).filter(Boolean).length
  return { clock, buckets, takes }
}

describe('a bucket', () => {
  it('gives so much at once, so much more as time passes, and never more than it holds', () => {
    const { clock, takes, buckets } = bucketsOf({ burst: 5, perSecond: 2 })
    expect([takes('a', 6), buckets.has('a'), takes('a', 1)]).toEqual([5, false, 0])
    clock.now += 499
    expect(takes('a', 2)).toBe(0)
    clock.now += 1
    expect(takes('a', 2)).toBe(1)
    clock.now += 1750
    expect(takes('a', 9)).toBe(3)
    clock.now += 3_600_000
    expect(takes('a', 9)).toBe(5)
  })

  it('gives one thing more to whoever has something left, and takes its whole price', () => {
    const { clock, buckets } = bucketsOf({ burst: 5, perSecond: 1 })
    expect([buckets.take('a', 4), buckets.take('a', 10), buckets.take('a')]).toEqual([true, true, false])
    clock.now += 9_999
    expect(buckets.has('a')).toBe(false)
    clock.now += 1
    expect([buckets.take('a'), buckets.take('a')]).toEqual([true, false])
  })

  it('is one for each key', () => {
    const { takes } = bucketsOf({ burst: 3, perSecond: 0 })
    expect([takes('a', 9), takes('b', 2), takes('b', 9), takes('1 11', 9), takes('11 1', 9)]).toEqual([3, 2, 1, 3, 3])
  })

  it('gives nothing, and loses nothing, when the clock is put back, a year or more', () => {
    const { clock, takes } = bucketsOf({ burst: 3, perSecond: 1 })
    expect(takes('a', 2)).toBe(2)
    clock.now -= 366 * 24 * 3_600_000
    expect(takes('a', 9)).toBe(1)
    clock.now += 2000
    expect(takes('a', 9)).toBe(2)
  })

  it.each([
    ['after it was used up', 0],
    ['to what is right, after it was used up years ahead', 10 * 365 * 24 * 3_600_000],
  ])('fills again when the clock is put back %s', (_when, aheadMs) => {
    const { clock, takes, buckets } = bucketsOf({ burst: 3, perSecond: 1 })
    clock.now += aheadMs
    expect(takes('a', 9)).toBe(3)
    clock.now -= 10 * 365 * 24 * 3_600_000
    expect([takes('a', 9), buckets.has('a')]).toEqual([0, false])
    clock.now += 2000
    expect([buckets.has('a'), takes('a', 9)]).toEqual([true, 2])
  })

  it('is remembered while others come and go, however many they are', () => {
    const { clock, takes } = bucketsOf({ burst: 2, perSecond: 0.001 })
    expect(takes('a', 2)).toBe(2)
    for (let i = 0; i < 20_000; i++) {
      clock.now += 10
      takes(`passing ${i}`, 1)
    }
    expect(takes('a', 1)).toBe(0)
  })

  it('is forgotten when it is full again: memory does not grow with those who came once', () => {
    const { clock, takes } = bucketsOf({ burst: 2, perSecond: 1 })
    const kept = vi.spyOn(Map.prototype, 'set')
    onTestFinished(() => kept.mockRestore())
    for (let i = 0; i < 50_000; i++) {
      clock.now += 10
      takes(`passing ${i}`, 1)
    }
    const last = kept.mock.calls.findLastIndex(([key]) => String(key).startsWith('passing'))
    expect((kept.mock.contexts[last] as Map<string, unknown>).size).toBeLessThan(1500)
  })
})

describe('buckets', () => {
  it('are kept for a hundred thousand keys, those that were used last', () => {
    const { takes } = bucketsOf({ burst: 1, perSecond: 1e-9 })
    for (let i = 0; i < 100_000; i++) takes(`${i}`, 1)
    expect([takes('0', 1), takes('99999', 1)]).toEqual([0, 0])
    for (let i = 0; i < 50_000; i++) takes(`later ${i}`, 1)
    expect([takes('99999', 1), takes('later 0', 1), takes('5', 1)]).toEqual([0, 0, 1])
  })
})

describe('seats', () => {
  it('go to whoever comes, from whoever has sat longest', () => {
    const left: string[] = []
    const seats = createSeats(2)
    const sit = (name: string) => seats.take(() => void left.push(name))
    sit('first')
    const leaveSecond = sit('second')
    sit('third')
    expect(left).toEqual(['first'])
    leaveSecond()
    sit('fourth')
    expect(left).toEqual(['first'])
    sit('fifth')
    sit('sixth')
    expect(left).toEqual(['first', 'third', 'fourth'])
  })
})

describe('a seat', () => {
  it('that is given back twice frees no other', () => {
    const left: string[] = []
    const seats = createSeats(2)
    const sit = (name: string) => seats.take(() => void left.push(name))
    const leave = sit('first')
    leave()
    sit('second')
    sit('third')
    leave()
    sit('fourth')
    expect(left).toEqual(['second'])
  })
})

describe('a device that has much to send', () => {
  // nobody reads where a refusal was thrown, and to write that down takes most of the time of this loop
  const { stackTraceLimit } = Error
  beforeAll(() => void (Error.stackTraceLimit = 0))
  afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

  // as client/device/transmitter.ts does it: 256 under way, and a pause of 250 ms when one of them is too many
  it.each([1, 2, 3, 5, 9, 17])('is never refused so often that it would be cut off: envelopes of price %i', (price) => {
    let now = 0
    const guard = createGuard(defaultLimits, () => now)
    let [taken, refused, borne] = [0, 0, 0]
    for (let pause = 0; pause < 1000; pause++) {
      for (let i = 0; i < 256; i++) {
        try {
          guard.submission(1, price * 4096)
          taken += 1
        } catch {
          refused += 1
          if (guard.bearsRefusedSubmission(1)) borne += 1
        }
      }
      now += 250
    }
    expect(taken * price).toBeGreaterThan(200_000)
    expect(refused).toBeGreaterThan(1000)
    expect(borne).toBe(refused)
  })
})

describe('docs/protocol.md', () => {
  const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('\n## 17 Limits\n')
  const number = (value: number) => Math.round(value).toLocaleString('en')
  const perSecond = ({ burst, perSecond }: Rate) => `${number(burst)} at once, ${number(perSecond)} a second`
  const perHour = ({ burst, perSecond }: Rate) => `${number(burst)} at once, ${number(perSecond * 3600)} an hour`
  const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB all together`
  const gibibytes = (bytes: number) => `${bytes / 1024 ** 3} GiB`
  const limits = defaultLimits

  it.each([
    ['envelopes that one device hands in', perSecond(limits.submissions)],
    ['acknowledgements of one device', perSecond(limits.acknowledgements)],
    ['other requests of one device', perSecond(limits.requests)],
    ['bundles with one-time keys, of one device for one other', perHour(limits.freshBundlesForOne)],
    ['bundles with one-time keys, of one device for all', perHour(limits.freshBundlesForAll)],
    ['linkings that one device begins', perHour(limits.linkings)],
    ['next device lists of one account', perHour(limits.updates)],
    ['registrations at a relay', perSecond(limits.registrations)],
    ['switches of the access mode', perSecond(limits.switches)],
    ['HTTP requests to a relay', perSecond(limits.httpRequests)],
    ['parts of blobs at a relay, either way', perSecond(limits.blobParts)],
    [
      'blobs of one account, reserved or there',
      `${number(limits.blobs.countOfAccount)}, and ${gibibytes(limits.blobs.bytesOfAccount)} as they were reserved; ${limits.blobs.openOfAccount} that have not come whole`,
    ],
    [
      'blobs of all accounts of which anything has come',
      `${number(limits.blobs.countOfAll)}, and ${gibibytes(limits.blobs.bytesOfAll)} of what has come`,
    ],
    ['refused requests of one device', perSecond(limits.refusals)],
    ['envelopes of one device that are refused with `too-many`', perSecond(limits.refusedSubmissions)],
    ['connections of one device', number(limits.socketsOfDevice)],
    ['sockets not authenticated yet', number(limits.socketsUnauthenticated)],
    ['connections that no device has logged in on, sockets or not', number(limits.strangers)],
    [
      'memory for those: bodies that have not arrived completely, answers that have not been read',
      mebibytes(limits.bytesForStrangers),
    ],
    [
      'memory for sockets: frames that have not arrived completely, wait for their commit, or have not been read',
      mebibytes(limits.bytesForDevices),
    ],
    ['sockets of a relay', number(limits.sockets)],
    ['prekeys of a kind that a device has published', number(prekeysOfKindMaximum)],
    ['links of the policy chain in an answer', number(policiesMaximum)],
  ])('says of %s: %s', (what, limit) => {
    const row = section.split('\n').find((line) => line.startsWith(`| ${what} |`))
    expect(row?.split('|')[2]?.trim()).toMatch(new RegExp(`^${limit}([;,]|$)`))
  })

  it('names the price of everything that has one', () => {
    const { question, bundle, sentCounters, blob, connection, publication, prekey, upgrade } = prices
    const requests = [`a question ${question}`, `a bundle ${bundle}`, `\`sent\` ${sentCounters} a page`]
    const more = [
      `a blob that is reserved or removed ${blob}`,
      `a connection ${connection}`,
      `a publication ${publication} and ${prekey} for each prekey`,
    ]
    expect(section).toContain(`by their price: ${[...requests, ...more].join(', ')} |`)
    expect(section).toContain(
      `a socket counts as ${upgrade}, links and notes as one for each 4,096 bytes begun, a part of a blob as 1 |`,
    )
    expect([0, 1, 4096, 4097, 131_072].map(priceOf)).toEqual([1, 1, 1, 2, 32])
  })

  it('names the longest body of every request that may have a long one', () => {
    const longer: number[] = []
    const app = Fastify()
    app.addHook('onRoute', ({ bodyLimit }) => void (bodyLimit !== undefined && longer.push(bodyLimit)))
    addRoutes(app, {} as LocalRelay, {} as Charges)
    const [, usual, rest = ''] =
      /The body of a request is at most ([\d,]+) bytes\.\sFive\srequests may have more: ([^.]+)\./.exec(page) ?? []
    expect(usual).toBe(number(bodyMaximumBytes))
    expect(rest.match(/\d[\d,]*\d/g)?.sort()).toEqual(longer.map(number).sort())
    expect(longer).toHaveLength(5)
  })
})
