import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../crypto/keys.ts'
import { Collector } from '../../server/collector.ts'
import type { Store, StoredMail } from '../../server/store/store.ts'
import { seededRandom } from '../support/random.ts'

const from = { user: 'alice', device: seededRandom('collector')(32) as DeviceId }
const row = 1

const mailOf = (sequence: number, sizeBytes = 10): StoredMail => ({
  sequence,
  time: 0,
  from,
  envelope: new Uint8Array(sizeBytes),
})

/** A mailbox whose store answers when it is told to: with what stood there when it was asked. */
function slow(mail: StoredMail[]) {
  const answers: (() => void)[] = []
  const asked: number[] = []
  const readBytes = { sum: 0 }
  const state = { fault: null as Error | null }
  const mailAfter: Store['mailAfter'] = (_device, sequence, limit, mostBytes = Infinity) => {
    asked.push(sequence)
    const found: StoredMail[] = []
    let left = mostBytes
    for (const one of mail.filter((one) => one.sequence > sequence).slice(0, limit)) {
      found.push(one)
      readBytes.sum += one.envelope.length
      if ((left -= one.envelope.length) < 0) break
    }
    return new Promise((resolve, reject) => answers.push(() => (state.fault ? reject(state.fault) : resolve(found))))
  }
  const given: number[] = []
  const faults: unknown[] = []
  const collector = new Collector({ mailAfter } as Store, row, {
    deliver: ({ sequence }) => void given.push(sequence),
    unreadable: (fault) => void faults.push(fault),
  })
  /** The store answers all that it is asked, until it is asked no more. */
  async function answer(): Promise<void> {
    for (let next = answers.shift(); next; next = answers.shift()) {
      next()
      await new Promise(setImmediate)
    }
  }
  return { collector, given, asked, readBytes, faults, state, answer }
}

const upTo = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i)

