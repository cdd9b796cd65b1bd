import { none, type RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { joinMode } from '../../../crypto/access/index.ts'
import { backgroundNames } from '../world/background.ts'
import { worldStart } from '../world/calendar.ts'
import { type Draws, draws, shuffled } from '../world/draws.ts'
import { acquaintances, type Pair } from '../world/graph.ts'
import { createTalk } from '../world/phrases/talk.ts'
import { supplyFor } from './actor.ts'
import { foundGroup, strangers } from './circle.ts'
import { putInForce } from './operator.ts'
import { seededRandom } from './random.ts'
import { openRecordingRelay } from './recording-relay.ts'
import { createTown } from './town.ts'

/** People who talk in pairs and in groups through one server, with no access mode. */
export interface MixedPlayed {
  readonly people: readonly string[]
  /** who is in each group: what an observer of envelopes would like to know */
  readonly groups: readonly (readonly string[])[]
  readonly archive: readonly RecordedEnvelope[]
}

/** What happens at one moment: somebody writes. */
type Event =
  | { readonly kind: 'to one'; readonly from: string; readonly to: string }
  | { readonly kind: 'to a group'; readonly from: string; readonly group: number }
  /** the same text to several people, who are no group */
  | { readonly kind: 'to several'; readonly from: string; readonly to: readonly string[] }
  /** different texts to several people, written while there was no connection, that go out together */
  | { readonly kind: 'at once'; readonly from: string; readonly to: readonly string[] }

export const mixedPeople = 20
const groupCount = 4
const minuteMs = 60_000

/** @param seed draws who knows whom, who is in which group, and who writes when */
export async function playMixed(seed: string): Promise<MixedPlayed> {
  const people = backgroundNames(mixedPeople, `${seed} mixed`)
  const chance = draws(`${seed} mixed`)
  const known = acquaintances(people, chance)
  const groups = Array.from({ length: groupCount }, () => shuffled(people, chance).slice(0, 3 + chance.below(4)))
  const random = seededRandom(`${seed} mixed`)
  let now = worldStart
  const clock = () => now
  const { relay, archive } = await openRecordingRelay(people.length, random, clock)
  const town = await createTown(strangers(people), () => supplyFor(people.length / 2), relay, joinMode, random, clock)
  await putInForce(relay, none, random)
  const { monologue } = createTalk(new Set())
  const text = () => monologue(chance)[0]?.[1] ?? ''
  const settle = (names: readonly string[]) => town.settle(names.map((name) => town.actor(name)))

  const peers: string[] = []
  for (const members of groups) {
    now += (1 + chance.below(600)) * minuteMs
    peers.push(await foundGroup(town, members))
    await settle(members)
  }
  for (const event of eventsOf(known, groups, chance)) {
    now += (1 + chance.below(90)) * minuteMs
    const { device } = town.actor(event.from)
    if (event.kind === 'to one') device.write(event.to, text())
    else if (event.kind === 'to a group') device.write(peers[event.group] ?? '', text())
    else if (event.kind === 'to several') device.sendToMany(event.to, text())
    else for (const to of event.to) device.write(to, text())
    await settle([event.from, ...reachedBy(event, groups)])
  }
  for (const actor of town.actors.values()) actor.leave()
  return { people, groups, archive }
}

const reachedBy = (event: Event, groups: MixedPlayed['groups']): readonly string[] => {
  if (event.kind === 'to one') return [event.to]
  return event.kind === 'to a group' ? (groups[event.group] ?? []) : event.to
}

/** In an order that is drawn: each group says two to eight things, each pair one to five; and each of a few writes to several. */
function eventsOf(known: readonly Pair[], groups: readonly (readonly string[])[], chance: Draws): readonly Event[] {
  const { below, pick } = chance
  const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make)
  const friends = (name: string) =>
    known.flatMap(([one, other]) => (one === name ? [other] : other === name ? [one] : []))
  const many = shuffled(
    [...new Set(known.flat())].filter((name) => friends(name).length >= 3),
    chance,
  ).slice(0, 5)
  return shuffled(
    [
      ...groups.flatMap((members, group) =>
        times(2 + below(7), (): Event => ({ kind: 'to a group', from: pick(members), group })),
      ),
      ...known.flatMap(([one, other]) =>
        times(1 + below(5), (): Event =>
          below(2) === 0 ? { kind: 'to one', from: one, to: other } : { kind: 'to one', from: other, to: one },
        ),
      ),
      ...many.flatMap((from): readonly Event[] => [
        { kind: 'to several', from, to: friends(from) },
        { kind: 'at once', from, to: shuffled(friends(from), chance).slice(0, 3) },
      ]),
    ],
    chance,
  )
}
