import type { ModeSecret } from '../../../crypto/access/mode.ts'
import { play, type Played } from '../play.ts'
import type { ExperimentResult } from '../result.ts'
import type { World } from '../world/world.ts'
import { openAll, pairsIn, peopleIn } from './opened.ts'
import { inRole } from './roles.ts'
import { counted, listed, timed } from './words.ts'

export interface CompelledRow {
  readonly mode: string
  /** who is compelled, and what the compulsion is assumed to reach */
  readonly compelled: string
  readonly states: number
  /** how many of the mode's secrets that is */
  readonly secrets: number
  readonly secretsOf: number
  /** whether the operator puts the other state's own key in place */
  readonly ownKey: boolean
  /** of everything that was said */
  readonly read: number
  readonly of: number
  readonly people: number
  readonly conversations: number
}

/** The operator's archive, with the secrets in the hands of no state, of each, and of several together. */
export function compelledRows(played: Played): readonly CompelledRow[] {
  const { mode, secrets, world } = played
  const states = [...new Set(secrets.map(({ jurisdiction }) => jurisdiction))]
  return subsets(states).map((those) => {
    const held = secrets.filter(({ jurisdiction }) => those.includes(jurisdiction))
    const said = openAll(played, held).map((one) => one.said)
    return {
      mode: mode.id,
      compelled: compelledIn(those, held),
      states: those.length,
      ownKey: false,
      secrets: held.length,
      secretsOf: secrets.length,
      read: said.length,
      of: world.messages.length,
      people: peopleIn(said).length,
      conversations: pairsIn(said).size,
    }
  })
}

const compelledIn = (states: readonly string[], held: readonly ModeSecret[]): string =>
  states.length === 0
    ? 'the operator alone'
    : `the operator, and in ${listed(states)}: ${listed(held.map(({ holder }) => holder))}`

/** All of them, the smaller first. */
const subsets = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  all
    .reduce<readonly (readonly T[])[]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]])
    .toSorted((a, b) => a.length - b.length)

/**
 * Another state that has the operator put its own key in the place of the authority's: it compels no custodian. The
 * people it is after, among themselves, in the messenger anew; the operator's instrument, where there is one, is for the
 * first of them.
 */
export async function ownKeyRow(played: Played, list: readonly string[], seed: string): Promise<CompelledRow> {
  const [target = played.world.target] = list
  const world = among(played.world, list, target)
  const own = await play(world, played.mode, played.timetable, `${seed} another state`, () => undefined)
  const said = openAll(own).map((one) => one.said)
  return {
    mode: played.mode.id,
    compelled: `the operator alone, who puts the other state's own key in place, for ${listed(played.mode.tapping ? [target] : list)}`,
    states: 0,
    ownKey: true,
    secrets: 0,
    secretsOf: played.secrets.length,
    read: said.length,
    of: world.messages.length,
    people: peopleIn(said).length,
    conversations: pairsIn(said).size,
  }
}

/** What these people say to each other. */
const among = (world: World, list: readonly string[], target: string): World => ({
  ...world,
  name: `${world.name}, ${listed(list)}`,
  people: world.people.filter(({ name }) => list.includes(name)),
  messages: world.messages.filter(({ from, to }) => list.includes(from) && list.includes(to)),
  verified: world.verified.filter((pair) => pair.every((name) => list.includes(name))),
  target,
})

export function compelledVerdict(rows: readonly CompelledRow[]): string {
  const modes = [...new Set(rows.map(({ mode }) => mode))]
  const fewest = modes.map((mode) => [mode, fewestStates(rows.filter((row) => row.mode === mode))] as const)
  const needed = (states: number | null) => fewest.filter(([, row]) => (row?.states ?? null) === states)
  const shown = (those: typeof fewest) => listed(those.map(([mode, row]) => (row ? `${mode} (${yieldOf(row)})` : mode)))
  const kept = [...new Set(fewest.map(([, row]) => row?.states ?? null))]
    .toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity))
    .map((states) => {
      const under = shown(needed(states))
      if (states === null) return `nothing that anybody keeps opens anything under ${under}`
      if (states === 0) return `the archive alone is enough under ${under}`
      return `what is kept in ${counted(states, 'state')} is enough under ${under}`
    })
  const own = rows.filter(({ ownKey }) => ownKey)
  const reads = own.filter(({ read }) => read > 0).map((row) => `${row.mode} (${yieldOf(row)})`)
  const anew =
    own.length === 0
      ? ''
      : reads.length === 0
        ? ' A key of its own in its place yields the other state nothing.'
        : ` With a key of its own put in its place by the operator, the other state needs no custodian under ${listed(reads)}.`
  return `Of all that passed, ${kept.join('; ')}.${anew}`
}

const yieldOf = ({ read, of }: CompelledRow): string => `${read} of ${counted(of, 'message')}`

/** The row with the fewest states in which something is read, and of these the one in which most is. */
const fewestStates = (rows: readonly CompelledRow[]): CompelledRow | null =>
  rows
    .filter(({ ownKey, read }) => !ownKey && read > 0)
    .toSorted((a, b) => a.states - b.states || b.read - a.read)[0] ?? null

/** Whom the other state is after: the activists, or, in a world without any, the target and those who write with them. */
function listIn({ world }: Played): readonly string[] {
  const activists = inRole(world, 'activist')
  return activists.length > 0
    ? activists
    : peopleIn(world.messages.filter(({ from, to }) => from === world.target || to === world.target))
}

export const otherState = (runs: readonly Played[], seed: string): Promise<ExperimentResult> =>
  timed(async () => {
    const rows: CompelledRow[] = []
    for (const played of runs) rows.push(...compelledRows(played), await ownKeyRow(played, listIn(played), seed))
    return {
      id: 'other-state',
      title: 'Another state compels',
      claims: [15, 18],
      question: 'What does another state read that compels the operator, one custodian, or several?',
      method:
        "Assumed: whoever is compelled hands over everything; a state reaches the holders that the mode places in it and no other, and the operator gives it the whole archive. Each set of states is tried on each mode with just those secrets. Then the operator is made to use its switch for the other state: a key that this state has made itself is put in the place of the authority's, and a small part of the world, the people that it is after, talks again under it. What opens is compared with what was said. These people had written to each other before the switch, so a mode that needs new contacts finds none among them. The mode is on for a part of the time, and all that was said counts; whether anybody could notice is another question.",
      columns: [
        'mode',
        'compelled',
        'secrets reached',
        'secrets',
        'messages read',
        'messages said',
        'people',
        'conversations',
      ],
      rows: rows.map((row) => [
        row.mode,
        row.compelled,
        row.secrets,
        row.secretsOf,
        row.read,
        row.of,
        row.people,
        row.conversations,
      ]),
      verdict: compelledVerdict(rows),
    }
  })
