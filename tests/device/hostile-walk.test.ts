import { describe, expect, it } from 'vitest'
import { equal } from '../../crypto/bytes.ts'
import { at } from '../support/at.ts'
import { below, seededRandom } from '../support/random.ts'
import { createWorld, type Person } from '../support/world.ts'
import { hostileRelay, stubborn } from '../support/world-hostile.ts'
import { watchPlaces } from '../support/world-places.ts'

/** For a long run: `DOORMAT_HOSTILE_SEEDS=100 DOORMAT_HOSTILE_STEPS=1000 npx vitest run tests/device/hostile-walk`. */
const seeds = Number(process.env['DOORMAT_HOSTILE_SEEDS'] ?? 1)
const steps = Number(process.env['DOORMAT_HOSTILE_STEPS'] ?? 120)

const hourMs = 3600 * 1000
/**
 * Rounds of everybody saying something, an hour apart, after which all must have been heard. Three do in most walks. Where the
 * relay had handed out a one-time key twice, the second session with it opens nothing, and its sender, who gets no answer in it,
 * begins another after a day.
 */
const roundsMaximum = 26
const turnsOfARound = 25

describe('a relay that does all of this at once', () => {
  it.each(Array.from({ length: seeds }, (_, i) => i + 1))(
    'shows nothing twice, nothing that was not said, uses no place twice, and is forgotten once it is honest (seed %i)',
    async (seed) => {
      const world = await createWorld(`a hostile relay ${seed}`, { graceMs: 0 })
      const random = seededRandom(`what a hostile relay does ${seed}`)
      const people = [await world.join('alice'), await world.join('bob'), await world.join('carol')]
      const places = people.map(watchPlaces)
      const { round, disconnect, stop } = stubborn(world, people)
      const relay = hostileRelay(world, people, random)
      const pick = <T>(list: readonly T[]): T => at(list, below(list.length, random))
      const pairs = people.flatMap((from) => people.filter((to) => to !== from).map((to) => [from, to] as const))
      const said = (from: Person, to: Person) => from.written(to.name).map(({ text }) => text)

      /** People look at the account keys that have turned up, and compare them side by side. */
      const look = ({ device }: Person) => {
        for (const { user, changed } of device.contacts.all()) {
          const known = people.find(({ name }) => name === user)?.device.self.list.accountKey
          if (changed && known && equal(changed.accountKey, known)) device.acceptChange(user)
          else if (changed) device.refuseChange(user)
        }
      }

      for (let step = 0; step < steps; step++) {
        const [from, to] = pick(pairs)
        from.write(to.name, `${from.name} to ${to.name}, ${step}`)
        relay.disturb()
        if (below(20, random) === 0) await (below(2, random) === 0 ? world.switchOn() : world.switchOff())
        if (below(15, random) === 0) {
          disconnect(to)
          await to.restart()
        }
        if (below(5, random) === 0) people.forEach(look)
        world.later(below(60_000, random))
        await round()
      }

      relay.beHonest()
      people.forEach(disconnect)
      const isHeard = (text: string) => pairs.every(([from, to]) => to.texts(from.name).includes(text))
      const last = (n: number) => `the relay is honest, ${n}`
      let rounds = 0
      for (; rounds < roundsMaximum && !(rounds > 0 && isHeard(last(rounds))); rounds++) {
        world.later(hourMs + 1)
        people.forEach(look)
        for (const [from, to] of pairs) from.write(to.name, last(rounds + 1))
        for (let turn = 0; turn < turnsOfARound; turn++) {
          world.later(11_000)
          await round()
        }
      }
      stop()

      for (const [from, to] of pairs) {
        const shown = to.texts(from.name)
        expect(new Set(shown).size, `${from.name} to ${to.name}, once each`).toBe(shown.length)
        expect(said(from, to)).toEqual(expect.arrayContaining([...shown]))
        expect(shown, `${from.name} to ${to.name}`).toContain(last(rounds))
      }
      for (const { reused } of places) expect(reused()).toEqual([])
    },
  )
})
