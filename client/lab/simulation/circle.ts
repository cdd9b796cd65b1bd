import { type AccessMode, none, type RecordedEnvelope } from '../../../crypto/access/mode.ts'
import type { EncryptionKey } from '../../../crypto/keys.ts'
import { worldStart } from '../world/calendar.ts'
import { draws, shuffled } from '../world/draws.ts'
import { somePicture } from '../world/files.ts'
import { createTalk } from '../world/phrases/talk.ts'
import { type Actor, supplyFor } from './actor.ts'
import { intrude } from './circle-intruder.ts'
import { circleDetections } from './circle-noticing.ts'
import { receivedBy } from './last-states.ts'
import type { Detection } from './noticing.ts'
import { type KeyRing, putInForce, tap } from './operator.ts'
import { seededRandom } from './random.ts'
import { openRecordingRelay } from './recording-relay.ts'
import { createTown, type Town } from './town.ts'
import type { SentFile } from './truth.ts'
import { createWitness } from './witness.ts'

/** What somebody has said in the group. */
export interface CircleTruth {
  readonly id: string
  readonly from: string
  readonly sent: string
  /** the mode in force */
  readonly mode: string
  /** who had it on their device in the end, besides its author */
  readonly arrived: readonly string[]
  /** what was sent with it; absent where that is nothing */
  readonly file?: SentFile
}

/** While one mode was in force. */
export interface Stretch {
  readonly mode: AccessMode
  /** simulated time */
  readonly window: { readonly from: number; readonly to: number }
  /** what the authority holds: no secret where the mode has none */
  readonly ring: KeyRing
}

/** What one group has said, under one mode after the other: what may be handed to somebody, and the truth to hold it against. */
export interface CirclePlayed {
  /** all who were meant to be in the group; the first has founded it, under the first mode */
  readonly people: readonly string[]
  /** whom every order names */
  readonly target: string
  readonly stretches: readonly Stretch[]
  readonly truth: ReadonlyMap<string, CircleTruth>
  readonly archive: readonly RecordedEnvelope[]
  /** every file that the relay took, by the hexadecimal id of its blob */
  readonly blobs: ReadonlyMap<string, Uint8Array>
  /** a positive control: the encryption key of one envelope, kept by a witness at its sender */
  readonly control: { readonly id: string; readonly encryptionKey: EncryptionKey } | null
  /** texts that came to the account that has added itself; null where none has */
  readonly readByIntruder: number | null
  /** as things stand at the end of the last stretch */
  readonly detections: readonly Detection[]
}

/** Between two texts: more than the time after which devices ask for each other's devices again. */
const pauseMs = 5 * 60_000

/**
 * Lets people talk in one group through the messenger's own relay and devices. The modes are in force one after the other,
 * each with an order for the same person, drawn from all but the founder; under each of them everybody who is in the group says one thing.
 * @param isIntruded whether an account of the provider's adds itself as soon as the group is there
 * @param withFiles whether there is a picture beside each of these things
 */
export async function playCircle(
  people: readonly string[],
  modes: readonly AccessMode[],
  seed: string,
  isIntruded = false,
  withFiles = false,
): Promise<CirclePlayed> {
  const random = seededRandom(`${seed} circle ${people.length} ${modes.map(({ id }) => id).join(' ')}`)
  let now = worldStart
  const clock = () => now
  const { relay, archive, blobs } = await openRecordingRelay(people.length + 1, random, clock)
  const target = draws(`${seed} circle target`).pick(people.slice(1))
  const witness = createWitness()
  const town = await createTown(
    strangers(people),
    () => supplyFor(people.length),
    relay,
    witness.joinMode,
    random,
    clock,
  )
  const everybody = [...town.actors.values()]
  const { monologue } = createTalk(new Set())
  const chance = draws(`${seed} circle texts`)
  const drawing = draws(`${seed} circle files`)
  const said: Omit<CircleTruth, 'arrived'>[] = []
  let control: CirclePlayed['control'] = null
  let intruder: Actor | null = null

  async function pass(): Promise<void> {
    now += pauseMs
    await town.settle(intruder ? [...everybody, intruder] : everybody)
  }

  async function say(peer: string, from: string, mode: string): Promise<void> {
    const author = town.actor(from)
    const { device } = author
    // somebody whom a false key keeps out of it has no group to speak in
    if (!device.groups.get(peer)?.isOurs) return
    const id = `g${said.length}`
    const sent = monologue(chance)[0]?.[1] ?? ''
    witness.want(control === null)
    const file = withFiles ? somePicture(said.length, drawing) : null
    const blob = file && (await author.writeFile(peer, sent, file, id))
    if (!file) device.write(peer, sent, id)
    said.push({ id, from, sent, mode, ...(file && blob && { file: { ...file, blob } }) })
    await pass()
    const encryptionKey = witness.kept()
    if (encryptionKey) control ??= { id, encryptionKey }
  }

  let peer: string | null = null
  const stretches: Stretch[] = []
  for (const mode of modes) {
    const from = now
    const { secrets } = await putInForce(relay, mode, random)
    const ring = { mode, secrets, since: from }
    await tap(relay, ring, [target])
    await pass()
    if (peer === null) {
      peer = await foundGroup(town, people)
      await pass()
      if (isIntruded) intruder = await intrude(relay, town, town.actor(people[0] ?? ''), peer, random, clock)
      await pass()
    }
    for (const name of shuffled(people, draws(`${seed} circle turns ${stretches.length}`)))
      await say(peer, name, mode.id)
    stretches.push({ mode, window: { from, to: now + 1 }, ring })
  }

  const truth = said.map((one) => ({
    ...one,
    arrived: everybody.filter(({ device }) => receivedBy(device).includes(one.id)).map(({ person: { name } }) => name),
  }))
  const seen = circleDetections({
    actors: town.actors,
    archive,
    warned: town.warned,
    modeId: modes.at(-1)?.id ?? none.id,
    peer: peer ?? '',
    people,
    truth,
  })
  const read = intruder ? receivedBy(intruder.device).length : null
  for (const actor of [...everybody, ...(intruder ? [intruder] : [])]) actor.leave()
  return {
    people,
    target,
    stretches,
    truth: new Map(truth.map((one) => [one.id, one])),
    archive,
    blobs,
    control,
    readByIntruder: read,
    detections: seen,
  }
}

/** Who is in this world: nobody evades, and nobody has compared safety numbers. */
export const strangers = (people: readonly string[]) => ({
  people: people.map((name) => ({ name, role: 'somebody' })),
  verified: [],
  evading: [],
})

/** The first founds a group, and adds all others, of whom they may know nobody yet. @returns what stands for it in histories */
export async function foundGroup(town: Town, [founder = '', ...others]: readonly string[]): Promise<string> {
  const actor = town.actor(founder)
  for (const user of others) actor.device.meet(user)
  await town.settle([actor])
  const { peer } = actor.device.groups.found('A group')
  for (const user of others) actor.device.groups.change(peer, { kind: 'add', user })
  return peer
}
