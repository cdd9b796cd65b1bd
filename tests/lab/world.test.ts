import { describe, expect, it } from 'vitest'
import { visibleLines } from '../../client/words/visible.ts'
import { backgroundNames } from '../../client/lab/world/background.ts'
import { builtinWorld, personas } from '../../client/lab/world/builtin.ts'
import { worldDays, worldEnd, worldStart } from '../../client/lab/world/calendar.ts'
import { draws } from '../../client/lab/world/draws.ts'
import { acquaintances } from '../../client/lab/world/graph.ts'
import type { Utterance, World } from '../../client/lab/world/world.ts'
import { utf8 } from '../../crypto/bytes.ts'
import { textMaximumBytes } from '../../crypto/content.ts'
import { isName } from '../../crypto/identity.ts'
import { conversationsOf, pairOf } from '../support/conversations.ts'

const day = 86_400_000
/** under `15` some talk past the end of the month, were they let */
const seeds = ['1', '15', 'a room in March']
const worlds = seeds.map((seed) => builtinWorld(seed))
const [world] = worlds as [World]

const conversations = conversationsOf(world.messages)
const between = (one: string, other: string) => conversations.get([one, other].sort().join(' ')) ?? []
const dayOf = ({ at }: Utterance) => Math.floor((at - worldStart) / day)
const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

describe('the built-in world', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(builtinWorld('1')).toEqual(world)
    expect(worlds[1]?.messages).not.toEqual(world.messages)
    expect(worlds[1]?.people).not.toEqual(world.people)
  })

  it.each(worlds)(
    'holds 3,000 to 4,500 messages of 300 people in 30 days, in order ($name)',
    ({ people, messages }) => {
      expect(people).toHaveLength(300)
      expect(messages.length).toBeGreaterThan(3000)
      expect(messages.length).toBeLessThan(4500)
      expect(messages.map(({ at }) => at)).toEqual(messages.map(({ at }) => at).sort((a, b) => a - b))
      expect(messages.every(({ at }) => Number.isSafeInteger(at) && at >= worldStart && at < worldEnd)).toBe(true)
      expect((worldEnd - worldStart) / day).toBe(30)
      expect(new Date(worldStart).toISOString()).toBe('2026-03-02T00:00:00.000Z')
    },
  )

  it('grows with its people, from those of the stories to many', () => {
    expect(builtinWorld('1', personas.length).people).toEqual(personas)
    const many = builtinWorld('1', 1000)
    expect(many.people).toHaveLength(1000)
    expect(new Set(many.messages.map(({ text }) => text)).size).toBe(many.messages.length)
    const names = backgroundNames(10_000, '1')
    expect(new Set(names).size).toBe(10_000)
    expect(names.filter((name) => !isName(name))).toEqual([])
    for (const people of [personas.length - 1, 99.5])
      expect(() => builtinWorld('1', people)).toThrow(`at least the ${personas.length} people`)
  })

  it.each(worlds)('says no text twice, and none that a device would refuse ($name)', ({ messages }) => {
    expect(new Set(messages.map(({ text }) => text)).size).toBe(messages.length)
    for (const { text } of messages) {
      expect(text.isWellFormed() && text.trim() === text && text !== '').toBe(true)
      expect(utf8(text).length).toBeLessThanOrEqual(textMaximumBytes)
    }
  })

  it.each(worlds)('can be shown to a room: nothing unseen, no slot left open, no number to ring ($name)', (world) => {
    for (const { text } of world.messages) {
      expect(visibleLines(text).join('\n')).toBe(text)
      expect(text).not.toMatch(/^\+|[{}@]|https?:|undefined|\d{3}/)
    }
    expect(world.quotable).toBe(true)
  })

  it.each(worlds)('has people with names of their own, who write to others that there are ($name)', (world) => {
    const names = new Set(world.people.map(({ name }) => name))
    expect(names.size).toBe(world.people.length)
    expect([...names].filter((name) => !isName(name))).toEqual([])
    expect(world.messages.filter(({ from, to }) => from === to || !names.has(from) || !names.has(to))).toEqual([])
    expect(world.messages.reduce((heard, { from, to }) => heard.add(from).add(to), new Set<string>()).size).toBe(
      names.size,
    )
  })

  it('has short, long and many-lined texts, and not only ASCII', () => {
    const texts = world.messages.map(({ text }) => text)
    const sizes = texts.map((text) => utf8(text).length)
    expect(Math.min(...sizes)).toBeLessThan(4)
    expect(Math.max(...sizes)).toBeGreaterThan(600)
    for (const kind of [/\n/, /\p{Emoji_Presentation}/u, /[ŁŽŞźěřéø]/u])
      expect(texts.filter((text) => kind.test(text)).length).toBeGreaterThan(3)
  })
})

