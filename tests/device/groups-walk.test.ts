import { describe, expect, it } from 'vitest'
import type { Step } from '../support/world-wire.ts'
import { acquaint, circle, membersAt, saidTo, untilMembers, untilOneNumber } from '../support/group-world.ts'
import { isLong } from '../support/long.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld, type Person } from '../support/world.ts'

const steps: readonly Step[] = ['connect', 'devices', 'bundle', 'submit', 'acknowledge', 'sent', 'policies']
const seeds = Array.from({ length: isLong ? 20 : 2 }, (_, i) => `group walk ${i + 1}`)
const stepsInAll = 50

describe('a group, while connections break off and programs start again', () => {
  it.each(seeds)('says the same to all who stay, once and in order: %s', async (seed) => {
    const world = await createWorld(seed)
    const names = ['alice', 'bob', 'carol', 'dora']
    const people = await Promise.all(names.map((name) => world.join(name)))
    for (const person of people) await person.goOnline()
    const [alice, bob, carol, dora] = people as [Person, Person, Person, Person]
    const again = await world.link(carol)
    await again.goOnline()
    const peer = await circle(alice, [bob, carol, dora])
    alice.device.groups.change(peer, { kind: 'promote', user: 'bob' })
    for (const person of [bob, carol, dora, again]) await untilMembers(person, peer, names)
    await acquaint(bob, [dora])

    const random = seededRandom(`${seed}, steps`)
    const upTo = (n: number) => (random(1)[0] ?? 0) % n
    const one = <T>(some: readonly T[]): T => some[upTo(some.length)] as T
    const all = [alice, bob, carol, dora, again]
    const isIn = (person: Person) => person.device.groups.get(peer)?.isOurs ?? false
    let written = 0
    for (let i = 0; i < stepsInAll; i++) {
      const person = one(all)
      const deed = upTo(10)
      if (deed < 5 && isIn(person)) person.write(peer, `${(written += 1)} by ${person.name}`)
      else if (deed === 5) person.wire.cutAt(one(steps), one(['before', 'after'] as const))
      else if (deed === 6) {
        await person.restart()
        await person.goOnline()
      } else if (deed === 7) person.wire.cut()
      else if (deed === 8) tryTo(() => one([alice, bob]).device.groups.change(peer, { kind: 'rename', title: `T${i}` }))
      else
        tryTo(() =>
          one([alice, bob]).device.groups.change(peer, { kind: one(['add', 'remove'] as const), user: 'dora' }),
        )
      await new Promise(setImmediate)
    }
    const staying = [alice, bob, carol, again]
    for (const person of staying) person.write(peer, `the last of ${person.home}`)
    const lastWords = staying.map(({ home }) => `the last of ${home}`)
    for (const person of staying)
      await person.until('for the last words', () => {
        const texts = new Set([...person.received(peer), ...person.written(peer)].map(({ text }) => text))
        return lastWords.every((text) => texts.has(text))
      })
    for (const person of staying)
      await person.until('for the same people', () => membersAt(person, peer).join() === membersAt(alice, peer).join())
    // a title, or a change that was made again, may still be on its way when all have said their last
    await untilOneNumber(peer, alice, bob, carol, again)
    /** What somebody has seen of all who stay, by writer. */
    const seen = (person: Person) =>
      ['alice', 'bob', 'carol'].map((name) => {
        const own = person.name === name ? person.written(peer) : []
        const theirs = person.received(peer).filter(({ author }) => author === name)
        return [...own, ...theirs].map(({ text }) => text)
      })
    const [ofAlice, ...others] = staying.map(seen)
    const sorted = (lists: readonly (readonly string[])[] = []) => lists.map((list) => [...list].sort())
    for (const other of others) expect(sorted(other)).toEqual(sorted(ofAlice))
    // carol writes on two devices; of everybody else the order is one
    expect(others.map((lists) => lists.slice(0, 2))).toEqual(others.map(() => ofAlice?.slice(0, 2)))
    for (const person of staying) {
      expect(new Set(saidTo(person, peer)).size).toBe(saidTo(person, peer).length)
      expect(person.notices('group').filter(({ text }) => text.startsWith('differs'))).toEqual([])
    }
  })
})

/** Whoever was added already, or is gone already, is not added or removed again. */
function tryTo(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ClientError') throw error
  }
}
