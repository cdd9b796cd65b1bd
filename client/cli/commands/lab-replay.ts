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
import { counted } from '../../words/counted.ts'
import { cellLines, noticedWords, operatorCalled, part, percent } from '../lab-lines.ts'
import { paragraph } from '../layout.ts'
import { quoted } from '../shell.ts'
import { progressLine } from '../progress.ts'
import { nameOf } from '../../lab/report/words.ts'
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
    else if (finished) {
      print('')
      say(`Played twice and read in ${seconds.toFixed(1)} s, with at most ${peakMiB} MiB of memory.`)
    }
    if (finished) return
    if (!flags.json) {
      print('')
      say('Unfinished: what stands above was measured, and what is missing was not.')
    }
    throw new Stop('user', `stopped after ${seconds.toFixed(0)} s, before everything was read`, shorter(flags))
  } finally {
    watch.end()
  }
}

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
    throw new Stop('user', `a replay has at least ${fewestMessages} messages`, shorter({ dataset, text, mode }))
  return { dataset, text, messages: most, modeId: mode, seed }
}

/** A command that is over sooner. */
const shorter = ({ dataset, text, mode }: Pick<ReplayFlags, 'dataset' | 'text' | 'mode'>): string =>
  `doormat lab replay --dataset ${quoted(dataset)} --text ${quoted(text)} --mode ${mode} --messages 2000`

const say = (sentence: string, indent = '') => {
  for (const row of paragraph(sentence, { first: indent })) print(row)
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
    tell(`doormat: ${counted(brokenCount, 'line')} left out; the other ${kept} ${what} are played`)
    tell(`try: sed -n ${first.line}p ${visible(first.file)}`)
  }
}

function describe({ people, messages, target }: World, { modeId, seed }: ReplayOrder, { selfLoops }: EdgeList): void {
  const { on, breach, off, again } = usualParts
  const pairs = new Set(messages.map(({ from, to }) => [from, to].sort().join(' '))).size
  say(
    `${counted(people.length, 'person', 'people')} in ${counted(pairs, 'pair')} send ${counted(messages.length, 'message')} under ${modeNamed(modeId)} (seed ${visible(seed)}).`,
  )
  if (selfLoops > 0) say(`${counted(selfLoops, 'message')} that people sent to themselves are left out.`)
  say(
    `The order names ${target}. The mode is switched on after ${percent(on)} of the days and off after ${percent(off)}. Thieves come after ${percent(breach)}. After ${percent(again)} another state compels the operator to switch it on again, with keys of its own.`,
  )
}

function modeNamed(id: string): string {
  const mode = modes.find((one) => one.id === id)
  return mode ? nameOf(mode) : id
}

/** Says how far the two plays are, and how long it may take. */
interface Watch {
  hear(news: News): void
  end(): void
}

function watchOver(messages: number): Watch {
  const said = new Map<Conduct, number>(conducts.map((conduct) => [conduct, 0]))
  const line = progressLine()
  return {
    hear(news) {
      if (news.kind === 'said') said.set(news.conduct, news.said)
      if (news.kind === 'played') said.set(news.conduct, messages)
      const done = [...said.values()].reduce((sum, one) => sum + one, 0) / (messages * conducts.length)
      const what =
        news.kind === 'said'
          ? `${operatorCalled[news.conduct]}: ${news.said} of ${counted(messages, 'message')} sent`
          : `${operatorCalled[news.conduct]}: everything is sent, and the adversaries read`
      line.tell(done * playsShare, what)
    },
    end: line.end,
  }
}

/** The part of a replay's time in which people talk, and nobody reads yet: about so much. */
const playsShare = 0.8

function report(news: News, { json }: ReplayFlags, watch: Watch): void {
  watch.hear(news)
  if (news.kind === 'said') return
  watch.end()
  if (json) return print(safeJson(news.kind === 'cell' ? news.cell : news))
  if (news.kind === 'cell') for (const row of cellLines(news.cell)) print(row)
  else if (news.kind === 'played') showPlayed(news.conduct, news.played)
  else
    say(
      `With ${operatorCalled[news.conduct]}, one control key, tried on every envelope, opened ${counted(news.control, 'message')}; it took ${news.seconds.toFixed(1)} s.`,
      '  ',
    )
}

function showPlayed(
  conduct: Conduct,
  { envelopes, envelopeBytes, lost, lastStates, detections, seconds }: PlayedSummary,
): void {
  const megabytes = (envelopeBytes / 1e6).toFixed(1)
  print('')
  say(
    `With ${operatorCalled[conduct]}: ${counted(envelopes, 'envelope')} (${megabytes} MB) passed in ${seconds.toFixed(1)} s, and ${counted(lost, 'message was', 'messages were')} lost.`,
  )
  say(
    `The keys left on all devices opened ${counted(lastStates.readBefore, 'message')} that had been read before, and ${part(lastStates.stillToCome)} that had not arrived yet.`,
    '  ',
  )
  say(`Could have noticed: ${noticedWords(detections)}.`, '  ')
}
