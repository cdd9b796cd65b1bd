import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { archiveEvidence } from '../../client/authority/evidence.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import { usualTimetable } from '../../client/lab/simulation/timetable.ts'
import { datasetWorld } from '../../client/lab/world/dataset.ts'
import { archiveMagic, encodeRecord } from '../../crypto/access/archive.ts'
import { modeCalled, modes } from '../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { concat } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { scratch } from '../support/program.ts'
import { floorOf } from './floor.ts'
import { figure, type Section, table, times } from './page.ts'
import { openings, openingsUnexpanded } from './reading.ts'
import type { Scale } from './scale.ts'
import { interleave, median, ratio, seriesOf, timed, worked } from './timing.ts'

const hour = 3600
const peopleOf = (messages: number) => Math.min(12, messages / 4)

/** At most twelve people in a ring; everybody writes to the next and is answered. */
function ring(messages: number) {
  const people = peopleOf(messages)
  const edges = Array.from({ length: messages }, (_, i) => {
    const one = Math.floor(i / 2) % people
    const [from, to] = i % 2 === 0 ? [one, (one + 1) % people] : [(one + 1) % people, one]
    return { from, to, atSeconds: 24 * hour + i * 60 }
  })
  return datasetWorld(edges, ['as long as people write who have a little to say, and no more'], 'a ring')
}

async function played(modeId: string, messages: number, progress: (said: number) => void = () => undefined) {
  const world = ring(messages)
  return play(world, modeCalled(modeId), { ...usualTimetable(world), ...span(world.messages) }, 'bench', progress)
}

/** On for the middle third of the messages, whatever the days are. */
function span(messages: readonly { readonly at: number }[]) {
  const at = (part: number) => messages[Math.floor(messages.length * part)]?.at ?? 0
  return { on: at(1 / 3), breach: at(1 / 2), off: at(2 / 3), again: null }
}

function insiderOf(run: Played) {
  const hands = adversaries.find(({ id }) => id === 'insider')?.hands(run)
  if (!hands || typeof hands === 'string') return null
  return { held: hands.rings.flatMap(({ secrets }) => secrets.map(({ bytes }) => bytes)), envelopes: hands.envelopes }
}

/** What opens, of what was sent while the mode was on: an envelope that has no stanza costs next to nothing. */
function sealedIn(modeId: string, held: readonly Uint8Array[], envelopes: readonly RecordedEnvelope[]) {
  const reader = modeCalled(modeId).reader(held)
  return envelopes.filter((recorded) => reader.read(recorded, decodeEnvelope(recorded.bytes)) !== null)
}

const openingGoal = 0.95
const workersGoal = 1.8

export async function measureOpening(scale: Scale): Promise<Section> {
  const rows: string[][] = []
  const ratios: { readonly modeId: string; readonly ratio: number }[] = []
  for (const { id } of modes) {
    const insider = insiderOf(await played(id, scale.labMessages))
    if (!insider) continue
    const sealed = sealedIn(id, insider.held, insider.envelopes)
    if (sealed.length === 0) continue
    const pass = () => openings(id, insider.held, sealed)
    const floor = floorOf(pass)
    const turns = new Map([
      ['ours', async () => ({ opening: await timed(sealed.length, pass) })],
      ['floor', async () => ({ opening: await timed(sealed.length, () => floor.replay()) })],
    ])
    const rounds = await interleave(turns, scale.rounds, scale.warmUps)
    const [ours, bare] = ['ours opening', 'floor opening'].map((name) => median(seriesOf(rounds, name)))
    const kept = ratio(rounds, 'floor opening', 'ours opening')
    ratios.push({ modeId: id, ratio: kept })
    rows.push([id, `${sealed.length}`, figure(ours ?? 0), figure(bare ?? 0), times(kept), figure(1e6 / (ours ?? 1))])
  }
  const body = [
    'Somebody has all secrets of a mode, and opens each envelope that was sealed to them: they decode it, open the seal, open the',
    'message, and decode what it says. The floor makes the same calls of libsodium again, and nothing else.',
    '',
    table(['mode', 'envelopes', 'opening µs', 'floor µs', 'floor ÷ ours', 'openings a second, one core'], rows),
  ].join('\n')
  return {
    title: 'Opening',
    body,
    goals: ratios.map(({ modeId, ratio: kept }) => ({
      goal: `opening under ${modeId} at ${openingGoal} of the floor or better`,
      measured: times(kept),
      isMet: kept >= openingGoal,
    })),
  }
}

