import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../support/random.ts'
import { createDoor } from '../../client/workshop/door.ts'
import { openSeats } from '../../client/workshop/seats.ts'

const folder = mkdtempSync(join(tmpdir(), 'doormat-seats-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const room = (maximum = 3, path = join(folder, `${(files += 1)}.json`)) => ({
  path,
  seats: openSeats(path, { maximum, reserved: ['mara'], door: createDoor() }, seededRandom(path), null),
})
const address = '192.0.2.7'
const ticket = (letter: string) => letter.repeat(22)

describe('a room', () => {
  it('lets in whoever has the code, and the same phone again, which may have changed its mind', () => {
    const { seats } = room()
    seats.take({
      code: ` ${seats.code.toUpperCase()} `,
      name: 'anna',
      mayShow: true,
      ticket: ticket('a'),
      account: null,
      address,
    })
    seats.take({ code: seats.code, name: 'anna', mayShow: false, ticket: ticket('a'), account: null, address })
    expect(seats.all()).toMatchObject([{ name: 'anna', mayShow: false }])
  })

  it('refuses a wrong code, a taken name, and one person too many', () => {
    const { seats } = room(1)
    const asked = { code: seats.code, name: 'anna', mayShow: true, ticket: ticket('a'), account: null, address }
    expect(() => seats.take({ ...asked, code: 'aaaaaa' })).toThrow(expect.objectContaining({ code: 'wrong-code' }))
    seats.take(asked)
    expect(() => seats.take({ ...asked, ticket: ticket('b') })).toThrow(expect.objectContaining({ code: 'name-taken' }))
    expect(() => seats.take({ ...asked, name: 'ben' })).toThrow(expect.objectContaining({ code: 'room-full' }))
    expect(() => seats.take({ ...asked, name: 'mara' })).toThrow(expect.objectContaining({ code: 'name-taken' }))
    // the host may let in one more
    seats.admit('zora')
    expect(seats.refusal('zora', 'any')).toBeNull()
  })

  it('lets nobody make an account under a name but the phone that has its seat', () => {
    const { seats } = room()
    const asked = { code: seats.code, name: 'anna', mayShow: true, ticket: ticket('a'), account: null, address }
    seats.take(asked)
    expect(seats.refusal('anna', 'a stranger’s')).toBe("the seat of anna is somebody else's")
    seats.take({ ...asked, account: 'her own' })
    expect([seats.refusal('anna', 'her own'), seats.refusal('anna', 'a stranger’s')]).toEqual([
      null,
      "the seat of anna is somebody else's",
    ])
    seats.noteArrival('anna')
    seats.take({ ...asked, account: 'another' })
    expect(seats.refusal('anna', 'another')).not.toBeNull()
    seats.cast({ mara: 'of the stage' })
    expect([seats.refusal('mara', 'a stranger’s'), seats.refusal('mara', 'of the stage')]).toEqual([
      "the seat of mara is somebody else's",
      null,
    ])
  })

  it('keeps out whom the host has sent out, and their name; their seat is free', () => {
    const { seats, path } = room(1)
    const asked = { code: seats.code, name: 'anna', mayShow: true, ticket: ticket('a'), account: 'hers', address }
    seats.take(asked)
    seats.noteArrival('anna')
    expect(() => seats.remove('ben')).toThrow(expect.objectContaining({ code: 'bad-request' }))
    seats.remove('anna')
    const again = openSeats(path, { maximum: 1, reserved: ['mara'], door: createDoor() }, seededRandom(path), null)
    for (const book of [seats, again]) {
      expect(book.guests()).toEqual([])
      expect(book.all()).toMatchObject([{ name: 'anna', mayShow: false }])
      expect([book.whySentOut('anna'), book.refusal('anna', 'hers')]).toEqual([
        'the host has taken the seat of anna away',
        'the host has taken the seat of anna away',
      ])
      expect(book.whose(ticket('a'))).toBeNull()
      expect(() => book.take(asked)).toThrow(expect.objectContaining({ code: 'sent-out' }))
      expect(() => book.take({ ...asked, ticket: ticket('b') })).toThrow(
        expect.objectContaining({ code: 'name-taken' }),
      )
    }
    again.take({ ...asked, name: 'ben', ticket: ticket('b') })
    expect(again.guests()).toMatchObject([{ name: 'ben' }])
    expect(() => again.remove('anna')).toThrow(expect.objectContaining({ code: 'bad-request' }))
    // those on stage are nobody's guests
    again.cast({ mara: 'of the stage' })
    expect(() => again.remove('mara')).toThrow(expect.objectContaining({ code: 'bad-request' }))
  })

  it('asks the host before a fifth seat goes to one address, and lets all in from there if they say so', () => {
    const door = createDoor(() => ['127.0.0.1', '192.0.2.1'])
    const path = join(folder, 'door.json')
    const seats = openSeats(path, { maximum: 30, reserved: [], door }, seededRandom(path), null)
    let count = 0
    const come = (address: string, code = seats.code) =>
      seats.take({ code, name: `p${(count += 1)}`, mayShow: false, ticket: ticket('t'), account: null, address })
    const isAsked = expect.objectContaining({ code: 'host-is-asked' })
    const four = [1, 2, 3, 4]
    for (const _ of four) come(address)
    expect(door.asking()).toEqual([])
    // who does not even know the code does not bother the host
    expect(() => come(address, 'aaaaaa')).toThrow(expect.objectContaining({ code: 'wrong-code' }))
    expect(door.asking()).toEqual([])
    expect(() => come(address)).toThrow(isAsked)
    expect(door.asking()).toEqual([{ address, seats: 4 }])
    // a seat that is taken away gives nobody there another one, and the same phone may come again
    seats.remove('p1')
    expect(() => come(address)).toThrow(isAsked)
    seats.take({ code: seats.code, name: 'p2', mayShow: true, ticket: ticket('t'), account: null, address })
    for (const other of ['192.0.2.8', '127.0.0.1', '192.0.2.1']) for (const _ of four) come(other)
    for (const own of ['127.0.0.1', '192.0.2.1']) come(own)
    expect(() => come('192.0.2.8')).toThrow(isAsked)
    expect(() => door.letIn('192.0.2.99')).toThrow(expect.objectContaining({ code: 'bad-request' }))
    door.letIn(address)
    for (const _ of four) come(address)
    expect(door.asking()).toEqual([{ address: '192.0.2.8', seats: 4 }])
    expect(() => come('192.0.2.8')).toThrow(isAsked)
  })

  it('counts what a phone has deleted once for each time it was asked', () => {
    const { seats } = room()
    seats.take({ code: seats.code, name: 'anna', mayShow: true, ticket: ticket('a'), account: null, address })
    const deleted = () => seats.all().map((seat) => seat.deleted)
    seats.noteArrival('anna')
    seats.noteDeleted(ticket('a'), 5)
    expect(deleted()).toEqual([0])
    seats.askToDelete()
    seats.noteDeleted(ticket('a'), 5)
    seats.noteDeleted(ticket('a'), 5)
    expect(deleted()).toEqual([5])
    seats.askToDelete()
    seats.noteDeleted(ticket('a'), 2)
    expect(deleted()).toEqual([7])
  })

  it('shuts the door for a while when many wrong codes are tried, for the right one too', () => {
    const { seats } = room()
    const asked = { code: 'aaaaaa', name: 'anna', mayShow: true, ticket: ticket('a'), account: null, address }
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
    seats.take({ code: seats.code, name: 'anna', mayShow: true, ticket: ticket('a'), account: null, address })
    seats.noteArrival('anna')
    seats.askToDelete()
    seats.noteDeleted(ticket('a'), 4)
    seats.noteDeleted(ticket('b'), 9)
    const again = openSeats(path, { maximum: 3, reserved: [], door: createDoor() }, seededRandom('other'), null)
    expect([again.code, again.hostToken, again.deletions]).toEqual([seats.code, seats.hostToken, 1])
    expect(again.all()).toMatchObject([{ name: 'anna', deleted: 4 }])
    expect(JSON.stringify(again.all())).not.toContain(ticket('a'))
  })
})
