import { acquaint, type Contender, textOf } from '../contender.ts'
import { doormat } from '../doormat.ts'
import { floorsFor, floorTurn } from '../floors.ts'
import { messagesOf, sizes } from '../messages.ts'
import { type NativeSide, startNativeSide } from '../native.ts'
import { figure, type Goal, type Section, table, times } from '../page.ts'
import type { Scale } from '../scale.ts'
import { type Figures, interleave, median, ratio, type Rounds, seriesOf } from '../timing.ts'
import { messageTurn, type Operation, operations, setUpTurn } from '../turns.ts'
import { peers } from './list.ts'

const ours = 'Doormat'
const floor = 'the floor of Doormat'
const oursNatively = 'Doormat with native code'
const signal = 'libsignal-client'
/** of Rust, and of Node's own cryptography */
const withNativeCode = new Set([signal, 'libsignal (WhiskeySockets)'])

/** Those that can be loaded and whose two people understand each other; and of the others, why not. */
async function present(): Promise<{ contenders: readonly Contender[]; absent: readonly string[] }> {
  const contenders: Contender[] = []
  const absent: string[] = []
  for (const { name, load } of peers) {
    try {
      const contender = await load()
      await acquaint(contender)
      contenders.push(contender)
    } catch (error) {
      absent.push(`${name}: ${String(error).split('\n')[0]}`)
    }
  }
  return { contenders, absent }
}

async function measure(
  size: number,
  contenders: readonly Contender[],
  native: NativeSide | null,
  scale: Scale,
): Promise<Rounds> {
  const [text, count] = [textOf(size), messagesOf(size, scale)]
  const turns = new Map<string, () => Promise<Figures>>()
  for (const contender of [doormat(), ...contenders]) {
    const meeting = await acquaint(contender)
    turns.set(contender.name, async () => ({
      ...(await messageTurn(meeting, text, count, scale.turns)),
      ...(await setUpTurn(contender, text, scale.setUps)),
    }))
  }
  const floors = await floorsFor(text)
  const setUps = { initiate: scale.setUps, respond: scale.setUps }
  const counts = { 'encrypt': count, 'decrypt': count, 'ping-pong': scale.turns, ...setUps }
  turns.set(floor, () => floorTurn(floors, counts))
  if (native) turns.set(oursNatively, () => native.turn(size, scale, 'timed'))
  return interleave(turns, scale.rounds, scale.messageWarmUps)
}

/** How many times as long as ours a peer takes. */
const against = (rounds: Rounds, peer: string, operation: Operation) =>
  ratio(rounds, `${peer} ${operation}`, `${ours} ${operation}`)

const rowsOf = (rounds: Rounds, names: readonly string[]) =>
  names.map((name) => [
    name,
    ...operations.flatMap((operation) => [
      figure(median(seriesOf(rounds, `${name} ${operation}`))),
      times(against(rounds, name, operation)),
    ]),
  ])

/** Our messages beside those of others, in one run. */
export async function measurePeers(scale: Scale): Promise<Section> {
  const { contenders, absent } = await present()
  const native = await startNativeSide()
  const bySize = new Map<number, Rounds>()
  for (const size of sizes) bySize.set(size, await measure(size, contenders, native, scale))
  await native?.stop()
  const names = contenders.map(({ name }) => name)
  const rowNames = [ours, floor, ...(native ? [oursNatively] : []), ...names]
  const header = ['', ...operations.flatMap((operation) => [`${operation} µs`, '÷ ours'])]
  const body = [
    'Each library turns plaintext into bytes for the wire, and back, with all state in memory. `÷ ours` says how many times as long as',
    'Doormat it takes: above 1, Doormat is faster. Doormat checks five signatures to initiate and two to respond, agrees on a',
    'post-quantum secret once for each session, encrypts headers, commits to the message and pads to few sizes.',
    ...(native
      ? [
          `${oursNatively} is the same code with \`DOORMAT_NATIVE=1\` (sodium-native ${native.version}), in a process of its own.`,
        ]
      : []),
    '',
    ...peers.map(({ name, version, differs }) => `- ${name} ${version}: ${differs}.`),
    '',
    ...absent.map((reason) => `**Not measured here**: ${reason}\n`),
    ...[...bySize].flatMap(([size, rounds]) => [
      `Texts of ${size} bytes:`,
      '',
      table(header, rowsOf(rounds, rowNames)),
      '',
    ]),
  ].join('\n')
  const goals = names.length > 0 ? goalsOf(bySize, names) : []
  return {
    title: 'Other libraries',
    body,
    goals: native && goals.length > 0 ? [...goals, ...nativeGoals(bySize, names)] : goals,
  }
}

