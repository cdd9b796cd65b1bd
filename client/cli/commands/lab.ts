import { modes } from '../../../crypto/access/index.ts'
import { labExperiments } from '../../lab/experiments/all.ts'
import { runMatrix } from '../../lab/runs/matrix.ts'
import type { Conduct } from '../../lab/simulation/operator.ts'
import { provenanceOf } from '../../lab/runs/provenance.ts'
import { writeReport } from '../../lab/report/write.ts'
import type { ModeResult } from '../../lab/runs/result.ts'
import { runLab } from '../../lab/runs/run.ts'
import { usualParts, usualTimetable } from '../../lab/simulation/timetable.ts'
import { builtinWorld } from '../../lab/world/builtin.ts'
import { worldDays } from '../../lab/world/calendar.ts'
import type { World } from '../../lab/world/world.ts'
import { Stop } from '../exit.ts'
import { cellLine, noticedLine, part, percent } from '../lab-lines.ts'
import { print, tell, untilInterrupted } from '../output.ts'
import { safeJson, visible } from '../../words/visible.ts'

interface WorldFlags {
  readonly seed: string
  readonly people: string
}

export interface MatrixFlags extends WorldFlags {
  readonly json?: boolean
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
  const told = progress(world.messages.length)
  const complete = await untilInterrupted((signal) =>
    runMatrix(
      { seed: flags.seed, people: world.people.length },
      modes.map(({ id }) => id),
      (news) => {
        if (news.kind === 'said') return told(news.mode, news.conduct, news.said)
        const { cells, control } = news.result
        if (flags.json) for (const cell of cells) print(safeJson({ ...cell, control }))
        else show(news.result)
      },
      signal,
    ),
  )
  if (!complete) throw new Stop('user', 'interrupted: the modes above are finished', 'doormat lab matrix')
}

/** The same, and the experiments, as a folder that is there to be looked at. */
export async function report(flags: ReportFlags): Promise<void> {
  const world = worldOf(flags, 'lab report')
  introduce(world, flags.seed)
  const result = await untilInterrupted((signal) =>
    runLab({
      world,
      modes,
      timetable: usualTimetable(world),
      seed: flags.seed,
      experiments: labExperiments,
      provenance: provenanceOf(`doormat lab report --people ${flags.people} --seed ${flags.seed}`),
      signal,
      progress: progress(world.messages.length),
      finished: ({ id, seconds }) => print(`${id}: played and read in ${seconds.toFixed(1)} s`),
    }),
  )
  writeReport(flags.out, result)
  for (const { title, verdict } of result.experiments) print(`\n${title}: ${visible(verdict)}`)
  print(
    `\n${visible(flags.out)}/index.html is a page that needs nothing else; cells.csv and result.json have the figures`,
  )
  if (!result.complete) throw new Stop('user', 'interrupted: the report has what was finished', 'doormat lab report')
}

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

function introduce(world: World, seed: string): void {
  const { on, breach, off, again } = usualParts
  print(
    `${world.people.length} people say ${world.messages.length} things in ${worldDays} simulated days (seed ${visible(seed)}).`,
  )
  print(
    `The mode is switched on after ${percent(on)} of the time; thieves come after ${percent(breach)}; it is switched off after ${percent(off)}, and`,
  )
  print(`on again after ${percent(again)}, by an operator whom another state compels.`)
  print('Read, of all that was said: before, while it was on, after it was off, and when it was on again; of')
  print('conversations; of people who were no target. "forges": a device took a message that was never written.')
}

/** A line every two seconds. */
function progress(messages: number): (mode: string, conduct: Conduct, said: number) => void {
  let told = Date.now()
  return (mode, conduct, said) => {
    if (Date.now() < told + 2000) return
    told = Date.now()
    tell(`… ${mode}, operator ${conduct}: ${said} of ${messages} said`)
  }
}

function show(mode: ModeResult): void {
  const { id, envelopes, lost, withheld, cells, detections, control, plainKeys, lastStates, seconds } = mode
  print(
    `\n${id}: ${envelopes} envelopes passed, ${lost} messages were lost, ${withheld.order} withheld (${withheld.activeRelay} from an active relay)`,
  )
  for (const cell of cells) print(cellLine(cell))
  print(`  could notice: ${noticedLine(detections.order)}`)
  print(`  could notice an active relay: ${noticedLine(detections.activeRelay)}`)
  print(`  positive control: one kept encryption key, tried on all of them, opens ${control}`)
  print(`  every 32 bytes that stand in an envelope, tried as its key, open ${part(plainKeys)}`)
  print(
    `  the keys left on all devices open ${lastStates.readBefore} messages that had been read, and ${part(lastStates.stillToCome)} that were still to come`,
  )
  print(`  played and read in ${seconds.toFixed(1)} s`)
}
