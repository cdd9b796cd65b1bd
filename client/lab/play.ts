import { joinMode } from '../../crypto/access/index.ts'
import type { AccessMode, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { type EncryptionKey, generatePolicyPair } from '../../crypto/keys.ts'
import { defaultLimits } from '../../server/limits.ts'
import { mailboxMaximumMessages } from '../../server/mailbox.ts'
import { createRelay } from '../../server/relay.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { Store } from '../../server/store/store.ts'
import { type Actor, enter, sameNumber, supplies } from './actor.ts'
import { type LastStates, trialOfLastStates } from './last-states.ts'
import { detections } from './noticing.ts'
import { type Conduct, createOperator, type Holdings, operatorToken } from './operator.ts'
import type { Phase } from './phase.ts'
import { seededRandom } from './random.ts'
import type { Detection } from './result.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'
import type { Timetable } from './timetable.ts'
import type { World } from './world/world.ts'

/** What was really said, and what went into the messenger; those differ where somebody encrypts first. */
export interface Truth {
  readonly id: string
  readonly at: number
  readonly from: string
  readonly to: string
  readonly said: string
  /** null: nothing passed this relay */
  readonly sent: string | null
  readonly phase: Phase
}

/** What could be taken at the moment of the breach. */
export interface Breach {
  /** how many envelopes of the archive had passed */
  readonly passed: number
  /** what stood in the relay's mailboxes */
  readonly undelivered: readonly RecordedEnvelope[]
  /** the devices of the target, and of whoever has theirs read at home */
  readonly devices: { readonly target: Snapshot; readonly shared: Snapshot }
  /** the devices of some who have mail to come, for trying whether they take a forgery */
  readonly recipients: ReadonlyMap<string, Snapshot>
}

/** One run of a world under one mode: what each adversary may be handed, and the truth to hold their readings against. */
export interface Played {
  readonly world: World
  readonly mode: AccessMode
  readonly timetable: Timetable
  readonly conduct: Conduct
  readonly holdings: Holdings
  readonly truth: ReadonlyMap<string, Truth>
  /** every envelope that the relay took, in order */
  readonly archive: readonly RecordedEnvelope[]
  /** the operator's signed chain */
  readonly policies: readonly Uint8Array[]
  readonly breach: Breach
  /** a positive control: one message's own encryption key, kept by a witness at its sender */
  readonly control: { readonly id: string; readonly encryptionKey: EncryptionKey }
  /** what every device's last state opened of the archive */
  readonly lastStates: LastStates
  readonly detections: readonly Detection[]
  /** sent, and not received by anybody at the end */
  readonly lost: number
}

const collectEveryMs = 6 * 3600 * 1000
/** Everybody looks in before their prekeys expire: nobody could write to them after that. */
const absentAtMostMs = 60 * 24 * 3600 * 1000
/** so many devices are copied at a breach, to try forgeries on */
const recipientsMaximum = 12

/**
 * Lets a world talk through the messenger's own relay and devices, without sockets: real cryptography, simulated time.
 * Whoever speaks collects first; everybody else collects every six hours. Pairs who compare safety numbers do so before
 * they first write, and do not write where the numbers differ; all others accept a changed key when they are told of one.
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
  const archive: RecordedEnvelope[] = []
  const store = openSqliteStore(':memory:')
  let waiting: RecordedEnvelope[] = []
  const relay = createRelay({
    store,
    policyPair: generatePolicyPair(random),
    operatorToken,
    archive: {
      append: (recorded) => void waiting.push(recorded),
      flush() {
        archive.push(...waiting)
        waiting = []
      },
      discard: () => void (waiting = []),
      close: () => undefined,
    },
    random,
    clock,
    limits: { ...defaultLimits, registrations: { burst: world.people.length, perSecond: 1 } },
  })
  const operator = createOperator(relay, world, mode, timetable, conduct, random)

  const witness = { wanted: false, encryptionKey: null as EncryptionKey | null }
  const supplyOf = supplies(world)
  const actors = new Map<string, Actor>()
  for (const person of world.people)
    actors.set(person.name, await enter(person, relay, watched(witness), supplyOf(person.name), random, clock))
  const actorOf = (name: string): Actor => {
    const actor = actors.get(name)
    if (!actor) throw new Error(`${name} is not in this world`)
    return actor
  }

  /** of what has no envelope */
  function phaseAt(at: number): Phase {
    const { on, off, again } = timetable
    return at < on ? 'before' : at < off ? 'during' : again === null || at < again ? 'after' : 'again'
  }
  const truth = new Map<string, Truth>()
  let control: Played['control'] | null = null
  const begun = now
  let collected = begun
  /** when each was last seen */
  const seen = new Map<Actor, number>()
  /** people who have been written to since they last collected */
  const expecting = new Set<string>()
  let breach: Breach | null = null
  const moments = [...operator.moments, { at: timetable.breach, act: async () => void (breach = breakIn()) }].sort(
    (one, other) => one.at - other.at,
  )

  /** A turn for each, and more for whoever then has an answer or mail before them. */
  async function settle(those: readonly Actor[]): Promise<void> {
    for (const actor of those) seen.set(actor, now)
    let due = those
    for (let quiet = 0; quiet < 2;) {
      const accepting = new Set<Actor>()
      for (const actor of due) {
        await actor.link.turn()
        if (acceptChanges(actor)) accepting.add(actor)
      }
      await new Promise(setImmediate)
      due = those.filter((actor) => accepting.has(actor) || actor.link.hasNews())
      quiet = due.length > 0 || those.some(({ link }) => link.isWaiting()) ? 0 : quiet + 1
    }
  }

  /** Nobody asks who has not compared before: an assumption. */
  function acceptChanges({ device, person: { name } }: Actor): boolean {
    const changed = device.contacts.changed().filter((user) => !isCompared.has(pair(name, user)))
    for (const user of changed) device.acceptChange(user)
    return changed.length > 0
  }

  /** Those who have mail; a switch is heard of with the next mail, or before the next word. */
  async function collect(): Promise<void> {
    const absent = [...actors.values()].filter((actor) => (seen.get(actor) ?? begun) + absentAtMostMs <= now)
    await settle([...new Set([...[...expecting].map(actorOf), ...absent])])
    expecting.clear()
    collected = now
  }

  /** Everything that the timetable has up to this moment. */
  async function until(at: number): Promise<void> {
    while (now < at) {
      now = Math.min(at, collected + collectEveryMs, moments[0]?.at ?? at)
      while (moments[0] && moments[0].at <= now) await moments.shift()?.act()
      if (now >= collected + collectEveryMs) await collect()
    }
  }

  function breakIn(): Breach {
    const lying = undelivered(store, archive)
    const recipients = new Set(lying.map(({ toUser }) => toUser))
    const copied = [...recipients].filter((name) => actors.has(name)).slice(0, recipientsMaximum)
    return {
      passed: archive.length,
      undelivered: lying,
      devices: {
        target: snapshotOf(actorOf(world.target).device.store),
        shared: snapshotOf(actorOf(world.shared).device.store),
      },
      recipients: new Map(copied.map((name) => [name, snapshotOf(actorOf(name).device.store)])),
    }
  }

  const isCompared = new Set(world.verified.map(([one, other]) => pair(one, other)))
  const toCompare = new Set(isCompared)
  const estranged = new Set<string>()
  const warned = new Set<string>()

  /** @returns whether they may write to each other: they have not compared, or it was the same number */
  async function compared(one: Actor, other: Actor): Promise<boolean> {
    const names = pair(one.person.name, other.person.name)
    if (!toCompare.delete(names)) return !estranged.has(names) && !hasChanged(one, other) && !hasChanged(other, one)
    // each has heard of the policy in force before the directory's answer is taken for what that policy says
    await settle([one, other])
    await one.lookUp(other.person.name)
    await other.lookUp(one.person.name)
    const [ours, theirs] = [one.numberWith(other.person.name), other.numberWith(one.person.name)]
    if (ours && theirs && sameNumber(ours, theirs)) {
      one.device.contacts.verify(other.person.name)
      other.device.contacts.verify(one.person.name)
      return true
    }
    estranged.add(names)
    warned.add(one.person.name).add(other.person.name)
    return false
  }

  const hasChanged = ({ device }: Actor, { person: { name } }: Actor) =>
    isCompared.has(pair(device.self.device.record.user, name)) && device.contacts.changed().includes(name)

  for (const [i, { at, from, to, text }] of world.messages.entries()) {
    await until(at)
    const sender = actorOf(from)
    const id = `m${i}`
    const said = { id, at, from, to, said: text }
    if (sender.person.evades === 'foreign client' || !(await compared(sender, actorOf(to)))) {
      truth.set(id, { ...said, sent: null, phase: phaseAt(at) })
      continue
    }
    if (sender.link.hasNews()) await settle([sender])
    expecting.delete(from)
    expecting.add(to)
    const sent = sender.wording(to, text)
    witness.wanted = control === null && sender.person.evades === null
    sender.device.write(to, sent, id)
    await settle([sender])
    const epoch = sender.device.history.outgoing(to, id)?.epoch ?? null
    truth.set(id, { ...said, sent, phase: epoch === null ? phaseAt(at) : operator.phaseOf(epoch) })
    if (witness.encryptionKey && !control) control = { id, encryptionKey: witness.encryptionKey }
    progress(i + 1)
  }
  const toCome = undelivered(store, archive)
  const waitingFor = new Map(
    [...new Set(toCome.map(({ toUser }) => toUser))].map((name) => [name, snapshotOf(actorOf(name).device.store)]),
  )
  await until(Math.max(now, ...moments.map((moment) => moment.at)) + collectEveryMs)
  await settle([...actors.values()])

  const received = new Set(
    [...actors.values()].flatMap(({ device }) =>
      device.store.all("SELECT id FROM history WHERE direction = 'in'").map((row) => String(row['id'])),
    ),
  )
  const lost = [...truth.values()].filter(({ id, sent }) => sent !== null && !received.has(id))
  const noticed = detections({
    actors,
    archive,
    unheard: new Set(lost.map(({ from }) => from)),
    warned,
    modeId: mode.id,
  })
  const policies = await relay.policies(0)
  const lastStates = trialOfLastStates(actors, archive, toCome, waitingFor, policies, random, clock)
  for (const actor of actors.values()) actor.leave()
  if (!control || !breach) throw new Error('a world in which nobody says anything')
  return {
    world,
    mode,
    timetable,
    conduct,
    holdings: operator.holdings,
    truth,
    archive,
    policies,
    breach,
    control,
    lastStates,
    detections: noticed,
    lost: lost.length,
  }
}

