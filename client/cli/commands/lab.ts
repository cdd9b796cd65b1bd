import { modes } from '../../../crypto/access/index.ts'
import { labExperiments } from '../../lab/experiments/all.ts'
import { titles } from '../../lab/experiments/titles.ts'
import { runMatrix } from '../../lab/runs/matrix.ts'
import { provenanceOf } from '../../lab/runs/provenance.ts'
import { invented, timetableWords } from '../../lab/report/limits.ts'
import { nameOf } from '../../lab/report/words.ts'
import { writeReport } from '../../lab/report/write.ts'
import type { LabResult, ModeResult } from '../../lab/runs/result.ts'
import { runLab, summaryOf } from '../../lab/runs/run.ts'
import type { Conduct } from '../../lab/simulation/operator.ts'
import { daysInto, usualTimetable } from '../../lab/simulation/timetable.ts'
import { builtinWorld } from '../../lab/world/builtin.ts'
import type { World } from '../../lab/world/world.ts'
import { counted } from '../../words/counted.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { Stop } from '../exit.ts'
import { cellLines, noticedWords, operatorCalled, part } from '../lab-lines.ts'
import { matrixLines } from '../lab-table.ts'
import { paragraph } from '../layout.ts'
import { print, untilInterrupted } from '../output.ts'
import { type Progress, progressLine } from '../progress.ts'

interface WorldFlags {
  readonly seed: string
  readonly people: string
}

export interface MatrixFlags extends WorldFlags {
  readonly json?: boolean
  readonly details?: boolean
}

export interface ReportFlags extends WorldFlags {
  readonly out: string
}

const fewestPeople = 34
const mostPeople = 5000

/** Plays the built-in world under each mode and lets each adversary read what they can. */
export async function matrix(flags: MatrixFlags): Promise<void> {
  const world = worldOf(flags, 'lab matrix')
  if (!flags.json) introduce(world, flags.seed)
  const results: ModeResult[] = []
  const line = progressLine()
  const played = playing(world, line, 1)
  const complete = await untilInterrupted((signal) =>
    runMatrix(
      { seed: flags.seed, people: world.people.length },
      modes.map(({ id }) => id),
      (news) => {
        if (news.kind === 'said') return played(news.mode, news.conduct, news.said)
        results.push(news.result)
        if (flags.json) for (const cell of news.result.cells) print(safeJson({ ...cell, control: news.result.control }))
      },
      signal,
    ),
  ).finally(line.end)
  if (!flags.json && results.length > 0) show(world, results, flags.details === true)
  if (!complete) throw new Stop('user', 'interrupted: only the modes above were finished', 'doormat lab matrix')
}

/** The same, and the experiments, as a folder that is there to be looked at. */
export async function report(flags: ReportFlags): Promise<void> {
  const world = worldOf(flags, 'lab report')
  introduce(world, flags.seed)
  const line = progressLine()
  let begun = 0
  const result = await untilInterrupted((signal) =>
    runLab({
      world,
      modes,
      timetable: usualTimetable(world),
      seed: flags.seed,
      experiments: labExperiments,
      provenance: provenanceOf(`doormat lab report --people ${flags.people} --seed ${flags.seed}`),
      signal,
      progress: playing(world, line, playsShare),
      begun: (title) => {
        line.tell(playsShare + ((1 - playsShare) * begun) / Object.keys(titles).length, `experiment: ${title}`)
        begun += 1
      },
      finished: () => undefined,
    }),
  ).finally(line.end)
  writeReport(flags.out, result)
  for (const { title, verdict } of result.experiments) {
    print('')
    say(title)
    say(visible(verdict), '  ')
  }
  print('')
  say(
    `Wrote ${visible(flags.out)}: index.html is the whole report and needs nothing else; cells.csv and result.json have the figures.`,
  )
  if (!result.complete) throw new Stop('user', 'interrupted: the report has what was finished', 'doormat lab report')
}

/** The part of a report's time that is spent before the experiments: about so much. */
const playsShare = 0.6

/** @throws Stop for a number of people that no built-in world has */
function worldOf({ people: wanted, seed }: WorldFlags, command: string): World {
  const people = Number(wanted)
  if (!Number.isInteger(people) || people < fewestPeople || people > mostPeople)
    throw new Stop(
      'user',
      `the built-in world has ${fewestPeople} to ${mostPeople} people`,
      `doormat ${command} --people ${people > mostPeople ? mostPeople : fewestPeople}`,
    )
  return builtinWorld(seed, people)
}

const say = (sentence: string, indent = '') => {
  for (const row of paragraph(sentence, { first: indent })) print(row)
}

function momentsOf(world: World): LabResult['moments'] {
  const { on, breach, off, again } = usualTimetable(world)
  const day = (at: number) => daysInto(world, at)
  return { on: day(on), breach: day(breach), off: day(off), again: again === null ? null : day(again) }
}

function introduce(world: World, seed: string): void {
  const told = { world: summaryOf(world), moments: momentsOf(world) }
  say(`${invented(told)} Seed: ${visible(seed)}.`)
  say(timetableWords(told))
}

/** Tells how far the plays of a world are, under whichever mode and operator. @param share of the whole work that they are */
function playing(world: World, line: Progress, share: number): (mode: string, conduct: Conduct, said: number) => void {
  const said = new Map<string, number>()
  const plays = modes.reduce((sum, { tapping }) => sum + (tapping ? 3 : 2), 0)
  return (mode, conduct, count) => {
    said.set(`${mode} ${conduct}`, count)
    const begun = [...said.values()].slice(0, -1).map(() => world.messages.length)
    const done = [...begun, count].reduce((sum, one) => sum + one, 0) / (plays * world.messages.length)
    const known = modes.find(({ id }) => id === mode)
    line.tell(
      share * done,
      `${known ? nameOf(known) : mode}, ${operatorCalled[conduct]}: ${count} of ${counted(world.messages.length, 'message')}`,
    )
  }
}

function show(world: World, results: readonly ModeResult[], details: boolean): void {
  const pairs = summaryOf(world).conversations.length
  print('')
  say(
    `Each number counts conversations of which at least one message was read, of ${pairs} in the whole time. A dash means that there was nothing to try.`,
  )
  for (const row of matrixLines({ modes: results, moments: momentsOf(world) })) print(row)
  if (details) for (const mode of results) showMode(mode)
  else say(`For messages, people and detectors of each mode: doormat lab matrix --details`)
}

function showMode(mode: ModeResult): void {
  const { title, envelopes, lost, withheld, cells, detections, control, plainKeys, lastStates, seconds } = mode
  print('')
  print(title)
  for (const cell of cells) for (const row of cellLines(cell)) print(row)
  for (const sentence of [
    `${counted(envelopes, 'envelope')} passed, and ${counted(lost, 'message was', 'messages were')} lost. Pairs who compared safety numbers and saw different ones held back ${counted(withheld.order, 'message')}, and ${withheld.activeRelay} with a dishonest server.`,
    `Could have noticed an order: ${noticedWords(detections.order)}. Could have noticed a dishonest server: ${noticedWords(detections.activeRelay)}.`,
    `One control key, tried on every envelope, opened ${counted(control, 'message')}. Every 32 bytes that stand in an envelope, tried as its key, opened ${part(plainKeys)}.`,
    `The keys left on all devices opened ${counted(lastStates.readBefore, 'message')} that had been read before, and ${part(lastStates.stillToCome)} that had not arrived yet.`,
    `Played and read in ${seconds.toFixed(1)} s.`,
  ])
    for (const row of paragraph(sentence, { first: '  ' })) print(row)
}
