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
  return modes
    .map((mode) =>
      ofMode(
        mode,
        rows.filter((row) => row.mode === mode),
      ),
    )
    .join(' ')
}

function ofMode(mode: string, rows: readonly CompelledRow[]): string {
  const yields = ({ read, of }: CompelledRow) => `${read} of ${counted(of, 'message')}`
  const found = rows.filter(({ ownKey, read }) => !ownKey && read > 0)
  const fewest = Math.min(...found.map(({ states }) => states))
  const best = found
    .filter(({ states }) => states === fewest)
    .reduce<CompelledRow | null>((most, row) => (most && most.read >= row.read ? most : row), null)
  const kept = best
    ? fewest === 0
      ? `the archive alone yields ${yields(best)}`
      : `with the archive, what is kept in ${counted(fewest, 'state')} is enough, and yields ${yields(best)}`
    : 'nobody who is compelled to hand over what there is has anything that opens a message'
  const own = rows.find(({ ownKey }) => ownKey)
  const anew = own
    ? own.read > 0
      ? `; with a key of its own in the operator's place the other state needs no custodian, and reads ${yields(own)} of the few it is after`
      : "; a key of its own in the operator's place yields nothing"
    : ''
  return `Under ${mode} ${kept}${anew}.`
}

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
        "Assumed: whoever is compelled hands over everything; a state reaches the holders that the mode places in it and no other, and the operator gives it the whole archive. Each set of states is tried on each mode with just those secrets. Then the operator is made to use its switch for the other state: a key that this state has made itself is put in the place of the authority's, and a small part of the world, the people that it is after, talks again under it. What opens is compared with what was said.",
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
