import type { Attachment } from '../../../crypto/attachment.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { isWithin, type Scope } from '../../authority/order/within.ts'
import type { Conduct, KeyRing } from '../simulation/operator.ts'
import { type Phase, phases } from '../simulation/phase.ts'
import { pair } from '../world/pair.ts'
import type { Played } from '../simulation/played.ts'
import type { Truth } from '../simulation/truth.ts'
import { isUnderstood, readWithRings, truthOf } from './reading.ts'
import type { Cell } from './cell.ts'
import type { Share } from '../simulation/share.ts'
import { type Found, foundIn, rawIn, readOnScreen } from './seized.ts'
import type { Snapshot } from '../simulation/snapshot.ts'
import { daysInto, daysOf } from '../simulation/timetable.ts'
import { evasionIn } from '../world/evasion.ts'
import type { World } from '../world/world.ts'

/** What adversaries have in common: how they come to read. */
export type AdversaryGroup = 'without the keys' | 'at the authority' | 'thieves and states' | 'device in hand'

/** All that an adversary has: nothing else reaches `measure`. */
export interface Hands {
  readonly envelopes: readonly RecordedEnvelope[]
  readonly rings: readonly KeyRing[]
  /** what of it is counted: the rest had to be opened, and is not used; null: all */
  readonly within: Scope | null
  readonly device: CopiedDevice | null
}

/** A device in somebody's hands. */
export interface CopiedDevice {
  readonly owner: string
  readonly snapshot: Snapshot
  /** @see readOnScreen; null: as much as there is */
  readonly words: number | null
  /** what it is fed, for it may open what its owner has not read yet */
  readonly mail: readonly RecordedEnvelope[]
}

export interface Adversary {
  readonly id: string
  /** as a sentence says it */
  readonly title: string
  /** at the head of a narrow column: at most ten letters */
  readonly short: string
  readonly group: AdversaryGroup
  readonly holds: string
  /** of the operator in whose world they are */
  readonly conduct: Conduct
  /** in words why this mode has nothing that they could hold */
  readonly hands: (played: Played) => Hands | string
}

/**
 * Lets an adversary read what their hands open.
 * @throws Error for a reading that was never said so: the measurement is void then
 */
export function measure(
  played: Played,
  { id: adversary, holds, hands: handsIn }: Pick<Adversary, 'id' | 'holds' | 'hands'>,
): Cell {
  const hands = handsIn(played)
  const has = typeof hands === 'string' ? emptyHands : hands
  const { read, tried, seconds, forged } = readAll(played, has)
  const understood = [...read].filter(isUnderstood)
  const sayings = [...played.truth.values()]
  const { target } = played.world
  const lit = [...pairsOf(understood)].sort()
  return {
    mode: played.mode.id,
    adversary,
    status: hands === has ? 'measured' : 'not applicable',
    holds: typeof hands === 'string' ? hands : holds,
    messages: byPhase((phase) => ({ read: countIn(understood, phase), of: countIn(sayings, phase) })),
    conversations: { read: lit.length, of: pairsOf(sayings).size },
    people: peopleOf(played, understood),
    ofTarget: { read: countOf(target, understood), of: countOf(target, sayings) },
    asked: { read: countOf(target, during(understood)), of: countOf(target, during(sayings)) },
    complying: ofComplying(played.world, during(understood), during(sayings)),
    stillSealed: read.size - understood.length,
    work: { tried, opened: read.size, seconds },
    days: byDay(played.world, understood),
    lit,
    forged,
  }
}

/** Nothing at all; hands are this and what the words say. */
export const emptyHands: Hands = { envelopes: [], rings: [], within: null, device: null }

const countIn = (all: readonly Truth[], phase: Phase) => all.filter((one) => one.phase === phase).length
const countOf = (person: string, all: readonly Truth[]) =>
  all.filter(({ from, to }) => from === person || to === person).length
const during = (all: readonly Truth[]) => all.filter(({ phase }) => phase === 'during')

function ofComplying(world: World, understood: readonly Truth[], sayings: readonly Truth[]): Cell['complying'] {
  const evasion = evasionIn(world)
  const complying = (all: readonly Truth[]) => all.filter(({ from, to }) => evasion(from, to) === null)
  const [read, of] = [complying(understood), complying(sayings)] as const
  return {
    messages: { read: read.length, of: of.length },
    conversations: { read: pairsOf(read).size, of: pairsOf(of).size },
  }
}

const byPhase = (share: (phase: Phase) => Share) =>
  Object.fromEntries(phases.map((phase) => [phase, share(phase)])) as Record<Phase, Share>

/** How many of these messages were said on each day of the world. */
export function byDay(world: World, sayings: readonly { readonly at: number }[]): readonly number[] {
  const days = Array.from({ length: daysOf(world) }, () => 0)
  for (const { at } of sayings) {
    const day = Math.floor(daysInto(world, at))
    days[day] = (days[day] ?? 0) + 1
  }
  return days
}

function readAll(played: Played, { envelopes, rings, within, device }: Hands) {
  const { openings, tried, seconds, forged } = readWithRings(played, envelopes, rings)
  const counted = openings.filter(({ recorded }) => !within || isWithin(within, recorded))
  const found = device ? readDevice(played, device) : []
  const seen = [...counted, ...found.map((one) => ({ said: truthOf(played, one), attachment: one.attachment }))]
  return { read: new Set(seen.map(({ said }) => said)), seen, tried, seconds, forged }
}

/** The same for whoever asks for the files of what was read: each message that has one, and what it says of it. */
export function attachmentsRead(played: Played, hands: Hands): ReadonlyMap<Truth, Attachment> {
  const seen = readAll(played, hands).seen
  return new Map(seen.flatMap(({ said, attachment }) => (attachment ? [[said, attachment] as const] : [])))
}

function readDevice(played: Played, { owner, snapshot, words, mail }: CopiedDevice): readonly Found[] {
  const texts = [...played.truth.values()].flatMap(({ id, at, from, to, sent }) =>
    sent !== null && at < played.timetable.breach && (from === owner || to === owner)
      ? [{ id, text: sent, attachment: null }]
      : [],
  )
  const found = foundIn(snapshot, mail, played.policies)
  return words === null ? [...found, ...rawIn(snapshot, texts)] : readOnScreen(found, words)
}

const pairsOf = (all: readonly Truth[]) => new Set(all.map(({ from, to }) => pair(from, to)))

function peopleOf({ world: { target, people, messages } }: Played, understood: readonly Truth[]): Cell['people'] {
  const partners = new Set(messages.flatMap(({ from, to }) => (from === target ? [to] : to === target ? [from] : [])))
  const touched = new Set(understood.flatMap(({ from, to }) => [from, to]))
  const share = (those: readonly string[]): Share => ({
    read: those.filter((name) => touched.has(name)).length,
    of: those.length,
  })
  const others = people.map(({ name }) => name).filter((name) => name !== target && !partners.has(name))
  return { target: share([target]), partners: share([...partners]), strangers: share(others) }
}
