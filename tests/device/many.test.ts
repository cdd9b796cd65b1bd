import { describe, expect, it } from 'vitest'
import { createWorld } from '../support/world.ts'

describe('a message to many', () => {
  it('is written down for each under one id, and on its way to all in one transaction', async () => {
    const world = await createWorld('to many')
    const [alice, bob] = await world.couple()
    const carol = await world.join('carol')
    await carol.goOnline()
    const before = alice.wire.submitted.length
    const sealing: number[] = []
    const { outbox } = alice.device
    const { sealForMany } = outbox
    Object.assign(outbox, {
      sealForMany: (...given: Parameters<typeof sealForMany>) => {
        sealing.push(given[0].length)
        return sealForMany(...given)
      },
    })
    const written = alice.device.sendToMany(['bob', 'carol'], 'the meeting is moved')
    expect(new Set(written.map(({ id }) => id)).size).toBe(1)
    await Promise.all([
      bob.untilRead('alice', 'the meeting is moved'),
      carol.untilRead('alice', 'the meeting is moved'),
      alice.untilSent('bob'),
      alice.untilSent('carol'),
    ])
    expect(Math.max(...sealing)).toBe(2)
    expect(alice.wire.submitted.length - before).toBeGreaterThanOrEqual(2)
  })

  it('passes over whoever is blocked, and is not written at all where one name is nobody else', async () => {
    const world = await createWorld('to many, blocked')
    const [alice] = await world.couple()
    alice.device.contacts.setBlocked('bob', true)
    expect(alice.device.sendToMany(['bob'], 'not for you')).toEqual([])
    expect(() => alice.device.sendToMany(['carol', 'alice'], 'to myself')).toThrow('not the name of another person')
    expect(alice.device.history.unsent('carol')).toBe(0)
  })
})

describe('a connection that waits', () => {
  it('is woken by what is written, and by nothing once it is closed', async () => {
    const world = await createWorld('woken')
    const [alice] = await world.couple()
    let woken = 0
    const stop = alice.device.onWritten(() => (woken += 1))
    alice.write('bob', 'one')
    expect(woken).toBe(1)
    stop()
    alice.write('bob', 'two')
    expect(woken).toBe(1)
  })
})
