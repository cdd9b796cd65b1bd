import type { AccessMode } from '../../../crypto/access/mode.ts'
import { type Actor, supplies } from './actor.ts'
import { type Breach, breakIn } from './breach.ts'
import { receivedBy, trialOfLastStates } from './last-states.ts'
import { detections, missing } from './noticing.ts'
import { type Conduct, createOperator } from './operator.ts'
import type { Phase } from './phase.ts'
import type { Played } from './played.ts'
import type { Truth } from './truth.ts'
import { seededRandom } from './random.ts'
import { openRecordingRelay } from './recording-relay.ts'
import type { Detection } from './noticing.ts'
import { snapshotOf } from './snapshot.ts'
import type { Timetable } from './timetable.ts'
import { createTown } from './town.ts'
import { createWitness } from './witness.ts'
import { evasionIn } from '../world/evasion.ts'
import type { Utterance, World } from '../world/world.ts'

const collectEveryMs = 6 * 3600 * 1000
/** so many times nobody has to be asked, where nobody has mail to come */
const quietRounds = 40

/**
 * Lets a world talk through the messenger's own relay and devices, without sockets: real cryptography, simulated time.
 * Whoever speaks collects first; everybody else collects every six hours.
 * @param progress messages said so far
 */
export async function play(
  world: World,
  mode: AccessMode,
  timetable: Timetable,
  seed: string,
  progress: (said: number) => void,
  conduct: Conduct = 'within the order',
): Promise<Played> {
  const random = seededRandom(`${seed} ${world.name} ${mode.id} ${conduct}`)
  let now = Math.min(timetable.on, world.messages[0]?.at ?? timetable.on) - 1
  const clock = () => now
  const recording = await openRecordingRelay(world.people.length, random, clock)
  const { relay, archive } = recording
  const operator = await createOperator(relay, world, mode, timetable, conduct, random)
  const witness = createWitness()
  const evasion = evasionIn(world)
  const town = await createTown(world, supplies(world), relay, witness.joinMode, random, clock)

  let breach: Breach | null = null
  const theft = { at: timetable.breach, act: async () => void (breach = await breakIn(world, recording, town)) }
  let noticed: readonly Detection[] = []
  /** Before the mode is switched off, and before another state uses it: what is noticed of an order is of the order alone. */
  const look = { at: timetable.off, act: async () => void (noticed = lookAround()) }
  const lookAround = () => detections({ actors: town.actors, archive, warned: town.warned, modeId: mode.id })
  const moments = [look, ...operator.moments, theft].sort((one, other) => one.at - other.at)
  const last = moments.at(-1)?.at ?? now
  let collected = now

  /** Everything that the timetable has up to this moment. */
  async function until(at: number): Promise<void> {
    while (now < at) {
      const collecting = collected + collectEveryMs * (town.isExpecting() ? 1 : quietRounds)
      now = Math.min(at, collecting, moments[0]?.at ?? at)
      while (moments[0] && moments[0].at <= now) await moments.shift()?.act()
      if (now >= collecting) await town.collect()
      collected += Math.floor((now - collected) / collectEveryMs) * collectEveryMs
    }
  }

  const truth = new Map<string, Truth>()
  let control: Played['control'] | null = null

  /** of what has no envelope */
  function phaseNow(): Phase {
    const { on, off, again } = timetable
    return now < on ? 'before' : now < off ? 'during' : again === null || now < again ? 'after' : 'again'
  }

  async function say(id: string, { at, from, to, text, file }: Utterance): Promise<Truth> {
    const sender = town.actor(from)
    const said = { id, at, from, to, said: text }
    if (!writesHere(from, to) || !(await town.mayWrite(sender, town.actor(to))))
      return { ...said, sent: null, phase: phaseNow() }
    if (sender.link.hasNews()) await town.settle([sender])
    const sent = sender.wording(to, text)
    witness.want(evasion(from, to) === null && (file !== undefined || !hasFiles))
    const blob = file && (await sender.writeFile(to, sent, file, id))
    if (!file) sender.device.write(to, sent, id)
    await town.settle([sender])
    town.expect(to)
    const encryptionKey = witness.kept()
    if (encryptionKey) control ??= { id, encryptionKey }
    const epoch = sender.device.history.outgoing(to, id)?.epoch ?? null
    const phase = epoch === null ? phaseNow() : operator.phaseOf(epoch)
    return { ...said, sent, phase, ...(file && blob && { file: { ...file, blob } }) }
  }

  /** then the kept key is that of a message with a file, to be a control of files too */
  const hasFiles = world.messages.some(({ file }) => file !== undefined)
  const writesHere = (from: string, to: string) => evasion(from, to) !== 'foreign client'

  for (const [i, utterance] of world.messages.entries()) {
    await until(utterance.at)
    truth.set(`m${i}`, await say(`m${i}`, utterance))
    progress(i + 1)
  }
  const toCome = await recording.undelivered()
  const waitingFor = new Set(toCome.map(({ toUser }) => toUser))
  const before = new Map(Array.from(waitingFor, (name) => [name, snapshotOf(town.actor(name).device.store)]))
  await until(Math.max(now, last) + collectEveryMs)
  await town.settle([...town.actors.values()])

  const lost = notReceived([...truth.values()], town.actors)
  const ofOrder = lost.filter(({ phase }) => phase === 'before' || phase === 'during')
  const seen =
    conduct === 'as it likes' ? [...lookAround(), missing(lost, world)] : [...noticed, missing(ofOrder, world)]
  const policies = await relay.policies(0)
  const lastStates = trialOfLastStates({ actors: town.actors, archive, toCome, before, policies }, random, clock)
  for (const actor of town.actors.values()) actor.leave()
  if (!breach || (!control && archive.length > 0)) throw new Error('a world in which nobody who complies says anything')
  return {
    world,
    mode,
    timetable,
    conduct,
    holdings: operator.holdings,
    truth,
    archive,
    blobs: recording.blobs,
    policies,
    breach,
    ending: { undelivered: toCome, recipients: before },
    control,
    lastStates,
    detections: seen,
    lost: lost.length,
    withheld: [...truth.values()].filter(({ from, to, sent }) => sent === null && writesHere(from, to)).length,
  }
}

/** What went into the messenger, and came out on no device. */
function notReceived(sayings: readonly Truth[], actors: ReadonlyMap<string, Actor>): readonly Truth[] {
  const received = new Set([...actors.values()].flatMap(({ device }) => receivedBy(device)))
  return sayings.filter(({ id, sent }) => sent !== null && !received.has(id))
}
