import { none, type RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { equal, hex } from '../../../crypto/bytes.ts'
import { joinMode } from '../../../crypto/access/index.ts'
import { backgroundNames } from '../world/background.ts'
import { worldStart } from '../world/calendar.ts'
import { type Draws, draws, shuffled } from '../world/draws.ts'
import { acquaintances, type Pair } from '../world/graph.ts'
import { somePicture } from '../world/files.ts'
import type { WorldFile } from '../world/world.ts'
import { createTalk } from '../world/phrases/talk.ts'
import { supplyFor } from './actor.ts'
import { foundGroup, strangers } from './circle.ts'
import { putInForce } from './operator.ts'
import { seededRandom } from './random.ts'
import { openRecordingRelay } from './recording-relay.ts'
import { saved } from './saved.ts'
import { createTown } from './town.ts'

/** People who talk in pairs and in groups through one server, with no access mode. */
export interface MixedPlayed {
  readonly people: readonly string[]
  /** who is in each group: what an observer of envelopes would like to know */
  readonly groups: readonly (readonly string[])[]
  readonly archive: readonly RecordedEnvelope[]
  /** what was sent with a file; nothing in a world without any */
  readonly uploads: readonly Upload[]
  /** every file that a recipient has fetched from the relay, each once, and found to be what was sent */
  readonly fetches: readonly Fetch[]
}

/** A file as the relay takes it, and whom its message was for. */
export interface Upload {
  /** the blob's id, in hexadecimal */
  readonly blob: string
  readonly from: string
  readonly to: readonly string[]
  /** simulated time at which its message went out */
  readonly at: number
  /** of the file */
  readonly sizeBytes: number
}

export interface Fetch {
  readonly blob: string
  readonly by: string
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

/**
 * @param seed draws who knows whom, who is in which group, and who writes when
 * @param withFiles whether a picture goes with everything that is said to one person or to one group, and all who get it fetch it
 */
export async function playMixed(seed: string, withFiles = false): Promise<MixedPlayed> {
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

  const drawing = draws(`${seed} mixed files`)
  const uploads: Upload[] = []
  const fetches: Fetch[] = []
  const files = new Map<string, WorldFile>()
  /** how far the history of each has been looked through */
  const seen = new Map<string, number>()

  async function say(from: string, peer: string, to: readonly string[]): Promise<void> {
    const sender = town.actor(from)
    if (!withFiles) return void sender.device.write(peer, text())
    const file = somePicture(uploads.length, drawing)
    const blob = await sender.writeFile(peer, text(), file)
    files.set(blob, file)
    uploads.push({ blob, from, to, at: now, sizeBytes: file.bytes.length })
  }

  async function fetchAll(by: string): Promise<void> {
    const { history } = town.actor(by).device
    for (const entry of history.after(seen.get(by) ?? 0, null, 10_000)) {
      seen.set(by, entry.row)
      if (entry.kind !== 'message' || entry.direction !== 'in' || !entry.attachment) continue
      const blob = hex(entry.attachment.blob)
      if (!equal(await saved(relay, entry.attachment), files.get(blob)?.bytes ?? new Uint8Array()))
        throw new Error('a file that nobody sent')
      fetches.push({ blob, by })
    }
  }

  const peers: string[] = []
  for (const members of groups) {
    now += (1 + chance.below(600)) * minuteMs
    peers.push(await foundGroup(town, members))
    await settle(members)
  }
  for (const event of eventsOf(known, groups, chance)) {
    now += (1 + chance.below(90)) * minuteMs
    const { device } = town.actor(event.from)
    const reached = reachedBy(event, groups).filter((name) => name !== event.from)
    if (event.kind === 'to one') await say(event.from, event.to, reached)
    else if (event.kind === 'to a group') await say(event.from, peers[event.group] ?? '', reached)
    else if (event.kind === 'to several') device.sendToMany(event.to, text())
    else for (const to of event.to) await say(event.from, to, [to])
    await settle([event.from, ...reachedBy(event, groups)])
    for (const name of reached) await fetchAll(name)
  }
  for (const actor of town.actors.values()) actor.leave()
  return { people, groups, archive, uploads, fetches }
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
