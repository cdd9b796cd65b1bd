import { modes } from '../../../crypto/access/index.ts'
import { LabError } from '../../lab/world/errors.ts'
import type { Conduct } from '../../lab/simulation/operator.ts'
import { replay } from '../../lab/runs/replay.ts'
import { conducts, type News, type PlayedSummary, type ReplayOrder } from '../../lab/runs/replay-part.ts'
import { usualParts } from '../../lab/simulation/timetable.ts'
import { datasetWorld } from '../../lab/world/dataset.ts'
import { type EdgeList, readEdgeList } from '../../lab/world/edge-list.ts'
import type { Broken } from '../../lab/world/lines.ts'
import { readTexts, type TextList } from '../../lab/world/texts.ts'
import type { World } from '../../lab/world/world.ts'
import { Stop } from '../exit.ts'
import { cellLine, noticedLine, part, percent } from '../lab-lines.ts'
import { print, tell, untilInterrupted } from '../output.ts'
import { safeJson, visible } from '../../words/visible.ts'

export interface ReplayFlags {
  readonly dataset: string
  readonly text: string
  readonly mode: string
  readonly messages?: string
  readonly seed: string
  readonly json?: boolean
}

const progressEveryMs = 2000
const fewestMessages = 10

/** Plays a dataset under one mode and lets every adversary read. Nothing of what is said in it is ever printed. */
export async function replayDataset(flags: ReplayFlags): Promise<void> {
  const order = orderOf(flags)
  const edges = reading(order.dataset, () => readEdgeList(order.dataset, order.messages ?? Infinity))
  const texts = reading(order.text, () => readTexts(order.text))
  tellOfBroken(edges, texts)
  const world = datasetWorld(edges.edges, texts.texts, 'a dataset')
  const watch = watchOver(world.messages.length)
  const begun = performance.now()
  try {
    const finished = await untilInterrupted((signal) => {
      if (!flags.json) describe(world, order, edges)
      return replay(order, (news) => report(news, flags, watch), signal)
    })
    const [seconds, peakMiB] = [(performance.now() - begun) / 1000, Math.round(process.resourceUsage().maxRSS / 1024)]
    if (flags.json) print(safeJson({ mode: order.modeId, finished, messages: world.messages.length, seconds, peakMiB }))
    else if (finished)
      print(`\nplayed twice and read in ${seconds.toFixed(1)} s, with at most ${peakMiB} MiB of memory`)
    if (finished) return
    if (!flags.json) print('\nunfinished: what stands above was measured, and what is missing was not')
    throw new Stop('user', `stopped after ${seconds.toFixed(0)} s, before everything was read`, replayAgain(flags))
  } finally {
    watch.end()
  }
}

/** The same files, with fewer messages. */
const replayAgain = ({ dataset, text }: Pick<ReplayFlags, 'dataset' | 'text'>) =>
  `doormat lab replay --dataset ${dataset} --text ${text} --messages 2000`

/** @throws Stop */
function orderOf({ dataset, text, mode, messages, seed }: ReplayFlags): ReplayOrder {
  if (!modes.some(({ id }) => id === mode))
    throw new Stop(
      'user',
      `there is no access mode ${mode}: ${modes.map(({ id }) => id).join(', ')}`,
      'doormat lab replay --help',
    )
  const most = messages === undefined ? null : Number(messages)
  if (most !== null && (!Number.isSafeInteger(most) || most < fewestMessages))
    throw new Stop('user', `a replay has at least ${fewestMessages} messages`, replayAgain({ dataset, text }))
  return { dataset, text, messages: most, modeId: mode, seed }
}

/** A file of which nothing can be used ends the command, with a way to look at it. */
function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof LabError) throw new Stop('user', `${error.message} [${error.code}]`, `head ${path}`)
    throw error
  }
}