const expandedGoal = 1.4

/** The same openings in two ways: with the custodian's key expanded once, and as libsodium's own X-Wing would do it. */
export async function measureExpanded(scale: Scale): Promise<Section> {
  const modeId = 'message-key-escrow'
  const insider = insiderOf(await played(modeId, scale.labMessages))
  const [secret] = insider?.held ?? []
  if (!insider || !secret) throw new Error('an escrow without secrets')
  const sealed = sealedIn(modeId, insider.held, insider.envelopes)
  const turns = new Map([
    ['once', async () => ({ opening: await worked(sealed.length, () => openings(modeId, insider.held, sealed)) })],
    ['each', async () => ({ opening: await worked(sealed.length, () => openingsUnexpanded(secret, sealed)) })],
  ])
  const rounds = await interleave(turns, scale.rounds, scale.warmUps)
  const gain = ratio(rounds, 'each opening', 'once opening')
  return {
    title: 'A key that is expanded once',
    body: [
      `The X-Wing key of ${modeId} is expanded once by whoever has many envelopes to open. libsodium's own X-Wing expands it for each of them.`,
      'In processor time:',
      '',
      table(
        ['expanded', 'opening µs'],
        [
          ['once', figure(median(seriesOf(rounds, 'once opening')))],
          ['for each envelope', figure(median(seriesOf(rounds, 'each opening')))],
        ],
      ),
    ].join('\n'),
    goals: [
      {
        goal: `opening at least ${expandedGoal} times as fast with the key expanded once`,
        measured: times(gain),
        isMet: gain >= expandedGoal,
      },
    ],
  }
}

/** Each thread is there and warm before the clock starts. */
async function threads(count: number, modeId: string, held: readonly Uint8Array[]) {
  const made = await Promise.all(
    Array.from({ length: count }, async () => {
      const entry = JSON.stringify(new URL('./reading-worker.ts', import.meta.url).href)
      const code = `import('tsx/esm/api').then(({ register }) => (register(), import(${entry})))`
      const worker = new Worker(code, { eval: true, execArgv: [], workerData: { modeId, held } })
      await answer(worker)
      return worker
    }),
  )
  return {
    read: (shares: readonly (readonly RecordedEnvelope[])[]) =>
      Promise.all(
        made.map((worker, i) => {
          const answered = answer(worker)
          worker.postMessage(shares[i] ?? [])
          return answered
        }),
      ),
    end: () => Promise.all(made.map((worker) => worker.terminate())),
  }
}

const answer = (worker: Worker) => once(worker, 'message')

export async function measureWorkers(scale: Scale): Promise<Section> {
  const modeId = 'message-key-escrow'
  const insider = insiderOf(await played(modeId, scale.labMessages))
  if (!insider) throw new Error('an escrow without secrets')
  const sealed = sealedIn(modeId, insider.held, insider.envelopes)
  const many = Array.from({ length: scale.labEnvelopes }, (_, i) => sealed[i % sealed.length] as RecordedEnvelope)
  const half = many.length / 2
  const [one, two] = [await threads(1, modeId, insider.held), await threads(2, modeId, insider.held)]
  const turns = new Map([
    ['one', async () => ({ reading: await timed(1, () => one.read([many])) })],
    ['two', async () => ({ reading: await timed(1, () => two.read([many.slice(0, half), many.slice(half)])) })],
  ])
  const rounds = await interleave(turns, Math.ceil(scale.rounds / 4), scale.warmUps)
  await Promise.all([one.end(), two.end()])
  const gain = ratio(rounds, 'one reading', 'two reading')
  return {
    title: 'Two threads',
    body: `${many.length} envelopes sealed under ${modeId} are handed to one thread, or half of them to each of two. Two threads are ${times(gain)} as fast.`,
    goals: [
      { goal: `two threads ${workersGoal} times as fast as one`, measured: times(gain), isMet: gain >= workersGoal },
    ],
  }
}

