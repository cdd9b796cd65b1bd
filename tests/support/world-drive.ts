import { type Link, openLink } from '../../client/device/link.ts'
import { RelayError } from '../../server/api.ts'
import { Crash } from './world-crash.ts'
import type { Person, World } from './world.ts'

const roundsMaximum = 400

/** Lets people work turn by turn, without waiting for any clock: connected anew after a cut, restarted after a crash. */
export function driver(world: World, people: readonly Person[], restart: (person: Person) => Promise<void>) {
  const links = new Map<Person, Link>()

  function disconnect(person: Person): void {
    links.get(person)?.close()
    links.delete(person)
  }

  /** Does something on a person's device; again after a crash, as somebody would who does not know how far it got. */
  async function certainly<T>(person: Person, work: () => T | Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        disconnect(person)
        if (error instanceof Crash) await restart(person)
        else if (!(error instanceof RelayError && error.code === 'unreachable')) throw error
      }
    }
  }

  async function turn(person: Person): Promise<void> {
    const known = links.get(person)
    if (known) return void (await known.turn())
    const link = await openLink(person.device, person.wire, person.random, world.clock)
    links.set(person, link)
    await link.begin()
  }

  return {
    certainly,
    /** @throws Error when it does not come to that */
    async until(what: string, reached: () => boolean): Promise<void> {
      for (let round = 0; !reached(); round++) {
        if (round > roundsMaximum) throw new Error(`waited in vain: ${what}`)
        for (const person of people) await certainly(person, () => turn(person))
        // the relay commits at the next turn of the event loop, and answers in the one after
        for (let i = 0; i < 2; i++) await new Promise(setImmediate)
      }
    },
    stop: () => people.forEach(disconnect),
  }
}
