import { hex } from '../../../crypto/bytes.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Relay } from '../../../server/api.ts'
import type { JoinMode } from '../../device/policies.ts'
import type { Supply } from '../../device/prekeys.ts'
import { type Actor, enter, sameNumber } from './actor.ts'
import { evasionIn } from '../world/evasion.ts'
import { pair } from '../world/pair.ts'
import type { World } from '../world/world.ts'

/** Everybody beyond that looks in before their prekeys expire: nobody could write to them after that. */
const absentAtMostMs = 60 * 24 * 3600 * 1000

/** All the people of a world with their devices, and what they do besides speaking. */
export interface Town {
  readonly actors: ReadonlyMap<string, Actor>
  actor(name: string): Actor
  /** A turn for each, and more for whoever then has an answer or mail before them. */
  settle(those: readonly Actor[]): Promise<void>
  /** Somebody has mail to come. */
  expect(name: string): void
  isExpecting(): boolean
  /** All who have mail collect it; a switch is heard of with the next mail, or before the next word. */
  collect(): Promise<void>
  /**
   * Whether two may write to each other: they have not compared safety numbers, or it was the same number. Those who
   * compare do so before they first write; all others accept a changed key when they are told of one: an assumption.
   */
  mayWrite(one: Actor, other: Actor): Promise<boolean>
  /** people who found another number */
  readonly warned: ReadonlySet<string>
}

export async function createTown(
  world: Pick<World, 'people' | 'verified' | 'evading'>,
  supplyOf: (name: string) => Supply,
  relay: Relay,
  joinMode: JoinMode,
  random: Random,
  clock: () => number,
): Promise<Town> {
  const actors = new Map<string, Actor>()
  const evasion = evasionIn(world)
  for (const person of world.people) {
    const evades = (other: string) => evasion(person.name, other)
    actors.set(person.name, await enter(person, relay, joinMode, supplyOf(person.name), evades, random, clock))
  }
  const begun = clock()
  /** when each was last seen */
  const seen = new Map<Actor, number>()
  /** people who have been written to since they last collected */
  const expecting = new Set<string>()
  const compare = new Set(world.verified.map(([one, other]) => pair(one, other)))
  const toCompare = new Set(compare)
  const estranged = new Set<string>()
  const warned = new Set<string>()

  function actor(name: string): Actor {
    const known = actors.get(name)
    if (!known) throw new Error(`${name} is not in this world`)
    return known
  }

  async function settle(those: readonly Actor[]): Promise<void> {
    for (const one of those) {
      seen.set(one, clock())
      expecting.delete(one.person.name)
    }
    let due = those
    for (let quiet = 0; quiet < 2;) {
      const accepting = new Set<Actor>()
      for (const one of due) {
        await one.link.turn()
        if (acceptChanges(one)) accepting.add(one)
      }
      await new Promise(setImmediate)
      due = those.filter((one) => accepting.has(one) || one.link.hasNews())
      quiet = due.length > 0 || those.some(({ link }) => link.isWaiting()) ? 0 : quiet + 1
    }
  }

  function acceptChanges({ device, shown, person: { name } }: Actor): boolean {
    const changed = device.contacts.changed().filter((user) => !compare.has(pair(name, user)))
    for (const user of changed) {
      for (const { id } of device.contacts.get(user)?.list.devices ?? []) shown.add(hex(id))
      device.acceptChange(user)
    }
    return changed.length > 0
  }

  async function compareNumbers(one: Actor, other: Actor): Promise<void> {
    const [name, otherName] = [one.person.name, other.person.name]
    // each has heard of the policy in force before the directory's answer is taken for what that policy says
    await settle([one, other])
    await one.lookUp(otherName)
    await other.lookUp(name)
    const [ours, theirs] = [one.numberWith(otherName), other.numberWith(name)]
    if (ours && theirs && sameNumber(ours, theirs)) {
      one.device.contacts.verify(otherName)
      other.device.contacts.verify(name)
      return
    }
    estranged.add(pair(name, otherName))
    warned.add(name).add(otherName)
  }

  const showsChange = ({ device }: Actor, { person: { name } }: Actor) => device.contacts.changed().includes(name)

  return {
    actors,
    actor,
    settle,
    warned,
    expect: (name) => void expecting.add(name),
    isExpecting: () => expecting.size > 0,
    async collect() {
      const absent = [...actors.values()].filter((one) => (seen.get(one) ?? begun) + absentAtMostMs <= clock())
      await settle([...new Set([...[...expecting].map(actor), ...absent])])
    },
    async mayWrite(one, other) {
      const names = pair(one.person.name, other.person.name)
      if (!compare.has(names)) return true
      if (toCompare.delete(names)) await compareNumbers(one, other)
      return !estranged.has(names) && !showsChange(one, other) && !showsChange(other, one)
    },
  }
}
