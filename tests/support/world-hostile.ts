import { CryptoError } from '../../crypto/errors.ts'
import { createAccount } from '../../crypto/identity.ts'
import type { Random } from '../../crypto/random.ts'
import { ClientError } from '../../client/device/errors.ts'
import { type Link, openLink } from '../../client/device/link.ts'
import { type DeviceAddress, RelayError, type RelayErrorCode, type SentCounter } from '../../server/api.ts'
import { at } from './at.ts'
import { turned } from './opening.ts'
import { below } from './random.ts'
import type { Person, World } from './world.ts'

interface Passed {
  readonly from: DeviceAddress
  readonly envelope: Uint8Array
}

const refusals: readonly RelayErrorCode[] = [
  'policy-stale',
  'out-of-order',
  'mailbox-full',
  'too-many',
  'unknown-device',
  'internal',
  'bad-envelope',
  'policy-unknown',
  'unreachable',
]

/** A relay that does to everybody, as its seed has it, whatever a relay can do; until it is told to be honest. */
export function hostileRelay({ random: worlds }: World, people: readonly Person[], random: Random) {
  let honest = false
  const passed: Passed[] = []
  const held = new Map<Person, Passed[]>()
  const seen = { lists: [] as Uint8Array[], bundles: [] as Uint8Array[], links: [] as Uint8Array[] }

  const pick = <T>(list: readonly T[]): T => at(list, below(list.length, random))
  const oneIn = (times: number) => !honest && below(times, random) === 0
  const garbage = () => random(1 + below(400, random))

  function route(person: Person, delivery: Passed): readonly Passed[] {
    passed.push(delivery)
    if (honest || below(2, random) === 0) return [delivery]
    const [waiting, other] = [held.get(person) ?? [], pick(people)]
    const { from, envelope } = delivery
    const ways: readonly (() => readonly Passed[])[] = [
      () => [],
      () => [delivery, delivery],
      () => (held.set(person, [...waiting, delivery]), []),
      () => (held.delete(person), [delivery, ...waiting.toReversed()]),
      () => (other.wire.inject(from, envelope), []),
      () => [{ from: other.address, envelope }, delivery],
      () => [{ from, envelope: turned(envelope, below(8 * envelope.length, random)) }, delivery],
      () => [delivery, pick(passed)],
      () => [{ from, envelope: garbage() }, delivery],
    ]
    return pick(ways)()
  }

  /** Now and then something else in the place of the truth: what was said before, or nonsense. */
  function instead(truth: Uint8Array, before: Uint8Array[], other: () => Uint8Array): Uint8Array {
    before.push(truth)
    return oneIn(6) ? pick([() => pick(before), garbage, other])() : truth
  }

  function aboutSent(truth: readonly SentCounter[]): readonly SentCounter[] {
    if (!oneIn(4)) return truth
    return pick([
      () => [],
      () => truth.map((one) => ({ ...one, counter: one.counter + 1 })),
      () => truth.map((one) => ({ ...one, digest: random(32) as SentCounter['digest'] })),
    ])()
  }

  for (const person of people) {
    const { wire } = person
    wire.route = (delivery) => route(person, delivery)
    wire.refuses = () => (oneIn(8) ? new RelayError(pick(refusals), 'a lie') : null)
    wire.lies.devices = (truth: Uint8Array) =>
      instead(truth, seen.lists, () => createAccount(pick(people).name, worlds).signedList)
    wire.lies.bundle = (truth: Uint8Array) => instead(truth, seen.bundles, garbage)
    wire.lies.sent = aboutSent as never
    wire.lies.policies = (truth: readonly Uint8Array[]) => (oneIn(8) ? [...truth, garbage()] : truth)
  }

  return {
    /** Ends a connection, or keeps news of the policy back for a while. */
    disturb(): void {
      const { wire } = pick(people)
      if (oneIn(3)) wire.cutAt(pick(['submit', 'submit', 'acknowledge', 'bundle', 'sent']), pick(['before', 'after']))
      wire.tellsPolicy = !oneIn(4)
    },
    beHonest(): void {
      honest = true
      for (const { wire } of people) wire.tellsPolicy = true
    },
  }
}

const isFault = (error: unknown): boolean =>
  error instanceof CryptoError || error instanceof RelayError || error instanceof ClientError

/** Lets people work turn by turn, whatever their relay does: what is no fault of the relay is thrown. */
export function stubborn(world: World, people: readonly Person[]) {
  const links = new Map<Person, Link>()

  async function turn(person: Person): Promise<void> {
    try {
      const known = links.get(person)
      if (known) return void (await known.turn())
      const link = await openLink(person.device, person.wire, person.random, world.clock)
      links.set(person, link)
      await link.begin()
    } catch (error) {
      if (!isFault(error)) throw error
      disconnect(person)
    }
  }

  function disconnect(person: Person): void {
    links.get(person)?.close()
    links.delete(person)
  }

  return {
    disconnect,
    async round(): Promise<void> {
      for (const person of people) await turn(person)
      // the relay commits at the next turn of the event loop, and answers in the one after
      for (let i = 0; i < 2; i++) await new Promise(setImmediate)
    },
    stop: () => people.forEach(disconnect),
  }
}