/** How many times as long as one of our series the peer takes that is fastest at it: the one by which we look worst. */
const fastest = (rounds: Rounds, operation: Operation, below: string, among: readonly string[]) =>
  Math.min(...among.map((name) => ratio(rounds, `${name} ${operation}`, below)))

const roundsOf = (bySize: ReadonlyMap<number, Rounds>, size: number): Rounds => bySize.get(size) ?? new Map()

/** Ours beside the peer that is fastest at it, and what the bare primitives alone would come to. */
function goalsOf(bySize: ReadonlyMap<number, Rounds>, names: readonly string[]): Goal[] {
  const goal = (said: string, least: number, size: number, operation: Operation, among: readonly string[]): Goal => {
    const beside = (below: string) => fastest(roundsOf(bySize, size), operation, `${below} ${operation}`, among)
    const measured = beside(ours)
    return {
      goal: said,
      measured: `${times(measured)}; the floor alone ${times(beside(floor))}`,
      isMet: measured >= least,
    }
  }
  const others = names.filter((name) => name !== signal)
  const plain = names.filter((name) => !withNativeCode.has(name))
  return [
    ...(plain.length > 0
      ? (['encrypt', 'decrypt'] as const).map((operation) =>
          goal(
            `${operation} 1 KiB 2.8 times as fast as the fastest peer without native code`,
            2.8,
            1024,
            operation,
            plain,
          ),
        )
      : []),
    goal('encrypt 16 KiB as fast as the best peer', 1, 16_384, 'encrypt', names),
    goal('decrypt 16 KiB as fast as the best peer', 1, 16_384, 'decrypt', names),
    ...(names.includes(signal)
      ? [goal(`ping-pong 0.8 of ${signal} (it also runs a post-quantum ratchet)`, 0.8, 1024, 'ping-pong', [signal])]
      : []),
    ...(others.length > 0 ? [goal('ping-pong 2.5 times as fast as the others', 2.5, 1024, 'ping-pong', others)] : []),
  ]
}

/** The same of native code; of a long text also what its two long calls alone would come to. */
function nativeGoals(bySize: ReadonlyMap<number, Rounds>, names: readonly string[]): Goal[] {
  const goal = (said: string, least: number, size: number, operation: Operation, among: readonly string[]): Goal => {
    const beside = (what: string) => fastest(roundsOf(bySize, size), operation, `${oursNatively} ${what}`, among)
    const measured = beside(operation)
    const bound = size > 1024 ? `; its one AEAD and one hash alone ${times(beside('least'))}` : ''
    return { goal: `native: ${said}`, measured: `${times(measured)}${bound}`, isMet: measured >= least }
  }
  return [
    goal('encrypt 16 KiB twice as fast as the best peer', 2, 16_384, 'encrypt', names),
    goal('decrypt 16 KiB twice as fast as the best peer', 2, 16_384, 'decrypt', names),
    ...(names.includes(signal)
      ? [
          goal(`ping-pong 1.5 times as fast as ${signal}`, 1.5, 1024, 'ping-pong', [signal]),
          goal(`initiate 0.85 of ${signal}`, 0.85, 1024, 'initiate', [signal]),
          goal(`respond 0.85 of ${signal}`, 0.85, 1024, 'respond', [signal]),
        ]
      : []),
  ]
}
