import { afterEach, describe, expect, it, vi } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { patient } from '../../client/device/patience.ts'
import type * as sleeping from '../../client/device/sleep.ts'
import { sleep } from '../../client/device/sleep.ts'
import { type Connection, RelayError } from '../../server/api.ts'
import { createWorld, type Person } from '../support/world.ts'

type Sleeping = typeof sleeping

vi.mock('../../client/device/sleep.ts', async (original) => ({ sleep: vi.fn((await original<Sleeping>()).sleep) }))

const { sleep: reallySleep } = await vi.importActual<Sleeping>('../../client/device/sleep.ts')
afterEach(() => void vi.mocked(sleep).mockImplementation(reallySleep))

const tooMany = () => new RelayError('too-many', 'too much at once')
const count = (to: number) => Array.from({ length: to }, (_, i) => ({ text: `message ${i + 1}` }))

/** How often an envelope was handed in under each counter, and whether it was always the same one. */
function tries({ wire }: Person, to: string) {
  const found = new Map<number, string[]>()
  for (const { to: address, counter, envelope } of wire.submitted)
    if (address.user === to) found.set(counter, [...(found.get(counter) ?? []), hex(envelope)])
  return [...found.values()].map((envelopes) => ({ times: envelopes.length, distinct: new Set(envelopes).size }))
}

describe('a device that hands in more than the relay takes', () => {
  it('slows down by itself, and everything arrives once and in order', async () => {
    const world = await createWorld('a real limit', { limits: { submissions: { burst: 40, perSecond: 100 } } })
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'we have met')
    alice.device.writeAll('bob', count(150))
    await bob.untilRead('alice', 'message 150')
    expect(bob.texts('alice')).toEqual(['we have met', ...count(150).map(({ text }) => text)])
    await alice.untilSent('bob')
    const handedIn = tries(alice, 'bob')
    expect(handedIn.some(({ times }) => times > 1)).toBe(true)
    expect(new Set(handedIn.map(({ distinct }) => distinct))).toEqual(new Set([1]))
    expect([...alice.notices('not-sent'), ...alice.notices('rolled-back'), ...bob.notices('gap')]).toEqual([])
  })

  it('is refused nothing for good, whoever it writes to, and keeps what it may not send yet', async () => {
    const world = await createWorld('refused for a while')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    await alice.tell(bob, 'we have met')
    let refusals = 0
    alice.wire.refuses = () => {
      refusals += 1
      return tooMany()
    }
    for (const name of ['bob', 'carol']) alice.write(name, 'later')
    await alice.until('for refusals', () => refusals >= 4)
    expect(['bob', 'carol'].map((name) => alice.written(name).at(-1)?.state)).toEqual(['sealed', 'sealed'])
    alice.wire.refuses = () => null
    await Promise.all([bob, carol].map((person) => person.untilRead('alice', 'later')))
    expect(alice.notices('not-sent')).toEqual([])
    expect(alice.wire.asked('connect')).toBe(1)
  })

  it('waits longer each time that nothing is taken, and hands in nothing meanwhile', async () => {
    const world = await createWorld('growing pauses')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'we have met')
    const at: number[] = []
    alice.wire.refuses = () => {
      at.push(world.clock())
      // at this very moment, however long it takes until the test hears of it
      world.stopClock()
      return tooMany()
    }
    alice.write('bob', 'later')
    for (const pauseMs of [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const tried = at.length + 1
      await alice.until('for a refusal', () => at.length === tried)
      world.later(pauseMs - 50)
      await sleep(120)
      expect([pauseMs, at.length]).toEqual([pauseMs, tried])
      world.startClock()
      world.later(50)
    }
    alice.wire.refuses = () => null
    world.later(10_000)
    await bob.untilRead('alice', 'later')
  })
})

describe('a device that asks for more than the relay answers', () => {
  it('asks again, and what it wanted to send goes out', async () => {
    const world = await createWorld('a few questions', { limits: { requests: { burst: 60, perSecond: 150 } } })
    const alice = await world.join('alice')
    const others = await Promise.all(['bob', 'carol', 'dave', 'erin'].map((name) => world.join(name)))
    for (const person of [alice, ...others]) await person.goOnline()
    for (const { name } of others) alice.write(name, 'hello')
    await Promise.all(others.map((person) => person.untilRead('alice', 'hello')))
    expect(alice.notices('not-sent')).toEqual([])
    expect(alice.wire.asked('devices')).toBeGreaterThan(0)
  })

  it('connects again, and tells nobody that something was not sent, when the relay stays with it', async () => {
    const world = await createWorld('never enough')
    const [alice, bob] = await world.couple()
    const devices = vi.fn<() => never>(() => {
      throw tooMany()
    })
    vi.mocked(sleep).mockImplementation((ms, signal) => reallySleep(Math.min(ms, 50), signal))
    alice.wire.lies.devices = devices
    alice.write('bob', 'at last')
    await alice.until('for a second connection', () => alice.wire.asked('connect') > 1)
    expect(devices.mock.calls.length).toBeGreaterThanOrEqual(5)
    delete alice.wire.lies.devices
    await bob.untilRead('alice', 'at last')
    expect(alice.notices('not-sent')).toEqual([])
  })

  it('pauses for longer each time, and gives up after four', async () => {
    const pauses: number[] = []
    vi.mocked(sleep).mockImplementation(async (ms) => void pauses.push(ms))
    const connection = { countPrekeys: () => Promise.reject(tooMany()) } as unknown as Connection
    await expect(patient(connection).countPrekeys()).rejects.toMatchObject({ code: 'too-many' })
    expect(pauses).toEqual([250, 500, 1000, 2000])
  })
})
