import { suite1 } from '../../crypto/suite-1.ts'
import type { Suite } from '../../crypto/suite.ts'
import { currentSuite } from '../../crypto/suites.ts'
import { acquaint, textOf, type Wire } from './contender.ts'
import { contentOverheadBytes, doormat } from './doormat.ts'
import type { Floor } from './floor.ts'
import { type Floors, floorsFor, floorsOfSuite1, floorTurn, type Repeated, repeated } from './floors.ts'
import { type NativeSide, startNativeSide } from './native.ts'
import { figure, type Goal, profileList, type Section, table, times } from './page.ts'
import { profileOf } from './profile.ts'
import type { Scale } from './scale.ts'
import { interleave, median, ratio, type Rounds, seriesOf, worked } from './timing.ts'
import { messageTurn, type Operation, operations, setUpTurn } from './turns.ts'

export const sizes = [32, 1024, 16_384] as const

/** What a text's content is padded to, in bytes. */
export const paddedSizeOf = (textBytes: number, suite: Suite = currentSuite): number =>
  suite.paddedSizes.find((size) => size >= 4 + contentOverheadBytes + textBytes) ?? Number.NaN

/** Long texts in smaller batches: a round should take about as long for each size. */
export const messagesOf = (size: number, scale: Scale): number =>
  Math.max(2, Math.round(size > 1024 ? scale.messages / 4 : scale.messages))

interface Measured {
  readonly size: number
  readonly wire: Wire
  readonly floors: Floors
  readonly ofSuite1: Readonly<Record<Repeated, Floor>>
  readonly rounds: Rounds
}

async function measure(size: number, scale: Scale, native: NativeSide | null): Promise<Measured> {
  const [text, contender] = [textOf(size), doormat()]
  // so many that the garbage collector comes to each batch, and not always to the same one
  const count = 4 * messagesOf(size, scale)
  const [floors, ofSuite1] = [await floorsFor(text), await floorsOfSuite1(text)]
  const meeting = await acquaint(contender)
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
    ['suite 1', () => floorTurn(ofSuite1, counts, 'replay', worked)],
  ])
  if (native) turns.set('native', () => native.turn(size, scale, 'worked'))
  const wire = await meeting.encrypt('alice', text)
  await meeting.decrypt('bob', wire)
  return { size, wire, floors, ofSuite1, rounds: await interleave(turns, scale.rounds, scale.messageWarmUps) }
}

const beside = ({ rounds }: Measured, operation: Operation): string[] => [
  figure(median(seriesOf(rounds, `ours ${operation}`))),
  figure(median(seriesOf(rounds, `floor ${operation}`))),
  times(share(rounds, operation)),
  times(ratio(rounds, `raw ${operation}`, `ours ${operation}`)),
]

/** How near the floor: 1 would be nothing but the primitives. */
const share = (rounds: Rounds, operation: Operation) => ratio(rounds, `floor ${operation}`, `ours ${operation}`)

/** The same beside what the text took in suite 1, which had more calls and longer paddings. */
const shareOfSuite1 = (rounds: Rounds, operation: Repeated) =>
  ratio(rounds, `suite 1 ${operation}`, `ours ${operation}`)

/** By size in bytes: what the bare wrapper takes for the text in suite 1, divided by what we do. */
const wantedOfSuite1: readonly (readonly [operation: Repeated, size: number, least: number])[] = [
  ['encrypt', 32, 1],
  ['decrypt', 32, 1],
  ['encrypt', 1024, 1.1],
  ['decrypt', 1024, 1.1],
  ['encrypt', 16_384, 1.4],
  ['decrypt', 16_384, 1.4],
  ['ping-pong', 1024, 1],
]

/** The same of the suite in use, for what nobody can do in suite 1 any more. */
const wanted: readonly (readonly [operation: Operation, size: number, least: number])[] = [
  ['initiate', 1024, 0.9],
  ['respond', 1024, 0.9],
]

function measuredAt(all: readonly Measured[], wantedSize: number): Measured {
  const found = all.find(({ size }) => size === wantedSize)
  if (!found) throw new Error(`${wantedSize} bytes were not measured`)
  return found
}

const counted = ({ calls }: Floor): string =>
  [...calls].map(([name, count]) => `${count} × ${name.replace('crypto_', '')}`).join(', ')

const inWords = (size: number) => (size < 1024 ? `${size} B` : `${size / 1024} KiB`)

function goalsOf(all: readonly Measured[]): Goal[] {
  const ofSuite1 = wantedOfSuite1.map(([operation, size, least]): Goal => {
    const { rounds } = measuredAt(all, size)
    const measured = shareOfSuite1(rounds, operation)
    const raw = ratio(rounds, `raw ${operation}`, `ours ${operation}`)
    return {
      goal: `${operation} ${inWords(size)} at ${least} of suite 1's floor or better`,
      measured: `${times(measured)}; of its own floor ${times(share(rounds, operation))}, of its raw floor ${times(raw)}`,
      isMet: measured >= least,
    }
  })
  const ofOwn = wanted.map(([operation, size, least]): Goal => {
    const measured = share(measuredAt(all, size).rounds, operation)
    return {
      goal: `${operation} ${inWords(size)} at ${least} of the floor or better`,
      measured: times(measured),
      isMet: measured >= least,
    }
  })
  return [...ofSuite1, ...ofOwn]
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
  const { floors, ofSuite1 } = measuredAt(all, 1024)
  const calls = [
    ...operations.map((operation) => `- ${operation}: ${counted(floors[operation])}`),
    ...repeated.map((operation) => `- ${operation} in suite 1: ${counted(ofSuite1[operation])}`),
  ]
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
    ...rowsOfSuite1(all),
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

/** What the goals count from, and how much stricter the floor of the suite in use is. */
const rowsOfSuite1 = (all: readonly Measured[]): string[] => [
  "The goals of encrypt, decrypt and ping-pong count from *suite 1's floor*: the wrapper's calls for the same text in the suite",
  'that was in use when the goals were set. Suite 2 was made to need fewer calls and shorter paddings. Its own floor saves as much',
  'as we do, so beside it that does not show. The calls of suite 1 are recorded as the others are, from messages that this',
  'program encrypts and reads in a session of suite 1, and are made again in the same rounds. The stricter figures stand',
  'beside them: *own floor ÷ ours*, and as *wrapper ÷ raw* what code would reach beside its own floor that made its calls from',
  'address to address and did nothing else. Nobody can begin a session of suite 1 any more, so initiate and respond count from',
  'their own floor. [Decision 32](decisions/0032-whose-floor-a-goal-means.md) says why.',
  '',
  table(
    [
      'text',
      'padded in suite 1',
      ...repeated.flatMap((operation) => [
        `${operation}: suite 1's floor µs`,
        "suite 1's floor ÷ ours",
        'own floor ÷ ours',
        'wrapper ÷ raw',
      ]),
    ],
    all.map(({ size, rounds }) => [
      `${size} B`,
      `${paddedSizeOf(size, suite1)}`,
      ...repeated.flatMap((operation) => [
        figure(median(seriesOf(rounds, `suite 1 ${operation}`))),
        times(shareOfSuite1(rounds, operation)),
        times(share(rounds, operation)),
        times(ratio(rounds, `floor ${operation}`, `raw ${operation}`)),
      ]),
    ]),
  ),
]

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
