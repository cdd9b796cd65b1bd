import { modes } from '../../../crypto/access/index.ts'
import { adversaries } from '../../lab/adversaries.ts'
import { type Cell, measure, type Share, tryControl } from '../../lab/exposure.ts'
import { phases, play, type Played, type Timetable } from '../../lab/play.ts'
import { builtinWorld } from '../../lab/world/builtin.ts'
import { worldDays, worldEnd, worldStart } from '../../lab/world/calendar.ts'
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

/** On after two fifths of the time, off after four fifths; the relay is broken into in between. */
function timetable(): Timetable {
  const after = (part: number) => worldStart + Math.round((worldEnd - worldStart) * part)
  return { on: after(0.4), breach: after(0.7), off: after(0.8) }
}

/** Plays the built-in world under each mode and lets each adversary read what they can. */
export async function matrix(flags: LabFlags): Promise<void> {
  const people = Number(flags.people)
  if (!Number.isInteger(people) || people < fewestPeople || people > mostPeople)
    throw new Stop(
      'user',
      `the built-in world has ${fewestPeople} to ${mostPeople} people`,
      'doormat lab matrix --people 300',
    )
  const world = builtinWorld(flags.seed, people)
  if (!flags.json) {
    print(
      `${world.people.length} people say ${world.messages.length} things in ${worldDays} simulated days (seed ${flags.seed}).`,
    )
    print('The mode is switched on after 40 % of the time and off after 80 %; the relay is broken into after 70 %.')
    print(
      'Read, of all that was said before, while it was on, and after; of conversations; of people who were no target.',
    )
  }
  for (const mode of modes) {
    const begun = Date.now()
    let told = begun
    const played = await play(world, mode, timetable(), flags.seed, (said) => {
      if (Date.now() < told + 2000) return
      told = Date.now()
      tell(`… ${mode.id}: ${said} of ${world.messages.length} said`)
    })
    show(
      played,
      adversaries.map((adversary) => measure(played, adversary)),
      flags,
    )
    if (!flags.json) print(`  played and read in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
  }
}

const part = ({ read, of }: Share) => (of === 0 ? 'none said' : `${read}/${of}`)

function show(played: Played, cells: readonly Cell[], flags: LabFlags): void {
  const control = tryControl(played)
  if (flags.json) {
    for (const cell of cells) print(safeJson({ ...cell, control }))
    return
  }
  print(`\n${played.mode.id}: ${played.archive.length} envelopes passed, ${played.lost} messages were lost`)
  for (const { adversary, status, messages, conversations, people, stillSealed } of cells) {
    const figures =
      status === 'not applicable'
        ? 'not applicable: this mode has no secret'
        : [
            ...phases.map((phase) => part(messages[phase]).padStart(9)),
            ` conversations ${part(conversations)}`,
            ` partners ${part(people.partners)}, strangers ${part(people.strangers)}`,
            ...(stillSealed > 0 ? [` and ${stillSealed} still sealed`] : []),
          ].join(' ')
    print(`  ${adversary.padEnd(23)}${figures}`)
  }
  print(`  positive control: one kept encryption key, tried on all of them, opens ${control}`)
}