/** Two names in alphabetical order, with a space between. */
export const pair = (one: string, other: string): string => [one, other].sort().join(' ')

/** What stands in the relay's mailboxes, whosever they are: a device that has collected lets the relay forget. */
function undelivered(store: Store, archive: readonly RecordedEnvelope[]): RecordedEnvelope[] {
  const mailboxes = new Map(
    archive.map(({ toUser, toDevice }) => [
      store.device({ user: toUser, device: toDevice })?.row,
      { toUser, toDevice },
    ]),
  )
  return [...mailboxes].flatMap(([row, to]) =>
    row === undefined
      ? []
      : store.mailAfter(row, 0, mailboxMaximumMessages).map(({ time, from, envelope: bytes }) => ({
          time,
          fromUser: from.user,
          fromDevice: from.device,
          ...to,
          bytes,
        })),
  )
}

/** The seams that every device gets, and a witness who keeps the encryption key of one message. */
const watched =
  (witness: { wanted: boolean; encryptionKey: EncryptionKey | null }) => (modeId: string, parameters: Uint8Array) => {
    const seams = joinMode(modeId, parameters)
    return {
      ...seams,
      outgoing(...[input, chainKey]: Parameters<typeof seams.outgoing>) {
        if (witness.wanted && !witness.encryptionKey)
          witness.encryptionKey = input.encryptionKey.slice() as EncryptionKey
        return seams.outgoing(input, chainKey)
      },
    }
  }