/** Every broken line of the first, how many there are, and that the others count. */
function tellOfBroken(edges: EdgeList, texts: TextList): void {
  const lists: readonly (readonly [Broken, number, string])[] = [
    [edges, edges.edges.length, 'messages'],
    [texts, texts.texts.length, 'texts'],
  ]
  for (const [{ broken, brokenCount }, kept, what] of lists) {
    for (const { file, line, problem } of broken) tell(`doormat: ${visible(file)}, line ${line}: ${problem}`)
    const [first] = broken
    if (!first) continue
    tell(`doormat: ${brokenCount} lines left out; the other ${kept} ${what} are played`)
    tell(`try: sed -n ${first.line}p ${visible(first.file)}`)
  }
}

function describe({ people, messages, target }: World, { modeId, seed }: ReplayOrder, { selfLoops }: EdgeList): void {
  const { on, breach, off, again } = usualParts
  const pairs = new Set(messages.map(({ from, to }) => [from, to].sort().join(' '))).size
  print(`${people.length} people in ${pairs} pairs say ${messages.length} things, under ${modeId} (seed ${seed}).`)
  if (selfLoops > 0) print(`${selfLoops} messages of people to themselves are left out.`)
  print(
    `The order names ${target}. The mode is switched on after ${percent(on)} of the days, thieves come after ${percent(breach)};`,
  )
  print(
    `it is switched off after ${percent(off)}, and on again after ${percent(again)}, by an operator whom another state compels.`,
  )
  print('Read, of all that was said: before, while it was on, after it was off, and when it was on again.')
}

/** Says every two seconds how far the two plays are, and how long it may take. */
interface Watch {
  hear(news: News): void
  end(): void
}

function watchOver(messages: number): Watch {
  const said = new Map<Conduct, number>(conducts.map((conduct) => [conduct, 0]))
  const reading = new Map<Conduct, number>()
  let first: { readonly at: number; readonly said: number } | null = null
  const state = (conduct: Conduct) => {
    const cells = reading.get(conduct)
    return `operator ${conduct}: ${cells === undefined ? `${said.get(conduct)} of ${messages} said` : `${cells} cells read`}`
  }
  const timer = setInterval(() => {
    const slowest = Math.min(...said.values())
    const rate = first && slowest > first.said ? (slowest - first.said) / ((performance.now() - first.at) / 1000) : null
    if (!first && slowest > 0) first = { at: performance.now(), said: slowest }
    const left =
      rate && slowest < messages
        ? `; ${rate.toFixed(0)} a second, ${((messages - slowest) / rate).toFixed(0)} s until all is said`
        : ''
    tell(`… ${conducts.map(state).join('; ')}${left}`)
  }, progressEveryMs)
  return {
    hear(news) {
      if (news.kind === 'said') said.set(news.conduct, news.said)
      if (news.kind === 'played') {
        said.set(news.conduct, messages)
        reading.set(news.conduct, 0)
      }
      if (news.kind === 'cell') reading.set(news.conduct, (reading.get(news.conduct) ?? 0) + 1)
    },
    end: () => clearInterval(timer),
  }
}

function report(news: News, { json }: ReplayFlags, watch: Watch): void {
  watch.hear(news)
  if (news.kind === 'said') return
  if (json) return print(safeJson(news.kind === 'cell' ? news.cell : news))
  if (news.kind === 'cell') print(cellLine(news.cell))
  else if (news.kind === 'played') showPlayed(news.conduct, news.played)
  else
    print(
      `  operator ${news.conduct}: one kept encryption key, tried on all envelopes, opens ${news.control}; ${news.seconds.toFixed(1)} s`,
    )
}

function showPlayed(
  conduct: Conduct,
  { envelopes, envelopeBytes, lost, lastStates, detections, seconds }: PlayedSummary,
): void {
  const megabytes = (envelopeBytes / 1e6).toFixed(1)
  print(
    `\noperator ${conduct}: ${envelopes} envelopes (${megabytes} MB) passed in ${seconds.toFixed(1)} s, ${lost} messages were lost`,
  )
  print(
    `  last states open ${lastStates.readBefore} messages that had been read, and ${part(lastStates.stillToCome)} that were still to come`,
  )
  print(`  could notice: ${noticedLine(detections)}`)
}
