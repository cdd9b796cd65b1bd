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
  const evaders = personas.filter(({ evades }) => evades !== null)

  it('are a careful and a careless one for each way there is, and write only to each other', () => {
    expect(evaders.map(({ evades, role }) => `${evades}: ${role}`).sort()).toEqual(
      ['encrypt first', 'foreign client', 'garbage stanzas'].flatMap((way) => [
        `${way}: careful burglar`,
        `${way}: careless burglar`,
      ]),
    )
    for (const { name, evades } of evaders) {
      const [partner, ...others] = partnersOf(name)
      expect(others).toEqual([])
      expect(evaders.find(({ name }) => name === partner)?.evades).toBe(evades)
    }
  })

  it('can be compared with those who comply: as many messages, on the same days', () => {
    const schedule = (pair: string) =>
      conversations.get(pair)?.map(({ at }) => Math.floor((at - worldStart) / 86_400_000)) ?? []
    const complying = schedule('jay rook')
    expect(complying).toHaveLength(20)
    for (const pair of ['magpie wren', 'finch swift', 'crow starling']) expect(schedule(pair)).toEqual(complying)
  })
})
