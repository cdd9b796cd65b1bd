import { currentSuite } from '../../crypto/suites.ts'
import { acquaint, textOf, type Wire } from './contender.ts'
import { contentOverheadBytes, doormat } from './doormat.ts'
import { type Floors, floorsFor, floorTurn } from './floors.ts'
import { type NativeSide, startNativeSide } from './native.ts'
import { figure, type Goal, profileList, type Section, table, times } from './page.ts'
import { profileOf } from './profile.ts'
import type { Scale } from './scale.ts'
import { interleave, median, ratio, type Rounds, seriesOf, worked } from './timing.ts'
import { messageTurn, type Operation, operations, setUpTurn } from './turns.ts'

export const sizes = [32, 1024, 16_384] as const

/** What a text's content is padded to, in bytes. */
export const paddedSizeOf = (textBytes: number): number =>
  currentSuite.paddedSizes.find((size) => size >= 4 + contentOverheadBytes + textBytes) ?? Number.NaN

/** Long texts in smaller batches: a round should take about as long for each size. */
export const messagesOf = (size: number, scale: Scale): number =>
  Math.max(2, Math.round(size > 1024 ? scale.messages / 4 : scale.messages))

interface Measured {
  readonly size: number
  readonly wire: Wire
  readonly floors: Floors
  readonly rounds: Rounds
}

async function measure(size: number, scale: Scale, native: NativeSide | null): Promise<Measured> {
  const [text, contender, count] = [textOf(size), doormat(), messagesOf(size, scale)]
  const [floors, meeting] = [await floorsFor(text), await acquaint(contender)]
  const counts = { 'encrypt': count, 'decrypt': count, 'ping-pong': scale.turns }
  const all = { ...counts, initiate: scale.setUps, respond: scale.setUps }
  const turns = new Map([
    [
      'ours',
      async () => ({
        ...(await messageTurn(meeting, text, count, scale.turns, worked)),
        ...(await setUpTurn(contender, text, scale.setUps, worked)),
      }),
    ],
    ['floor', () => floorTurn(floors, all, 'replay', worked)],
    ['raw', () => floorTurn(floors, all, 'replayRaw', worked)],
  ])
  if (native) turns.set('native', () => native.turn(size, scale, 'worked'))
  const wire = await meeting.encrypt('alice', text)
  await meeting.decrypt('bob', wire)
  return { size, wire, floors, rounds: await interleave(turns, scale.rounds, scale.warmUps) }
}

const beside = ({ rounds }: Measured, operation: Operation): string[] => [
  figure(median(seriesOf(rounds, `ours ${operation}`))),
  figure(median(seriesOf(rounds, `floor ${operation}`))),
  times(share(rounds, operation)),
  times(ratio(rounds, `raw ${operation}`, `ours ${operation}`)),
]

/** How near the floor: 1 would be nothing but the primitives. */
const share = (rounds: Rounds, operation: Operation) => ratio(rounds, `floor ${operation}`, `ours ${operation}`)

/** By size in bytes: what the bare wrapper takes, divided by what we do. */
const wanted: readonly (readonly [operation: Operation, size: number, least: number])[] = [
  ['encrypt', 32, 1],
  ['decrypt', 32, 1],
  ['encrypt', 1024, 1.1],
  ['decrypt', 1024, 1.1],
  ['encrypt', 16_384, 1.4],
  ['decrypt', 16_384, 1.4],
  ['ping-pong', 1024, 1],
  ['initiate', 1024, 0.9],
  ['respond', 1024, 0.9],
]

function measuredAt(all: readonly Measured[], wantedSize: number): Measured {
  const found = all.find(({ size }) => size === wantedSize)
  if (!found) throw new Error(`${wantedSize} bytes were not measured`)
  return found
}

function goalsOf(all: readonly Measured[]): Goal[] {
  return wanted.map(([operation, wantedSize, least]) => {
    const measured = share(measuredAt(all, wantedSize).rounds, operation)
    const size = wantedSize < 1024 ? `${wantedSize} B` : `${wantedSize / 1024} KiB`
    return {
      goal: `${operation} ${size} at ${least} of the floor or better`,
      measured: times(measured),
      isMet: measured >= least,
    }
  })
}

