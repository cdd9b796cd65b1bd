import { joinMode } from '../../crypto/access/index.ts'
import type { AccessMode, ModeSecret, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { type EncryptionKey, generatePolicyPair } from '../../crypto/keys.ts'
import { defaultLimits } from '../../server/limits.ts'
import { mailboxMaximumMessages } from '../../server/mailbox.ts'
import { createRelay } from '../../server/relay.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { type Actor, enter } from './actor.ts'
import { seededRandom } from './random.ts'
import type { World } from './world/world.ts'

/** When the operator uses the switch, and when the relay is broken into; simulated time, milliseconds since 1970. */
export interface Timetable {
  readonly on: number
  readonly off: number
  readonly breach: number
}

export type Phase = 'before' | 'during' | 'after'
export const phases: readonly Phase[] = ['before', 'during', 'after']

/** What was really said, and what went into the messenger; those differ where somebody encrypts first. */
export interface Truth {
  readonly id: string
  readonly at: number
  readonly from: string
  readonly to: string
  readonly said: string
  /** null: nothing passed this relay */
  readonly sent: string | null
  /** by the epoch of the envelope */
  readonly phase: Phase
}

/** One run of a world under one mode: what each adversary may be handed, and the truth to hold their readings against. */
export interface Played {
  readonly world: World
  readonly mode: AccessMode
  readonly secrets: readonly ModeSecret[]
  readonly timetable: Timetable
  readonly truth: ReadonlyMap<string, Truth>
  /** every envelope that the relay took, in order */
  readonly archive: readonly RecordedEnvelope[]
  /** how many of the archive had passed, and which of them were undelivered, when the relay was broken into */
  readonly breached: { readonly passed: number; readonly undelivered: readonly RecordedEnvelope[] }
  /** a positive control: one message's own encryption key, kept by a witness at its sender */
  readonly control: { readonly id: string; readonly encryptionKey: EncryptionKey }
  /** sent, and not received by anybody at the end */
  readonly lost: number
}

const collectEveryMs = 6 * 3600 * 1000
const operatorToken = 'the operator'

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
): Promise<Played> {
  const random = seededRandom(`${seed} ${world.name} ${mode.id}`)
  const { parameters, secrets } = mode.setup(random)
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

  const witness = { wanted: false, encryptionKey: null as EncryptionKey | null }
  const actors = new Map<string, Actor>()
  for (const person of world.people)
    actors.set(person.name, await enter(person, relay, watched(witness), random, clock))
  const actorOf = (name: string): Actor => {
    const actor = actors.get(name)
    if (!actor) throw new Error(`${name} is not in this world`)
    return actor
  }

  const phaseOf = (epoch: number): Phase => phases[epoch - 1] ?? 'after'
  /** of what has no envelope */
  const phaseAt = (at: number): Phase => (at < timetable.on ? 'before' : at < timetable.off ? 'during' : 'after')
  const truth = new Map<string, Truth>()
  let control: Played['control'] | null = null
  let collected = now
  /** people who have been written to since they last collected */
  const expecting = new Set<string>()
  let breached: Played['breached'] | null = null
  const due = new Set<'on' | 'off'>(['on', 'off'])

  /** Where the operator has to take part, there is an order for one person. */
  async function switchOn(): Promise<void> {
    await relay.switchAccess(operatorToken, mode.id, parameters)
    const held = secrets.map(({ bytes }) => bytes)
    if (mode.tapping) await relay.installTap(operatorToken, mode.id, mode.tapping.instrument(held, [world.target]))
  }

  async function settle(those: readonly Actor[]): Promise<void> {
    for (let quiet = 0; quiet < 2;) {
      await new Promise(setImmediate)
      let worked = false
      for (const { link } of those) worked = (await link.turn()) || worked
      quiet = worked ? 0 : quiet + 1
    }
  }

  /** Those who have mail; a switch is heard of with the next mail, or before the next word. */
  async function collect(): Promise<void> {
    await settle([...expecting].map(actorOf))
    expecting.clear()
    collected = now
  }

  /** Everything that the timetable has before this moment. */
  async function until(at: number): Promise<void> {
    while (now < at) {
      const moments = [at, collected + collectEveryMs]
      if (due.has('on')) moments.push(timetable.on)
      if (due.has('off')) moments.push(timetable.off)
      if (!breached) moments.push(timetable.breach)
      now = Math.min(...moments)
      if (now >= timetable.breach && !breached) breached = { passed: archive.length, undelivered: undelivered() }
      if (now >= timetable.on && due.delete('on')) await switchOn()
      if (now >= timetable.off && due.delete('off')) await relay.switchAccess(operatorToken, 'none', new Uint8Array())
      if (now >= collected + collectEveryMs) await collect()
    }
  }

  /** What stands in the relay's mailboxes, whosever they are: a device that has collected lets the relay forget. */
  function undelivered(): RecordedEnvelope[] {
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

  for (const [i, { at, from, to, text }] of world.messages.entries()) {
    await until(at)
    const sender = actorOf(from)
    const id = `m${i}`
    if (sender.person.evades === 'foreign client') {
      truth.set(id, { id, at, from, to, said: text, sent: null, phase: phaseAt(at) })
      continue
    }
    await settle([sender])
    expecting.delete(from)
    expecting.add(to)
    const sent = sender.wording(to, text)
    witness.wanted = control === null && sender.person.evades === null
    sender.device.write(to, sent, id)
    await settle([sender])
    const epoch = sender.device.history.outgoing(to, id)?.epoch ?? null
    truth.set(id, { id, at, from, to, said: text, sent, phase: epoch === null ? phaseAt(at) : phaseOf(epoch) })
    if (witness.encryptionKey && !control) control = { id, encryptionKey: witness.encryptionKey }
    progress(i + 1)
  }
  await until(Math.max(now, timetable.off, timetable.breach) + collectEveryMs)
  await settle([...actors.values()])

  const received = new Set(
    [...actors.values()].flatMap(({ device }) =>
      device.store.all("SELECT id FROM history WHERE direction = 'in'").map((row) => String(row['id'])),
    ),
  )
  const lost = [...truth.values()].filter(({ id, sent }) => sent !== null && !received.has(id)).length
  for (const actor of actors.values()) actor.leave()
  if (!control || !breached) throw new Error('a world in which nobody says anything')
  return { world, mode, secrets, timetable, truth, archive, breached, control, lost }
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