describe('chance', () => {
  it('is the same on every machine', () => {
    const { below } = draws('1')
    expect(Array.from({ length: 6 }, () => below(1000))).toEqual([196, 963, 312, 236, 288, 445])
  })
})

describe('the background', () => {
  it('makes some people known far more widely than chance alone would', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `p${i}`)
    const count = new Map<string, number>()
    for (const name of acquaintances(names, draws('a')).flat()) count.set(name, (count.get(name) ?? 0) + 1)
    // without those whom many know being met more often, the most that anybody has is about 20
    expect(Math.max(...count.values())).toBeGreaterThan(40)
  })

  const people = world.people.map(({ name }) => name)
  const degrees = people.map(
    (name) => [...conversations.keys()].filter((pair) => pair.split(' ').includes(name)).length,
  )

  it('is a small world: a few know many, most know few, and friends have friends in common', () => {
    expect(Math.max(...degrees)).toBeGreaterThanOrEqual(10)
    expect(median(degrees)).toBeLessThanOrEqual(3)
    const known = (name: string) => people.filter((other) => conversations.has([name, other].sort().join(' ')))
    let [closed, open] = [0, 0]
    for (const name of people) {
      const friends = known(name)
      for (const [i, one] of friends.entries())
        for (const other of friends.slice(i + 1))
          if (between(one, other).length > 0) closed += 1
          else open += 1
    }
    // by chance alone it would be as many as there are pairs among all: one in a hundred
    expect(closed / (closed + open)).toBeGreaterThan(0.05)
  })

  it('sleeps at night and talks most in the evening', () => {
    const within = (from: number, to: number) =>
      world.messages.filter(({ at }) => new Date(at).getUTCHours() >= from && new Date(at).getUTCHours() < to).length
    expect(within(1, 5)).toBeLessThan(world.messages.length / 200)
    expect(within(17, 22)).toBeGreaterThan(world.messages.length / 3)
  })

  it('has pairs who begin early and go on, others who begin on almost every day, and some who never get an answer', () => {
    const pairs = [...conversations.values()]
    const first = pairs.map(([message]) => dayOf(message as Utterance))
    expect(first.filter((day) => day < 6).length).toBeGreaterThan(pairs.length / 3)
    expect(first.filter((day) => day >= 20).length).toBeGreaterThan(pairs.length / 10)
    expect(new Set(first).size).toBeGreaterThan(worldDays - 5)
    const lasting = pairs.filter(
      (messages) => dayOf(messages[0] as Utterance) < 6 && dayOf(messages.at(-1) as Utterance) >= 20,
    )
    expect(lasting.length).toBeGreaterThan(50)
    const alone = pairs.filter((messages) => new Set(messages.map(({ from }) => from)).size === 1)
    expect(alone.length).toBeGreaterThan(20)
    expect(alone.length).toBeLessThan(pairs.length / 5)
  })

  it('talks in bursts: most messages follow another of the same two within five minutes', () => {
    const follows = [...conversations.values()].flatMap((messages) =>
      messages.map(({ at }, i) => i > 0 && at - (messages[i - 1] as Utterance).at < 300_000),
    )
    expect(follows.filter(Boolean).length).toBeGreaterThan(follows.length / 2)
  })

  it.each(worlds)('has about a tenth of its pairs verified, each once, and all of them write ($name)', (world) => {
    const pairs = conversationsOf(world.messages)
    const verified = world.verified.map(([from, to]) => pairOf({ from, to }))
    expect(new Set(verified).size).toBe(verified.length)
    expect(verified.filter((pair) => !pairs.has(pair))).toEqual([])
    expect(verified.length / pairs.size).toBeGreaterThan(0.09)
    expect(verified.length / pairs.size).toBeLessThan(0.11)
  })
})
