import { isWithin, type Scope } from '../../authority/order/within.ts'
import { groupedBy } from '../../authority/grouped.ts'
import type { ModeRun } from '../runs/mode-run.ts'
import { play } from '../simulation/play.ts'
import type { Played } from '../simulation/played.ts'
import type { Share } from '../simulation/share.ts'
import type { Evasion, World } from '../world/world.ts'
import { cellOf, type Experiment, hasSecrets, ofAll, readWith, saidDuring } from './experiment.ts'
import { modesOf, portion, range } from './figures.ts'
import { listed } from './words.ts'

const evasions: readonly Evasion[] = ['garbage stanzas', 'encrypt first', 'foreign client']

/** What an order for somebody yields of what they say and hear while the mode is on. */
export interface Suspected {
  readonly yielded: Share
  /** opened, and still a ciphertext */
  readonly stillSealed: number
}

export interface EvaderRow {
  readonly mode: string
  readonly complies: Suspected
  /** null: nobody in the world evades like that */
  readonly evading: Readonly<Record<Evasion, Suspected | null>>
  /** messages of others opened by the same secrets, and strangers among those others */
  readonly others: number
  readonly strangers: Share
}

export async function evader(runs: readonly ModeRun[], seed: string): Promise<Experiment> {
  const rows: EvaderRow[] = []
  for (const run of runs.filter(hasSecrets)) rows.push(await rowOf(run, seed))
  return {
    id: 'evader',
    title: 'A target who does not comply',
    claims: [16],
    question: 'What does an order yield from somebody who evades, and whom does the mode expose meanwhile?',
    method:
      "One order for each suspect: the target of the world, who complies, and the first person of each way to evade. Whoever sends garbage stanzas has a partner whose client does not mind; whoever encrypts first has agreed on a key elsewhere; a foreign client passes this relay by. Where the operator's part is for one person, the suspects and those they talk with are played again, once with each evader for a target. Strangers are those of the matrix, who never spoke with its target.",
    columns: [
      'mode',
      'complies',
      'garbage stanzas',
      'encrypts first',
      'foreign client',
      'messages of others that the same secrets open',
      'strangers opened',
    ],
    rows: rows.map(({ mode, complies, evading, others, strangers }) => [
      mode,
      figure(complies),
      ...evasions.map((evasion) => figure(evading[evasion])),
      others,
      portion(strangers),
    ]),
    verdict: evaderVerdict(rows),
  }
}

const figure = (suspected: Suspected | null) =>
  suspected === null
    ? 'nobody'
    : `${portion(suspected.yielded)}${suspected.stillSealed > 0 ? `, and ${suspected.stillSealed} still sealed` : ''}`

async function rowOf(run: ModeRun, seed: string): Promise<EvaderRow> {
  const { within } = run
  const suspects = evasions.map((evasion) => within.world.people.find(({ evades }) => evades === evasion)?.name ?? null)
  const small = suspectsOf(
    within.world,
    suspects.flatMap((suspect) => suspect ?? []),
  )
  const evading = { 'garbage stanzas': null, 'encrypt first': null, 'foreign client': null } as {
    [evasion in Evasion]: Suspected | null
  }
  for (const [i, evasion] of evasions.entries()) {
    const suspect = suspects[i]
    if (!suspect) continue
    const played = within.mode.tapping
      ? await play(
          { ...small, target: suspect },
          within.mode,
          { ...within.timetable, again: null },
          `${seed} evader`,
          () => undefined,
        )
      : within
    evading[evasion] = suspected(played, suspect)
  }
  const possible = cellOf(run, 'order, as possible')
  const complies = suspected(within, within.world.target)
  return {
    mode: run.result.id,
    complies,
    evading,
    others: ofAll(possible).read - ofAll(cellOf(run, 'order, as used')).read,
    strangers: possible.people.strangers,
  }
}

/** The target and the others, and whoever they talk with, without anybody else. */
function suspectsOf(world: World, suspects: readonly string[]): World {
  const all = new Set([world.target, ...suspects])
  const messages = world.messages.filter(({ from, to }) => all.has(from) || all.has(to))
  const names = new Set([...all, ...messages.flatMap(({ from, to }) => [from, to])])
  return {
    ...world,
    name: `${world.name}, suspects only`,
    people: world.people.filter(({ name }) => names.has(name)),
    messages,
    verified: world.verified.filter((both) => both.every((name) => names.has(name))),
    shared: world.target,
    listed: [],
  }
}

function suspected(played: Played, person: string): Suspected {
  const { on, off } = played.timetable
  const scope: Scope = { person, window: { from: on, to: off } }
  const upToThen: Scope = { person, window: { from: 0, to: off } }
  const { messages, stillSealed } = readWith(played, {
    rings: played.holdings.authority,
    envelopes: played.archive.filter((recorded) => isWithin(upToThen, recorded)),
    within: scope,
  })
  return { yielded: { read: messages.during.read, of: saidDuring(played, person).length }, stillSealed }
}

export function evaderVerdict(rows: readonly EvaderRow[]): string {
  const yielding = rows.filter(({ complies }) => complies.yielded.read > 0)
  if (yielding.length === 0) return 'No mode read a target who complies, so there was nothing to evade.'
  const complying = `A target who complies was read under ${modesOf(yielding)}.`
  const outcomes = groupedBy(evasions, (evasion) => outcomeOf(evasion, yielding))
  const each = [...outcomes].map(
    ([outcome, those]) => ` ${capital(listed(those.map((one) => words[one])))} ${outcome}.`,
  )
  const exposing = yielding.filter(({ strangers }) => strangers.read > 0)
  const meanwhile =
    exposing.length === 0
      ? yielding.some(({ strangers }) => strangers.of > 0)
        ? ' None of these modes exposed people who never spoke with the target, in what was recorded.'
        : ''
      : ` Whatever the target does, ${modesOf(exposing)} exposed ${range(exposing.map(({ strangers }) => strangers.read))} of ${range(exposing.map(({ strangers }) => strangers.of))} people who never spoke with the target.`
  return `${complying}${each.join('')}${meanwhile}`
}

function outcomeOf(evasion: Evasion, yielding: readonly EvaderRow[]): string {
  const tried = yielding.filter(({ evading }) => (evading[evasion]?.yielded.of ?? 0) > 0)
  const helped = tried.filter(({ evading }) => evading[evasion]?.yielded.read === 0)
  const failed = tried.filter((row) => !helped.includes(row))
  if (tried.length === 0) return 'was not tried'
  if (failed.length === 0) return 'left nothing to read under any of them'
  if (helped.length === 0) return 'left something to read under all of them'
  return `left nothing to read under ${modesOf(helped)}, and something under ${modesOf(failed)}`
}

const words: Readonly<Record<Evasion, string>> = {
  'garbage stanzas': 'sending garbage for a stanza',
  'encrypt first': 'encrypting first',
  'foreign client': 'using another service',
}
const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
