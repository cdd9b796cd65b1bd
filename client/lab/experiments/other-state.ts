import type { ModeSecret } from '../../../crypto/access/mode.ts'
import type { KeyRing } from '../simulation/operator.ts'
import type { Phase } from '../simulation/phase.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { openAll, pairsIn, peopleIn } from './opened.ts'
import { counted, listed, timed } from './words.ts'

export interface CompelledRow {
  readonly mode: string
  /** who is compelled, and what the compulsion is assumed to reach */
  readonly compelled: string
  readonly states: number
  /** how many of the authority's secrets that is */
  readonly secrets: number
  readonly secretsOf: number
  /** whether the operator switches once more, with keys of the other state */
  readonly ownKeys: boolean
  readonly read: number
  /** messages said while the keys that were tried were in force */
  readonly inForce: number
  /** all messages that were said */
  readonly of: number
  readonly people: number
  readonly conversations: number
}

/** The operator with all that they have, and the authority's secrets in the hands of no state, of each, and of several. */
export function compelledRows(played: Played): readonly CompelledRow[] {
  const { authority, operator, anotherState } = played.holdings
  const secrets = authority[0]?.secrets ?? []
  const states = [...new Set(secrets.map(({ jurisdiction }) => jurisdiction))]
  const rows = subsets(states).map((those): CompelledRow => {
    const reached = (all: readonly ModeSecret[]) => all.filter(({ jurisdiction }) => those.includes(jurisdiction))
    return {
      ...whatOpens(played, [...operator, ...authority.map((ring) => ({ ...ring, secrets: reached(ring.secrets) }))]),
      compelled: compelledIn(those, reached(secrets)),
      states: those.length,
      secrets: reached(secrets).length,
      secretsOf: secrets.length,
      ownKeys: false,
      inForce: saidIn(played, 'during'),
    }
  })
  if (anotherState.length === 0) return rows
  const names = played.mode.tapping ? `, for ${listed(played.world.listed)}` : ''
  const own: CompelledRow = {
    ...whatOpens(played, anotherState),
    compelled: `the operator alone, who switches once more, with keys of the other state${names}`,
    states: 0,
    secrets: 0,
    secretsOf: secrets.length,
    ownKeys: true,
    inForce: saidIn(played, 'again'),
  }
  return [...rows, own]
}

function whatOpens(played: Played, rings: readonly KeyRing[]) {
  const said = openAll(played, rings).map((one) => one.said)
  return {
    mode: played.mode.id,
    read: said.length,
    of: played.truth.size,
    people: peopleIn(said).length,
    conversations: pairsIn(said).size,
  }
}

const saidIn = ({ truth }: Played, phase: Phase) => [...truth.values()].filter((one) => one.phase === phase).length

const compelledIn = (states: readonly string[], held: readonly ModeSecret[]): string =>
  states.length === 0
    ? 'the operator alone'
    : `the operator, and in ${listed(states)}: ${listed(held.map(({ holder }) => holder))}`

/** All of them, the smaller first. */
const subsets = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  all
    .reduce<readonly (readonly T[])[]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]])
    .toSorted((a, b) => a.length - b.length)

export function compelledVerdict(rows: readonly CompelledRow[]): string {
  const modes = [...new Set(rows.map(({ mode }) => mode))]
  const fewest = modes.map((mode) => [mode, fewestStates(rows.filter((row) => row.mode === mode))] as const)
  const kept = [...new Set(fewest.map(([, row]) => row?.states ?? null))]
    .toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity))
    .map((states) => {
      const those = fewest.filter(([, row]) => (row?.states ?? null) === states)
      const under = listed(those.map(([mode, row]) => (row ? upTo(row, rows) : mode)))
      if (states === null) return `nothing that is kept opens anything under ${under}`
      if (states === 0) return `what the operator has opens something under ${under}`
      return `what is kept in ${counted(states, 'state')} opens something under ${under}`
    })
  const own = rows.filter(({ ownKeys }) => ownKeys)
  const reads = own.filter(({ read }) => read > 0)
  const anew =
    own.length === 0
      ? ''
      : reads.length === 0
        ? ' Switching once more, with keys of its own, yields the other state nothing.'
        : ` With keys of its own, put in place by the operator, the other state needs no custodian under ${listed(reads.map(yieldOf))}.`
  return `Of all that passed, ${kept.join('; ')}.${anew}`
}

/** What the smallest set that opens anything opens, and the smallest that opens most, where that is more. */
function upTo(row: CompelledRow, rows: readonly CompelledRow[]): string {
  const [best = row] = rows
    .filter(({ mode, ownKeys }) => mode === row.mode && !ownKeys)
    .toSorted((a, b) => b.read - a.read || a.states - b.states)
  return best.read === row.read
    ? yieldOf(row)
    : `${row.mode} (${row.read} of ${counted(row.of, 'message')}, and at most ${best.read}, with ${counted(best.states, 'state')})`
}

const yieldOf = ({ mode, read, of }: CompelledRow): string => `${mode} (${read} of ${counted(of, 'message')})`

/** The row with the fewest states in which something is read, and of these the one in which most is. */
const fewestStates = (rows: readonly CompelledRow[]): CompelledRow | null =>
  rows
    .filter(({ ownKeys, read }) => !ownKeys && read > 0)
    .toSorted((a, b) => a.states - b.states || b.read - a.read)[0] ?? null

export const otherState = (runs: readonly Played[]): Promise<ExperimentResult> =>
  timed(async () => {
    const rows = runs.flatMap(compelledRows)
    return {
      id: 'other-state',
      title: 'Another state compels',
      claims: [15, 18],
      question: 'What does another state read that compels the operator, one custodian, or several?',
      method:
        "Assumed: whoever is compelled hands over everything; a state reaches the holders that the mode places in it and no other; and the operator gives it the whole archive, with any secret that the operator has to know. Each set of states is tried on each mode with just those secrets. Later the operator is made to use the switch once more, with keys that the other state has made itself; where the mode needs names, they are those on that state's list. What opens is compared with what was said, and all that was said counts, also while no key was in force. People who had written to each other before keep their sessions, so a mode that needs new contacts finds few. Whether anybody could notice is another question.",
      columns: [
        'mode',
        'compelled',
        'secrets reached',
        'secrets',
        'messages read',
        'said while these keys were in force',
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
        row.inForce,
        row.of,
        row.people,
        row.conversations,
      ]),
      verdict: compelledVerdict(rows),
    }
  })
