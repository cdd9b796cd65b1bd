import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { encryptAead, tagSizeBytes } from '../../crypto/aead.ts'
import { decodeContent } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { EncryptionKey } from '../../crypto/keys.ts'
import { unpad } from '../../crypto/padding.ts'
import { isWithin, type Scope } from '../authority/order/within.ts'
import { type ForgingTrial, forgingTrial } from './forging.ts'
import type { Conduct, KeyRing } from './operator.ts'
import { type Phase, phases } from './phase.ts'
import { pair, type Played, type Truth } from './play.ts'
import type { Cell, Share } from './result.ts'
import { type Found, foundIn, rawIn, readOnScreen } from './seized.ts'
import type { Snapshot } from './snapshot.ts'
import { daysInto, daysOf } from './timetable.ts'
import type { World } from './world/world.ts'

/** All that an adversary has: nothing else reaches `measure`. */
export interface Hands {
  readonly envelopes: readonly RecordedEnvelope[]
  readonly rings: readonly KeyRing[]
  /** what of it is counted: the rest had to be opened, and is not used; null: all */
  readonly within: Scope | null
  /** @see readOnScreen for a limit of words; null: as much as there is */
  readonly device: { readonly snapshot: Snapshot; readonly words: number | null } | null
}

export interface Adversary {
  readonly id: string
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
export function measure(played: Played, { id: adversary, holds, hands: handsIn }: Adversary): Cell {
  const hands = handsIn(played)
  const has = typeof hands === 'string' ? nothing : hands
  const begun = performance.now()
  const trial = forgingTrial(played)
  const { read, tried } = readAll(played, has, trial)
  const seconds = (performance.now() - begun) / 1000 - trial.seconds()
  const understood = [...read].filter(({ said, sent }) => said === sent)
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
    stillSealed: read.size - understood.length,
    work: { tried, opened: read.size, seconds },
    days: byDay(played.world, understood),
    lit,
    forged: trial.accepted(),
  }
}

const nothing: Hands = { envelopes: [], rings: [], within: null, device: null }

const countIn = (all: readonly Truth[], phase: Phase) => all.filter((one) => one.phase === phase).length
const countOf = (person: string, all: readonly Truth[]) =>
  all.filter(({ from, to }) => from === person || to === person).length
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

function readAll(played: Played, hands: Hands, trial: ForgingTrial): { read: Set<Truth>; tried: number } {
  const { truth } = played
  const readers = hands.rings.map(({ mode, secrets }) => mode.reader(secrets.map(({ bytes }) => bytes)))
  const read = new Set<Truth>()
  let tried = 0
  for (const recorded of readers.length > 0 ? hands.envelopes : []) {
    const envelope = decodeEnvelope(recorded.bytes)
    for (const reader of readers) {
      tried += 1
      const content = ifItOpens(() => reader.read(recorded, envelope))?.content
      trial.attempt(reader, recorded, envelope)
      if (content?.kind !== 'text' && content?.kind !== 'copy') continue
      const to = content.kind === 'copy' ? content.to : recorded.toUser
      const said = truthOf(played, content)
      if (said.from !== recorded.fromUser || said.to !== to) throw unsaid(content)
      if (!hands.within || isWithin(hands.within, recorded)) read.add(said)
    }
  }
  for (const found of hands.device ? readDevice(hands.device, [...truth.values()]) : [])
    read.add(truthOf(played, found))
  return { read, tried }
}

function readDevice({ snapshot, words }: NonNullable<Hands['device']>, sayings: readonly Truth[]): readonly Found[] {
  const texts = sayings.flatMap(({ id, sent }) => (sent === null ? [] : [{ id, text: sent }]))
  const found = foundIn(snapshot)
  return words === null ? [...found, ...rawIn(snapshot, texts)] : readOnScreen(found, words)
}

function truthOf({ truth }: Played, { id, text }: Found): Truth {
  const said = truth.get(id)
  if (!said || said.sent !== text) throw unsaid({ id })
  return said
}

const unsaid = ({ id }: Pick<Found, 'id'>) => new Error(`a reading that nobody sent: ${id}`)

function ifItOpens<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
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

/**
 * The positive control of every zero: the one encryption key that a witness kept, tried on every envelope as somebody
 * would who has it and nothing else. It must open its own message, and no other.
 * @returns how many it opened
 * @throws Error when it opens anything else, or not what was sent
 */
export function tryControl({ archive, control, truth }: Played): number {
  let opened = 0
  for (const { bytes } of archive) {
    const content = ifItOpens(() => openBody(control.encryptionKey, bytes))
    if (!content) continue
    if (content.id !== control.id || content.text !== truth.get(control.id)?.sent)
      throw new Error('the kept key opens a message that it was not kept for')
    opened += 1
  }
  return opened
}

/** Without associated data, and so without the tag: encrypting zeros gives the keystream, and a body shows by its form. */
function openBody(encryptionKey: EncryptionKey, bytes: Uint8Array) {
  const { nonce, ciphertext } = decodeEnvelope(bytes)
  const zeros = new Uint8Array(ciphertext.length - tagSizeBytes)
  const stream = encryptAead(encryptionKey, nonce, zeros)
  return decodeContent(unpad(ciphertext.subarray(0, zeros.length).map((byte, i) => byte ^ (stream[i] ?? 0))))
}
