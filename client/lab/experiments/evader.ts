import { isWithin, type Scope } from '../../authority/order/within.ts'
import { groupedBy } from '../../authority/grouped.ts'
import type { ModeRun } from '../runs/mode-run.ts'
import { play } from '../simulation/play.ts'
import type { Played } from '../simulation/played.ts'
import type { Share } from '../simulation/share.ts'
import type { Evasion, World } from '../world/world.ts'
import { counted } from '../../words/counted.ts'
import { isUnderstood, readWithRings } from '../adversaries/reading.ts'
import type { Truth } from '../simulation/truth.ts'
import { evasions } from '../world/evasion.ts'
import { pair } from '../world/pair.ts'
import { cellOf, type Experiment, hasSecrets, ofAll, saidDuring } from './experiment.ts'
import { modesOf, most, portion, range } from './figures.ts'
import { titles } from './titles.ts'
import { capital, listed } from './words.ts'

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
    title: titles.evader,
    claims: [16],
    question: 'What does an order read of a pair who evade, and whom does the mode expose meanwhile?',
    method:
      'Each suspect gets an order: the target, who complies, and one person of the first pair that evades in each way. Of an evader only the messages of that pair are counted. Two people who send garbage stanzas both use an altered client; two who encrypt first have agreed on a key elsewhere; a foreign client does not use this server at all. Where the operator taps one person, the suspects and everybody they talk with are played again, once with each evader as the target. “Still sealed” counts messages that the keys opened, and that were a ciphertext inside. Strangers are people who never spoke with the target of the matrix. Who evades was drawn among all pairs, so the suspects here need not have done anything wrong.',
    columns: [
      'mode',
      'complies',
      'garbage stanzas',
      'encrypts first',
      'foreign client',
      'messages of others that the same keys open',
      'strangers read',
    ],
    rows: rows.map(({ mode, complies, evading, others, strangers }) => [
      mode,
      figure(complies),
      ...evasions.map((evasion) => figure(evading[evasion])),
      others,
      portion(strangers),
    ]),
    verdict: evaderVerdict(rows),
    evidence: evaderEvidence(rows),
    figures: evaderFigures(rows),
  }
}

const figure = (suspected: Suspected | null) =>
  suspected === null
    ? 'nobody'
    : `${portion(suspected.yielded)}${suspected.stillSealed > 0 ? `, and ${suspected.stillSealed} still sealed` : ''}`

async function rowOf(run: ModeRun, seed: string): Promise<EvaderRow> {
  const { within } = run
  const pairs = evasions.map((evasion) => within.world.evading.find(({ by }) => by === evasion)?.between ?? null)
  const small = suspectsOf(
    within.world,
    pairs.flatMap((both) => both?.[0] ?? []),
  )
  const evading = { 'garbage stanzas': null, 'encrypt first': null, 'foreign client': null } as {
    [evasion in Evasion]: Suspected | null
  }
  for (const [i, evasion] of evasions.entries()) {
    const both = pairs[i]
    if (!both) continue
    const played = within.mode.tapping
      ? await play(
          { ...small, target: both[0] },
          within.mode,
          { ...within.timetable, again: null },
          `${seed} evader`,
          () => undefined,
        )
      : within
    evading[evasion] = suspected(played, both[0], pair(...both))
  }
  const possible = cellOf(run, 'order, as possible')
  const complies = suspected(within, within.world.target, null)
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
    evading: world.evading.filter(({ between }) => between.every((name) => names.has(name))),
    shared: world.target,
    listed: [],
  }
}

/** @param between the two whose messages are counted; null: all of the person's */
function suspected(played: Played, person: string, between: string | null): Suspected {
  const { on, off } = played.timetable
  const isCounted = ({ from, to }: Truth) => between === null || pair(from, to) === between
  const upToThen: Scope = { person, window: { from: 0, to: off } }
  const { openings } = readWithRings(
    { ...played, breach: { ...played.breach, undelivered: [] }, ending: { ...played.ending, undelivered: [] } },
    played.archive.filter((recorded) => isWithin(upToThen, recorded)),
    played.holdings.authority,
  )
  const scope: Scope = { person, window: { from: on, to: off } }
  const opened = openings.filter(({ recorded, said }) => isWithin(scope, recorded) && isCounted(said))
  const read = new Set(opened.map(({ said }) => said).filter(({ phase }) => phase === 'during'))
  const understood = [...read].filter(isUnderstood)
  return {
    yielded: { read: understood.length, of: saidDuring(played, person).filter(isCounted).length },
    stillSealed: read.size - understood.length,
  }
}

const evaderFigures = (rows: readonly EvaderRow[]): Readonly<Record<string, number>> => {
  const yielding = rows.filter(({ complies }) => complies.yielded.read > 0)
  const tried = yielding.length === 0 ? [] : evasions.filter((one) => waysTried(one, yielding).length > 0)
  const always = tried.filter((one) =>
    waysTried(one, yielding).every(({ evading }) => evading[one]?.yielded.read === 0),
  )
  const sometimes = tried.filter((one) =>
    waysTried(one, yielding).some(({ evading }) => evading[one]?.yielded.read === 0),
  )
  return {
    tried: tried.length,
    always: always.length,
    sometimes: sometimes.length,
    strangers: most(yielding.map(({ strangers }) => strangers.read)),
  }
}

const waysTried = (evasion: Evasion, rows: readonly EvaderRow[]): readonly EvaderRow[] =>
  rows.filter(({ evading }) => (evading[evasion]?.yielded.of ?? 0) > 0)

export function evaderVerdict(rows: readonly EvaderRow[]): string {
  const { tried = 0, always = 0, strangers = 0 } = evaderFigures(rows)
  if (tried === 0) return 'No mode read a target who complies and a pair who could have evaded, so nothing was tried.'
  const meanwhile =
    strangers === 0 ? 'its keys exposed nobody else' : `its keys exposed up to ${counted(strangers, 'stranger')}`
  return `Of ${counted(tried, 'way', 'ways')} to evade, ${always} left an order nothing to read under any mode; meanwhile ${meanwhile}.`
}

export function evaderEvidence(rows: readonly EvaderRow[]): string {
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
        ? ' None of these modes exposed anybody who never spoke with the target, in what was recorded.'
        : ''
      : ` Whatever the target does, ${modesOf(exposing)} exposed ${range(exposing.map(({ strangers }) => strangers.read))} of ${range(exposing.map(({ strangers }) => strangers.of))} people who never spoke with the target.`
  return `${complying}${each.join('')}${meanwhile}`
}

function outcomeOf(evasion: Evasion, yielding: readonly EvaderRow[]): string {
  const tried = waysTried(evasion, yielding)
  const helped = tried.filter(({ evading }) => evading[evasion]?.yielded.read === 0)
  const failed = tried.filter((row) => !helped.includes(row))
  if (tried.length === 0) return 'was not tried'
  if (failed.length === 0) return 'left nothing to read under any of them'
  if (helped.length === 0) return 'left something to read under all of them'
  return `left nothing to read under ${modesOf(helped)}, and something under ${modesOf(failed)}`
}

const words: Readonly<Record<Evasion, string>> = {
  'garbage stanzas': 'sending garbage in place of a stanza',
  'encrypt first': 'encrypting first',
  'foreign client': 'using another service',
}
