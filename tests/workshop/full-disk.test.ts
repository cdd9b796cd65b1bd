import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crowdIn, type Guest, heardBy, leave } from '../support/crowd.ts'
import { smallDisk, type SmallDisk } from '../support/small-disk.ts'
import { workshopIn, type WorkshopRun } from '../support/workshop.ts'

// the people on stage keep their devices on it, too
const disk = await smallDisk(32)

describe.skipIf(!disk)('a workshop whose laptop has no room left', () => {
  const there = disk as SmallDisk
  let run: WorkshopRun
  let guests: readonly Guest[]
  beforeAll(async () => {
    run = await workshopIn({ under: there.under, folder: there.path('room') })
    guests = await crowdIn(run, 2)
  })
  afterAll(async () => {
    await leave(guests)
    await run.end()
    there.remove()
  })
  const ids = Array.from({ length: 20 }, (_, i) => `full-${String(i).padStart(2, '0')}`)
  const takeSeat = (name: string) =>
    fetch(`http://127.0.0.1:${run.port}/room/seats`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: run.code(), name, mayShow: true, ticket: name.padEnd(22, 'x'), account: null }),
    })

  it('keeps on the phones what people write until there is some, and then it comes, once', async () => {
    const [one, other] = guests
    if (!one || !other) throw new Error('nobody came')
    one.device.write(other.name, 'before', 'before')
    await expect.poll(() => heardBy(other)).toEqual(['before'])
    there.fill()
    for (const id of ids) one.device.write(other.name, id, id)
    await expect.poll(() => one.online.fault?.message).toContain('the relay failed')
    expect(one.device.history.unsent(other.name)).toBe(ids.length)
    const refused = await takeSeat('late')
    expect(refused.status).toBe(507)
    expect(await refused.json()).toMatchObject({ message: expect.stringContaining('its disk is full') })
    expect((await fetch(`http://127.0.0.1:${run.port}/room`)).status).toBe(200)
    there.empty()
    await expect.poll(() => heardBy(other)).toEqual(['before', ...ids])
    expect((await takeSeat('late')).status).toBe(200)
    expect(run.process().errors).toEqual([])
  })
})
