import { describe, expect, it } from 'vitest'
import { builtinWorld, personas } from '../../client/lab/world/builtin.ts'
import { worldEnd, worldStart } from '../../client/lab/world/calendar.ts'
import { conversationsOf } from '../support/conversations.ts'

const world = builtinWorld('1')
const stories = new Set(personas.map(({ name }) => name))
const role = new Map(personas.map(({ name, role }) => [name, role]))
const told = world.messages.filter(({ from, to }) => stories.has(from) && stories.has(to))
const conversations = conversationsOf(told)
const partnersOf = (name: string) =>
  new Set(world.messages.flatMap(({ from, to }) => (from === name ? [to] : to === name ? [from] : [])))

describe('the stories', () => {
  it('have everybody that the claims are about', () => {
    for (const wanted of [
      'journalist',
      "journalist's source",
      'lawyer',
      "lawyer's client",
      'activist',
      'somebody who has left an abusive partner',
      'friend who gives shelter',
      'bank',
      "bank's customer",
      'mother in a family',
      'careful burglar',
      'careless burglar',
      'teenager',
      'officer with an order',
      'clerk at the authority',
    ])
      expect([...role.values()]).toContain(wanted)
  })

  it('are each 12 to 40 messages long, with words from both', () => {
    expect(conversations.size).toBeGreaterThanOrEqual(20)
    for (const [pair, messages] of conversations) {
      expect([pair, messages.length >= 12 && messages.length <= 40]).toEqual([pair, true])
      expect(new Set(messages.map(({ from }) => from)).size).toBe(2)
    }
  })

  it.each([...conversations])('go on all month: %s', (_, messages) => {
    const third = (worldEnd - worldStart) / 3
    for (const part of [0, 1, 2]) {
      const from = worldStart + part * third
      expect(messages.filter(({ at }) => at >= from && at < from + third).length).toBeGreaterThan(1)
    }
  })

  it('stay in the order in which they were written, whatever the seed says of their pauses', () => {
    const texts = (seed: string) =>
      conversationsOf(builtinWorld(seed, personas.length).messages.map((message) => ({ ...message, at: 0 })))
    const other = texts('other')
    for (const [pair, messages] of texts('1')) expect(other.get(pair)).toEqual(messages)
    const times = (seed: string) => builtinWorld(seed, personas.length).messages.map(({ at }) => at)
    expect(times('other')).not.toEqual(times('1'))
  })

  it('give the target at least five partners, of different kinds, and who has left a partner only one', () => {
    expect(role.get(world.target)).toBe('careless burglar')
    const partners = [...partnersOf(world.target)]
    expect(partners.length).toBeGreaterThanOrEqual(5)
    expect(new Set(partners.map((name) => role.get(name))).size).toBe(partners.length)
    expect([...partnersOf('ines')]).toEqual(['tove'])
    expect([...partnersOf('heron')]).toEqual(['mara'])
  })

  it('have the journalist and the source verified, and a part of the activists', () => {
    const verified = new Set(world.verified.map((pair) => [...pair].sort().join(' ')))
    expect(verified.has('heron mara')).toBe(true)
    const activists = [...conversations.keys()].filter((pair) =>
      pair.split(' ').every((name) => role.get(name)?.startsWith('activist')),
    )
    const share = activists.filter((pair) => verified.has(pair)).length
    expect(share).toBeGreaterThan(0)
    expect(share).toBeLessThan(activists.length)
  })
})

describe('those who do not want to be read', () => {
  const seeds = Array.from({ length: 40 }, (_, i) => `a world ${i}`)
  const worlds = [...seeds.map((seed) => builtinWorld(seed, personas.length)), world]

  it('are pairs who write to each other, one in eight and each way at least once, and none of the target', () => {
    for (const { evading, messages, target } of worlds) {
      const pairs = conversationsOf(messages)
      expect(evading).toHaveLength(Math.max(3, Math.round(pairs.size / 8)))
      expect(new Set(evading.map(({ by }) => by)).size).toBe(3)
      for (const { between } of evading) {
        expect(pairs.has([...between].sort().join(' '))).toBe(true)
        expect(between).not.toContain(target)
      }
    }
  })

  it('are drawn from everybody: burglars and innocent people, in different worlds different ones', () => {
    const drawn = worlds.flatMap(({ evading }) => evading.map(({ between }) => [...between].sort().join(' ')))
    expect(new Set(drawn).size).toBeGreaterThan(15)
    const ofBurglars = drawn.filter((pair) => pair.split(' ').every((name) => role.get(name)?.includes('burglar')))
    expect(ofBurglars.length).toBeGreaterThan(0)
    expect(ofBurglars.length).toBeLessThan(drawn.length / 2)
    expect(builtinWorld('1').evading).toEqual(world.evading)
  })
})

describe('the burglars', () => {
  it('can be compared with the one whom the order names: as many messages, on the same days', () => {
    const schedule = (pair: string) =>
      conversations.get(pair)?.map(({ at }) => Math.floor((at - worldStart) / 86_400_000)) ?? []
    const complying = schedule('jay rook')
    expect(complying).toHaveLength(20)
    for (const pair of ['magpie wren', 'finch swift', 'crow starling']) expect(schedule(pair)).toEqual(complying)
  })
})