/** Our messages beside the floor of the bare wrapper calls. */
export async function measureMessages(scale: Scale): Promise<Section> {
  const native = await startNativeSide()
  const all: Measured[] = []
  for (const size of sizes) all.push(await measure(size, scale, native))
  await native?.stop()
  const goals = goalsOf(all)

  const rows = (operations: readonly Operation[]) =>
    all.map((one) => [
      `${one.size} B`,
      `${paddedSizeOf(one.size)}`,
      `${one.wire.length}`,
      ...operations.flatMap((operation) => beside(one, operation)),
    ])
  const head = (operations: readonly Operation[]) => [
    'text',
    'padded',
    'bytes on the wire',
    ...operations.flatMap((operation) => [`${operation} µs`, 'floor µs', 'floor ÷ ours', 'raw floor ÷ ours']),
  ]
  const calls = operations.map((operation) => {
    const counted = [...measuredAt(all, 1024).floors[operation].calls].map(
      ([name, count]) => `${count} × ${name.replace('crypto_', '')}`,
    )
    return `- ${operation}: ${counted.join(', ')}`
  })
  const body = [
    'Microseconds of processor time, of code that is built as the program is. Our figures include the encoding of content, the',
    'padding, and the encoding of the envelope to bytes. States are in memory. The',
    "floor makes the same calls of libsodium's wrapper again, in the same order and over the same sizes, as recorded from one",
    'operation. The raw floor makes them from address to address, over bytes that lie in its memory already. A ping-pong is one',
    'message encrypted and read, each a turn of the [ratchet](glossary.md#ratchet). To initiate means to check the device list and',
    "the prekeys (every signature) and to encrypt the first message. To respond means to check the sender's list and read that",
    'message.',
    '',
    table(head(['encrypt', 'decrypt', 'ping-pong']), rows(['encrypt', 'decrypt', 'ping-pong'])),
    '',
    table(head(['initiate', 'respond']), rows(['initiate', 'respond'])),
    '',
    ...nativeRows(all, native),
    '',
    'What the floor at 1 KiB calls:',
    '',
    ...calls,
    '',
    'Where our own time goes at 1 KiB:',
    '',
    ...(await profiles(scale)),
  ].join('\n')
  return { title: 'Messages', body, goals }
}

/** The same messages with native code, beside those in WebAssembly. */
function nativeRows(all: readonly Measured[], native: NativeSide | null): string[] {
  if (!native)
    return ['**Not measured here**: native code, for sodium-native cannot be loaded (`npm i sodium-native`).']
  return [
    `With \`DOORMAT_NATIVE=1\` sodium-native ${native.version} computes X25519, Ed25519 and long texts. Here it does so in a process of its`,
    'own, which has its turn in each round. A ratio says how many times as long WebAssembly takes.',
    '',
    table(
      ['text', ...operations.flatMap((operation) => [`${operation} µs`, 'WebAssembly ÷ native'])],
      all.map(({ size, rounds }) => [
        `${size} B`,
        ...operations.flatMap((operation) => [
          figure(median(seriesOf(rounds, `native ${operation}`))),
          times(ratio(rounds, `ours ${operation}`, `native ${operation}`)),
        ]),
      ]),
    ),
  ]
}

/** Each operation by itself, long enough for the sampler. */
async function profiles(scale: Scale): Promise<string[]> {
  const [text, contender] = [textOf(1024), doormat()]
  const meeting = await acquaint(contender)
  const count = scale.messages * 20
  const wires: Wire[] = []
  const encrypting = await profileOf(async () => {
    for (let i = 0; i < count; i++) wires.push(await meeting.encrypt('alice', text))
  })
  const decrypting = await profileOf(async () => {
    for (const wire of wires) await meeting.decrypt('bob', wire)
  })
  const meetingUp = await profileOf(() => setUpTurn(contender, text, scale.setUps * 20))
  return [
    `- encrypt: ${profileList(encrypting)}`,
    `- decrypt: ${profileList(decrypting)}`,
    `- initiate and respond: ${profileList(meetingUp)}`,
  ]
}