/** One in so many envelopes of the archive is sealed, and none twice within what the reader remembers. */
const oneSealedIn = 50

export async function measureMemory(scale: Scale): Promise<Section> {
  const modeId = 'message-key-escrow'
  const insider = insiderOf(await played(modeId, Math.max(scale.labMessages, 360)))
  if (!insider) throw new Error('an escrow without secrets')
  const sealed = sealedIn(modeId, insider.held, insider.envelopes)
  const plain = insider.envelopes.filter((recorded) => !sealed.includes(recorded))
  const { path, remove } = scratch()
  try {
    writeArchive(path('archive'), scale.labArchive, sealed, plain)
    const reader = modeCalled(modeId).reader(insider.held)
    let [passed, opened] = [0, 0]
    const marks: { readonly passed: number; readonly mebibytes: number }[] = []
    for (const recorded of archiveEvidence(path('archive'))) {
      if (reader.read(recorded, decodeEnvelope(recorded.bytes))) opened += 1
      passed += 1
      if (passed % (scale.labArchive / 10) === 0) marks.push({ passed, mebibytes: process.memoryUsage.rss() / 2 ** 20 })
    }
    const [first, last] = [marks[0]?.mebibytes ?? 0, marks.at(-1)?.mebibytes ?? 0]
    return {
      title: 'A long archive',
      body: [
        `${figure(passed)} envelopes in a file are read one by one, as \`doormat authority open\` does it. ${figure(opened)} of them open. They repeat ${insider.envelopes.length} real`,
        'envelopes; those that do not open differ in their last bytes.',
        '',
        table(
          ['read', 'resident, MiB'],
          marks.map((mark) => [figure(mark.passed), figure(mark.mebibytes)]),
        ),
      ].join('\n'),
      goals: [
        {
          goal: 'memory after all of a long archive at most 1.1 times that after a tenth',
          measured: times(last / first),
          isMet: last <= 1.1 * first,
        },
      ],
    }
  } finally {
    remove()
  }
}

function writeArchive(
  path: string,
  count: number,
  sealed: readonly RecordedEnvelope[],
  plain: readonly RecordedEnvelope[],
): void {
  const file = openSync(path, 'w')
  writeSync(file, archiveMagic)
  let batch: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const isSealed = i % oneSealedIn === 0
    const among = isSealed ? sealed : plain
    const recorded = among[Math.floor(i / (isSealed ? oneSealedIn : 1)) % among.length] as RecordedEnvelope
    const bytes = recorded.bytes.slice()
    if (!isSealed) new DataView(bytes.buffer).setUint32(bytes.length - 4, i)
    batch.push(encodeRecord({ ...recorded, bytes }))
    if (batch.length < 1000 && i < count - 1) continue
    writeSync(file, concat(...batch))
    batch = []
  }
  closeSync(file)
}

const linearGoal = 1.2

export async function measureLinear(scale: Scale): Promise<Section> {
  const perMessage = async (messages: number) => {
    let first: number | null = null
    let last = 0
    await played('message-key-escrow', messages, () => {
      last = performance.now()
      first ??= last
    })
    return { playing: ((last - (first ?? 0)) * 1000) / (messages - 1) }
  }
  const turns = new Map([
    ['short', () => perMessage(scale.labMessages)],
    ['long', () => perMessage(10 * scale.labMessages)],
  ])
  const rounds = await interleave(turns, Math.ceil(scale.rounds / 8), Math.min(1, scale.warmUps))
  const growth = ratio(rounds, 'long playing', 'short playing')
  return {
    title: 'Playing',
    body: [
      `${peopleOf(scale.labMessages)} people write ${scale.labMessages} messages, and then ten times as many. The time from the first message to the last, for each message:`,
      '',
      table(
        ['messages', 'µs a message'],
        ['short', 'long'].map((name, i) => [
          figure(scale.labMessages * 10 ** i),
          figure(median(seriesOf(rounds, `${name} playing`))),
        ]),
      ),
    ].join('\n'),
    goals: [
      {
        goal: `among ten times as many messages, one costs at most ${linearGoal} times as much`,
        measured: times(growth),
        isMet: growth <= linearGoal,
      },
    ],
  }
}
