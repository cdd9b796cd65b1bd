import { describe, expect, it } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import type { Digest } from '../../crypto/keys.ts'
import { RelayError } from '../../server/api.ts'
import { relayAt } from '../../client/node/relay.ts'
import { createRendezvous } from '../../server/rendezvous.ts'
import { seededRandom } from '../support/random.ts'
import { listening, postOffice, signIn } from '../support/relay.ts'

const minute = 60_000
const slot = (name: string) => seededRandom(`slot ${name}`)(32) as Digest
const note = (text: string) => new TextEncoder().encode(text)

function opened() {
  const clock = { now: 1_700_000_000_000 }
  const place = createRendezvous(() => clock.now)
  /** the code of a refusal, or `done` */
  const leave = (name: string, step: number, bytes: Uint8Array) => {
    try {
      place.leave(slot(name), step, bytes)
      return 'done'
    } catch (error) {
      if (error instanceof RelayError) return error.code
      throw error
    }
  }
  const look = (name: string, step: number) => {
    const found = place.look(slot(name), step)
    return found && new TextDecoder().decode(found)
  }
  return { clock, begin: (name: string) => place.reserve(slot(name)), leave, look }
}

describe('a place for notes', () => {
  it('keeps what is left for ten minutes from the beginning on, and no longer', () => {
    const { clock, begin, leave, look } = opened()
    begin('one')
    leave('one', 1, note('first'))
    clock.now += 9 * minute
    begin('one')
    leave('one', 2, note('second'))
    clock.now += minute
    expect([look('one', 1), look('one', 2)]).toEqual(['first', 'second'])
    clock.now += 1
    expect([look('one', 1), look('one', 2)]).toEqual([null, null])
    expect(leave('one', 1, note('another'))).toBe('not-found')
    begin('one')
    expect(leave('one', 1, note('another'))).toBe('done')
    expect(look('one', 1)).toBe('another')
  })

  it('holds 256 linkings at once, and gives up the one that began longest ago for one more', () => {
    const { begin, leave, look } = opened()
    for (let i = 0; i < 256; i++) {
      begin(`${i}`)
      expect(leave(`${i}`, 1, note(`${i}`))).toBe('done')
    }
    begin('0')
    begin('one more')
    expect(leave('one more', 1, note('late'))).toBe('done')
    expect(['0', '1', '255', 'one more'].map((name) => look(name, 1))).toEqual([null, '1', '255', 'late'])
    expect([leave('0', 2, note('a step')), leave('1', 2, note('a step'))]).toEqual(['not-found', 'done'])
  })
})

describe('notes over HTTP', () => {
  const json = { 'content-type': 'application/json' }

  async function served() {
    const { local, alice } = await postOffice('notes')
    const url = await listening(local)
    const { connection } = await signIn(relayAt(url), alice)
    await connection.reserveLink(slot('here'))
    return async (method: 'GET' | 'PUT', path: string, body?: unknown) => {
      const content = body === undefined ? {} : { body: JSON.stringify(body), headers: json }
      const response = await fetch(`${url}/v1/links/${path}`, { method, ...content })
      return [response.status, await response.json()] as const
    }
  }

  it('go where the specification says, and come back as they were left', async () => {
    const ask = await served()
    const here = base64url(slot('here'))
    const left = base64url(note('a note'))
    expect(await ask('GET', `${here}/1`)).toEqual([200, { note: null }])
    expect(await ask('PUT', `${here}/1`, { note: left })).toEqual([201, {}])
    expect(await ask('PUT', `${here}/1`, { note: left })).toEqual([201, {}])
    expect(await ask('GET', `${here}/1`)).toEqual([200, { note: left }])
    expect(await ask('PUT', `${here}/1`, { note: base64url(note('another')) })).toMatchObject([
      409,
      { code: 'out-of-order' },
    ])
  })

  it('have a slot of 32 bytes and a step of four', async () => {
    const ask = await served()
    const here = base64url(slot('here'))
    const wrong = [`${here}/0`, `${here}/5`, `${here}/1.5`, `${here}/-1`, `${here}/x`, `${here}/1e400`]
    wrong.push(`${here.slice(1)}/1`, `${here}A/1`, `${base64url(new Uint8Array(33))}/1`, 'A/1', `${here}=/1`)
    for (const path of wrong) {
      expect([path, ...(await ask('GET', path))]).toMatchObject([path, 400, { code: 'bad-request' }])
      expect([path, ...(await ask('PUT', path, { note: '' }))]).toMatchObject([path, 400, { code: 'bad-request' }])
    }
  })

  it('have one member, in base64url', async () => {
    const ask = await served()
    const here = `${base64url(slot('here'))}/1`
    const bodies = [{}, { note: 5 }, { note: null }, { note: 'A' }, { note: 'AA==' }, { note: '', more: 1 }, [], 'AA']
    for (const body of bodies)
      expect([body, ...(await ask('PUT', here, body))]).toMatchObject([body, 400, { code: 'bad-request' }])
    expect(await ask('GET', here)).toEqual([200, { note: null }])
  })
})
