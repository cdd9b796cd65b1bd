import { modes } from '../../../crypto/access/index.ts'
import type { Conduct } from '../../lab/operator.ts'
import { phases } from '../../lab/phase.ts'
import { provenanceOf } from '../../lab/provenance.ts'
import type { Detection, LabResult, ModeResult, Share } from '../../lab/result.ts'
import { runLab } from '../../lab/run.ts'
import { usualParts, usualTimetable } from '../../lab/timetable.ts'
import { builtinWorld } from '../../lab/world/builtin.ts'
import { worldDays } from '../../lab/world/calendar.ts'
import type { World } from '../../lab/world/world.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../terminal.ts'
import { safeJson } from '../visible.ts'

export interface LabFlags {
  readonly seed: string
  readonly people: string
  readonly json?: boolean
}

const fewestPeople = 34
const mostPeople = 5000

/** Plays the built-in world under each mode and lets each adversary read what they can. */
export async function matrix(flags: LabFlags): Promise<void> {
  const world = worldOf(flags, 'matrix')
  if (!flags.json) introduce(world, flags.seed)
  const { modes: results } = await run(world, flags, 'matrix', (mode) => {
    if (flags.json) for (const cell of mode.cells) print(safeJson({ ...cell, control: mode.control }))
    else show(mode)
  })
  if (results.length < modes.length)
    throw new Stop('user', 'interrupted: the modes above are finished', 'doormat lab matrix')
}

/** @throws Stop for a number of people that no built-in world has */
function worldOf({ people: wanted, seed }: LabFlags, command: string): World {
  const people = Number(wanted)
  if (!Number.isInteger(people) || people < fewestPeople || people > mostPeople)
    throw new Stop(
      'user',
      `the built-in world has ${fewestPeople} to ${mostPeople} people`,
      `doormat lab ${command} --people 300`,
    )
  return builtinWorld(seed, people)
}

/** Until it is done, or somebody interrupts it: what is finished by then is kept. */
async function run(
  world: World,
  { seed, people }: LabFlags,
  command: string,
  finished: (mode: ModeResult) => void,
): Promise<LabResult> {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  try {
    return await runLab({
      world,
      modes,
      timetable: usualTimetable(world),
      seed,
      experiments: async () => [],
      provenance: provenanceOf(`doormat lab ${command} --people ${people} --seed ${seed}`),
      signal: stop.signal,
      progress: progress(world.messages.length),
      finished,
    })
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function introduce(world: World, seed: string): void {
  const { on, breach, off, again } = usualParts
  const percent = (part: number) => `${Math.round(part * 100)} %`
  print(
    `${world.people.length} people say ${world.messages.length} things in ${worldDays} simulated days (seed ${seed}).`,
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

const part = ({ read, of }: Share) => (of === 0 ? 'none said' : `${read}/${of}`)

function show({ id, envelopes, lost, cells, detections, control, lastStates, seconds }: ModeResult): void {
  print(`\n${id}: ${envelopes} envelopes passed, ${lost} messages were lost`)
  for (const { adversary, status, holds, messages, conversations, people, stillSealed, forged } of cells) {
    const figures =
      status === 'not applicable'
        ? `not applicable: ${holds}`
        : [
            ...phases.map((phase) => part(messages[phase]).padStart(9)),
            ` conversations ${part(conversations)}`,
            ` partners ${part(people.partners)}, strangers ${part(people.strangers)}`,
            ...(stillSealed > 0 ? [`, and ${stillSealed} still sealed`] : []),
            ...(forged === null ? [] : [forged ? '; forges' : '; cannot forge']),
          ].join(' ')
    print(`  ${adversary.padEnd(23)}${figures}`)
  }
  print(`  could notice: ${noticed(detections.order)}`)
  print(`  could notice an active relay: ${noticed(detections.activeRelay)}`)
  print(`  positive control: one kept encryption key, tried on all of them, opens ${control}`)
  print(
    `  every device's last state opens ${lastStates.readBefore} messages that had been read, and ${part(lastStates.stillToCome)} that were still to come`,
  )
  print(`  played twice and read in ${seconds.toFixed(1)} s`)
}

const noticed = (detections: readonly Detection[]): string =>
  detections
    .filter(({ noticed: { read } }) => read > 0)
    .map(({ id, noticed: share }) => `${id} ${part(share)}`)
    .join(', ') || 'nobody'
