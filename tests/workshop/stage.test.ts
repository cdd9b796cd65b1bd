import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Desk, type HostView, hostSchema, type Walk } from '../../client/workshop/api.ts'
import { program } from '../support/program.ts'
import { workshopRun, type WorkshopRun } from '../support/workshop.ts'

describe('the people on stage', () => {
  let run: WorkshopRun
  const ask = async (path: string, body?: object) => {
    const [link = '', token = ''] = run.hostLink().split('#')
    const response = await fetch(new URL(path, link), {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, said: (await response.json()) as { message?: string } }
  }
  const view = async (path = '/host'): Promise<HostView> => hostSchema.parse((await ask(path)).said)
  const act = async (path: string, body: object) => {
    const { status, said } = await ask(path, body)
    expect([path, status, said]).toEqual([path, 200, {}])
  }
  const switchTo = (mode: string, ...people: string[]) => act('/host/switch', { mode, people })

  async function follow(): Promise<Walk> {
    await act('/host/walk', { isNew: true })
    const { walk } = await view()
    if (!walk) throw new Error('no message is followed')
    return walk
  }
  const at = ({ desks }: Walk, who: Desk['who']): Desk => {
    const found = desks.find((desk) => desk.who === who)
    if (!found) throw new Error(`there is no desk of the ${who}`)
    return found
  }

  beforeAll(async () => {
    run = await workshopRun('--seats', '2')
  })
  afterAll(() => run.end())

  it('take no seat of the room, and nobody can join under their name', async () => {
    await expect.poll(async () => (await view()).stage.isReady).toBe(true)
    const room = (await (await fetch(new URL('/room', run.room))).json()) as { people: string[] }
    expect(room.people).toEqual([])
    const seat = { code: run.code(), mayShow: false, ticket: 'a'.repeat(22), account: null }
    const join = (name: string) =>
      fetch(new URL('/room/seats', run.room), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...seat, name }),
      }).then(({ status }) => status)
    expect([await join('mara'), await join('anna'), await join('ben'), await join('carl')]).toEqual([
      409, 200, 200, 409,
    ])
  })

  it('are themselves: no stranger makes an account under a name of theirs, before they do or after', async () => {
    const home = mkdtempSync(join(tmpdir(), 'doormat-stranger-'))
    const register = program([
      'register',
      'anouk',
      '--no-passphrase',
      '--home',
      home,
      '--relay',
      `http://127.0.0.1:${run.port}`,
    ])
    await register.line('the seat of anouk is somebody else')
    expect(await register.ended).not.toBe(0)
    rmSync(home, { recursive: true, force: true })
  })

  it('write a message that nobody reads on its way, while no key is under the mat', async () => {
    const walk = await follow()
    const [sender, receiver] = [at(walk, 'sender').text, at(walk, 'receiver').text]
    expect(sender).toBeTruthy()
    expect(receiver).toBe(sender)
    for (const who of ['network', 'server', 'authority', 'thief'] as const)
      expect([who, at(walk, who).text, at(walk, who).bytes !== null]).toEqual([who, null, true])
    expect(at(walk, 'server').bytes).toEqual(at(walk, 'network').bytes)
    expect(at(walk, 'server').note).toContain(`${walk.from} to ${walk.to}`)
  })

  it('are read by the authority and by a thief once a key is, and by nobody else', async () => {
    await switchTo('message-key-escrow')
    const walk = await follow()
    const text = at(walk, 'sender').text
    expect(['authority', 'thief', 'receiver'].map((who) => at(walk, who as Desk['who']).text)).toEqual([
      text,
      text,
      text,
    ])
    expect([at(walk, 'network').text, at(walk, 'server').text]).toEqual([null, null])
    await expect.poll(async () => (await view()).stage.read.messages).toBe(1)
    expect((await view()).read).toMatchObject({ messages: 1, conversations: [{ messages: 1 }] })
    const bytes = at(walk, 'network').bytes?.hex ?? ''
    expect(readFileSync(join(run.folder, 'passed.archive')).toString('hex')).toContain(bytes)
  })

  it('are named in an order that the log has, and looked up by a clerk, of which it has nothing', async () => {
    const { walk } = await view()
    const [named, other] = [walk?.from ?? '', walk?.to ?? '']
    await act('/host/order', { person: named })
    const { order } = await view()
    expect(order).toMatchObject({ person: named, read: { messages: 1 }, possible: 2, log: { last: 'executed' } })
    expect(order?.onTrust).toBeGreaterThan(0)
    await act('/host/look-up', { person: other })
    const { lookedUp } = await view()
    expect(lookedUp).toMatchObject({ person: other, read: { messages: 1 } })
    expect(lookedUp?.log).toEqual(order?.log)
    expect((await view()).timeline.events.map(({ what }) => what)).toEqual(['on', 'order', 'looked up'])
  })

  it('are read by as many states as it takes to compel enough custodians', async () => {
    await switchTo('split-escrow')
    await follow()
    for (const [states, messages] of [
      [['state A'], 0],
      [['state A', 'state C'], 1],
    ] as const) {
      await act('/host/take', { by: 'states', states })
      expect((await view()).theft).toMatchObject({ by: states, read: { messages } })
    }
    expect(await ask('/host/take', { by: 'states', states: ['state Z'] })).toMatchObject({ status: 400 })
  })

  it('are read by a ghost where they are named, and are not where they are not', async () => {
    const { walk: last } = await view()
    await switchTo('ghost-device', last?.from ?? '')
    const walk = await follow()
    expect([walk.from, walk.to]).toContain(last?.from)
    const text = at(walk, 'sender').text
    expect(['authority', 'thief'].map((who) => at(walk, who as Desk['who']).text)).toEqual([text, text])
    await switchTo('ghost-device', 'rosa')
    const other = await follow()
    expect([other.from, other.to]).toContain('rosa')
    await switchTo('none')
  })

  it('are read by a thief of the key that was in force last, also when it is taken away', async () => {
    await switchTo('session-key-escrow')
    await follow()
    await act('/host/order', { person: (await view()).walk?.from ?? '' })
    // the key of this mode, and not those of the ones before it
    expect((await view()).order).toMatchObject({ read: { messages: 1 }, possible: 2 })
    await switchTo('none')
    expect((await view()).order).toBeNull()
    await act('/host/take', { by: 'thief', all: true })
    const { theft } = await view()
    expect(theft?.files.map(({ name }) => name)).toContain('session-key-escrow.key')
    expect(theft?.read.messages).toBe(1)
  })

  it('are tapped by nobody, and no mode is in force, where the tap cannot be made', async () => {
    const seat = { code: run.code(), name: 'anna', mayShow: true, ticket: 'a'.repeat(22), account: null }
    const taken = await fetch(new URL('/room/seats', run.room), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(seat),
    })
    expect(taken.status).toBe(200)
    const no = await ask('/host/switch', { mode: 'ghost-device', people: ['anna'] })
    expect(no.said.message).toBe('anna has not come in yet.')
    expect(await view()).toMatchObject({ mode: { id: 'none' }, tapped: [] })
    await fetch(new URL('/room/seats', run.room), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...seat, mayShow: false }),
    })
  })

  it('are not picked out of a room that has not agreed', async () => {
    for (const [path, body] of [
      ['/host/switch', { mode: 'ghost-device', people: ['anna'] }],
      ['/host/order', { person: 'anna' }],
      ['/host/look-up', { person: 'anna' }],
    ] as const)
      expect((await ask(path, body)).said.message).toMatch(/anna has not agreed/)
    expect((await ask('/host/switch', { mode: 'ghost-device', people: [] })).said.message).toMatch(/Choose whom/)
  })

  it('keep a message back where the server hands out another key, so that nobody reads it', async () => {
    const { walk: last } = await view()
    await switchTo('key-substitution', last?.from ?? '')
    const walk = await follow()
    expect([at(walk, 'receiver').text, at(walk, 'authority').text, at(walk, 'network').bytes]).toEqual([
      null,
      null,
      null,
    ])
    expect(at(walk, 'network').note).toContain('key has changed')
    await switchTo('none')
  })

  it('stand on a wall that can be frozen', async () => {
    await act('/host/wall', { isFrozen: true })
    const before = await view('/host/wall')
    await act('/host/walk', { isNew: false })
    expect((await view('/host/wall')).walk).toEqual(before.walk)
    expect((await view()).walk?.at).toBe((before.walk?.at ?? 0) + 1)
    await act('/host/wall', { isFrozen: false })
    expect((await view('/host/wall')).walk?.at).toBe((before.walk?.at ?? 0) + 1)
  })

  it('go on after the laptop was switched off, and so does a tap', async () => {
    await switchTo('ghost-device', 'mara')
    const before = (await view()).stage.said
    await run.kill()
    await run.start()
    await expect.poll(async () => (await view()).stage.isReady).toBe(true)
    expect(await view()).toMatchObject({ stage: { said: before }, mode: { id: 'ghost-device' }, tapped: ['mara'] })
    const walk = await follow()
    expect([walk.from, walk.to]).toContain('mara')
    expect(at(walk, 'authority').text).toBe(at(walk, 'sender').text)
    await act('/host/delete', {})
    expect((await view()).deleted.onStage).toBeGreaterThan(0)
    expect(readdirSync(run.folder)).not.toContain('walk')
  })
})