describe('somebody who collects a mailbox', () => {
  it('gives out each once and in order, whatever comes in while the store is asked', async () => {
    const mail = upTo(3).map((sequence) => mailOf(sequence))
    const { collector, given, answer } = slow(mail)
    collector.begin()
    // on disk when the store was asked, and told only now
    collector.pass(mailOf(1))
    for (const sequence of [4, 5]) {
      mail.push(mailOf(sequence))
      collector.pass(mailOf(sequence))
    }
    expect(given).toEqual([])
    await answer()
    expect(given).toEqual(upTo(5))
    collector.pass(mailOf(6))
    expect(given).toEqual(upTo(6))
  })

  it('asks the store where something is missing between, and not where nothing is', async () => {
    const mail = upTo(2).map((sequence) => mailOf(sequence))
    const { collector, given, asked, answer } = slow(mail)
    collector.begin()
    await answer()
    // the third has expired
    mail.push(mailOf(4))
    collector.pass(mailOf(4))
    expect(given).toEqual([1, 2])
    await answer()
    expect(given).toEqual([1, 2, 4])
    const before = asked.length
    collector.pass(mailOf(4))
    collector.pass(mailOf(5))
    expect([given, asked.length]).toEqual([[1, 2, 4, 5], before])
  })

  it('asks once at a time, and again for what came in', async () => {
    const mail = upTo(40).map((sequence) => mailOf(sequence))
    const { collector, given, asked, answer } = slow(mail)
    for (let i = 0; i < 3; i++) collector.begin()
    expect(asked).toEqual([0])
    await answer()
    expect([given, asked]).toEqual([upTo(40), [0, 16, 32]])
  })

  it('stops at 256 messages under way, and goes on when there is room', async () => {
    const mail = upTo(300).map((sequence) => mailOf(sequence))
    const { collector, given, answer } = slow(mail)
    collector.begin()
    await answer()
    expect(given).toEqual(upTo(256))
    mail.push(mailOf(301))
    collector.pass(mailOf(301))
    await answer()
    expect(given).toEqual(upTo(256))
    collector.acknowledged(10)
    await answer()
    expect(given).toEqual(upTo(266))
    collector.acknowledged(266)
    await answer()
    expect(given).toEqual(upTo(301))
  })

  it('stops at 1 MiB under way, however it comes', async () => {
    const sizeBytes = 100 * 1024
    const mail = upTo(8).map((sequence) => mailOf(sequence, sizeBytes))
    const { collector, given, answer } = slow(mail)
    collector.begin()
    await answer()
    for (const sequence of upTo(7, 9)) {
      mail.push(mailOf(sequence, sizeBytes))
      collector.pass(mailOf(sequence, sizeBytes))
    }
    await answer()
    expect(given).toEqual(upTo(10))
    collector.acknowledged(3)
    await answer()
    expect(given).toEqual(upTo(13))
  })

  it('asks the store for nothing until there is room for the next, whatever comes in and is acknowledged', async () => {
    const sizeBytes = 100 * 1024
    const mail = [...upTo(20).map((sequence) => mailOf(sequence)), ...upTo(20, 21).map((n) => mailOf(n, sizeBytes))]
    const { collector, given, asked, readBytes, answer } = slow(mail)
    collector.begin()
    await answer()
    expect(given).toEqual(upTo(30))
    const [times, most] = [asked.length, readBytes.sum]
    // what is read and does not fit is one at most
    expect(most).toBeLessThanOrEqual(1024 * 1024 + sizeBytes)
    for (const sequence of [...Array.from({ length: 50 }, () => 0), ...upTo(20)]) {
      collector.acknowledged(sequence)
      await answer()
    }
    for (const sequence of upTo(20, 41)) {
      mail.push(mailOf(sequence))
      collector.pass(mailOf(sequence))
      await answer()
    }
    expect([asked.length, readBytes.sum, given.length]).toEqual([times, most, 30])
    collector.acknowledged(21)
    await answer()
    expect(given).toEqual(upTo(31))
    collector.acknowledged(31)
    await answer()
    expect(given).toEqual(upTo(60).slice(0, given.length))
    for (let before = 0; before < given.length;) {
      before = given.length
      collector.acknowledged(before)
      await answer()
    }
    expect(given).toEqual(upTo(60))
  })

  it('reads what there is room for, where that is little', async () => {
    const sizeBytes = 100 * 1024
    const mail = upTo(60).map((sequence) => mailOf(sequence, sizeBytes))
    const { collector, given, readBytes, answer } = slow(mail)
    collector.begin()
    await answer()
    for (let sequence = 1; sequence <= 60; sequence++) {
      collector.acknowledged(sequence)
      await answer()
    }
    expect(given).toEqual(upTo(60))
    // each once, and once more with one before it for which there was room
    expect(readBytes.sum).toBeLessThanOrEqual(2 * 60 * sizeBytes)
  })

  it('goes on where room was made while the store was asked', async () => {
    const sizeBytes = 100 * 1024
    const mail = upTo(30).map((sequence) => mailOf(sequence, sizeBytes))
    const { collector, given, answer } = slow(mail)
    collector.begin()
    await answer()
    collector.acknowledged(2)
    // it is asked for what there was room for then
    collector.acknowledged(10)
    await answer()
    expect(given).toEqual(upTo(20))
  })

  it('gives out nothing once it has stopped, and says when the store fails', async () => {
    const mail = upTo(3).map((sequence) => mailOf(sequence))
    const stopped = slow(mail)
    stopped.collector.begin()
    stopped.collector.stop()
    await stopped.answer()
    stopped.collector.pass(mailOf(4))
    expect(stopped.given).toEqual([])

    const failing = slow(mail)
    failing.state.fault = new Error('the disk fails')
    failing.collector.begin()
    await failing.answer()
    expect([failing.given, failing.faults]).toEqual([[], [failing.state.fault]])
    failing.state.fault = null
    failing.collector.begin()
    await failing.answer()
    expect(failing.given).toEqual([1, 2, 3])
  })
})
