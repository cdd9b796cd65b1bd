import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../support/random.ts'
import { openSeats } from '../../client/workshop/seats.ts'

const folder = mkdtempSync(join(tmpdir(), 'doormat-seats-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const room = (maximum = 3, path = join(folder, `${(files += 1)}.json`)) => ({
  path,
  seats: openSeats(path, maximum, seededRandom(path), null),
})
const ticket = (letter: string) => letter.repeat(22)

describe('a room', () => {
  it('lets in whoever has the code, and the same phone again, which may have changed its mind', () => {
    const { seats } = room()
    seats.take({ code: ` ${seats.code.toUpperCase()} `, name: 'anna', mayShow: true, ticket: ticket('a') })
    seats.take({ code: seats.code, name: 'anna', mayShow: false, ticket: ticket('a') })
    expect(seats.all()).toMatchObject([{ name: 'anna', mayShow: false }])
  })

  it('refuses a wrong code, a taken name, and one person too many', () => {
    const { seats } = room(1)
    const asked = { code: seats.code, name: 'anna', mayShow: true, ticket: ticket('a') }
    expect(() => seats.take({ ...asked, code: 'aaaaaa' })).toThrow(expect.objectContaining({ code: 'wrong-code' }))
    seats.take(asked)
    expect(() => seats.take({ ...asked, ticket: ticket('b') })).toThrow(expect.objectContaining({ code: 'name-taken' }))
    expect(() => seats.take({ ...asked, name: 'ben' })).toThrow(expect.objectContaining({ code: 'room-full' }))
    expect(() => seats.admit('zora')).toThrow(expect.objectContaining({ code: 'room-full' }))
  })

  it('shuts the door for a while when many wrong codes are tried, for the right one too', () => {
    const { seats } = room()
    const asked = { code: 'aaaaaa', name: 'anna', mayShow: true, ticket: ticket('a') }
    const codes = new Set<string>()
    for (let i = 0; i < 100; i++)
      try {
        seats.take(asked)
      } catch (error) {
        codes.add((error as { code: string }).code)
      }
    expect([...codes]).toEqual(['wrong-code', 'too-many'])
    expect(() => seats.take({ ...asked, code: seats.code })).toThrow(expect.objectContaining({ code: 'too-many' }))
  })

  it("writes nothing down for a ticket that is nobody's", () => {
    const { path, seats } = room()
    rmSync(path)
    seats.noteDeleted(ticket('z'), 9)
    seats.noteAnswer(ticket('z'), 'question', 1)
    expect(existsSync(path)).toBe(false)
  })

  it('is as it was when its laptop starts again, and keeps no ticket that somebody could show', () => {
    const { path, seats } = room()
    seats.take({ code: seats.code, name: 'anna', mayShow: true, ticket: ticket('a') })
    seats.askToDelete()
    seats.noteDeleted(ticket('a'), 4)
    seats.noteDeleted(ticket('b'), 9)
    const again = openSeats(path, 3, seededRandom('other'), null)
    expect([again.code, again.hostToken, again.deletions]).toEqual([seats.code, seats.hostToken, 1])
    expect(again.all()).toMatchObject([{ name: 'anna', deleted: 4 }])
    expect(JSON.stringify(again.all())).not.toContain(ticket('a'))
  })
})
