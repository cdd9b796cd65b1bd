import type { ModeSecret } from '../../../crypto/access/mode.ts'
import type { KeyRing } from '../simulation/operator.ts'
import type { Phase } from '../simulation/phase.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { openAll, pairsIn, peopleIn } from './opened.ts'
import { counted } from '../../words/counted.ts'
import { titles } from './titles.ts'
import { listed, nameOf, timed } from './words.ts'

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
    compelled: `the operator alone, who uses the switch once more with keys of the other state${names}`,
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

const compelledFigures = (rows: readonly CompelledRow[]): Readonly<Record<string, number>> => {
  const own = rows.filter(({ ownKeys }) => ownKeys)
  const oneState = rows.filter(({ ownKeys, states, secretsOf }) => !ownKeys && states === 1 && secretsOf > 0)
  const ofModes = (those: readonly CompelledRow[]) => new Set(those.map(({ mode }) => mode)).size
  return {
    own: own.length,
    ownRead: own.filter(({ read }) => read > 0).length,
    withKeys: ofModes(oneState),
    oneStateRead: ofModes(oneState.filter(({ read }) => read > 0)),
  }
}

export function compelledVerdict(rows: readonly CompelledRow[]): string {
  const { own = 0, ownRead = 0 } = compelledFigures(rows)
  return own === 0
    ? 'No mode was switched on again with keys of another state.'
    : ownRead === 0
      ? 'With keys of its own, another state read nothing under any mode.'
      : `With keys of its own, another state read messages under ${ownRead} of ${counted(own, 'mode')}, and needed only the operator.`
}

export function compelledEvidence(rows: readonly CompelledRow[]): string {
  const modes = [...new Set(rows.map(({ mode }) => mode))]
  const fewest = modes.map((mode) => [mode, fewestStates(rows.filter((row) => row.mode === mode))] as const)
  const kept = [...new Set(fewest.map(([, row]) => row?.states ?? null))]
    .toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity))
    .map((states) => {
      const those = fewest.filter(([, row]) => (row?.states ?? null) === states)
      const under = listed(those.map(([mode, row]) => (row ? upTo(row, rows) : nameOf(mode))))
      if (states === null) return `nothing that anybody keeps opens anything under ${under}`
      if (states === 0) return `the operator’s own keys open something under ${under}`
      return `the keys kept in ${counted(states, 'state')} open something under ${under}`
    })
  const own = rows.filter(({ ownKeys }) => ownKeys)
  const reads = own.filter(({ read }) => read > 0)
  const anew =
    own.length === 0
      ? ''
      : reads.length === 0
        ? ' Keys of its own, put in place by the operator, open nothing for the other state.'
        : ` With keys of its own, put in place by the operator, the other state needs no custodian under ${listed(reads.map(yieldOf))}.`
  return `Of everything that passed, ${kept.join('; ')}.${anew}`
}

/** What the smallest set that opens anything opens, and the smallest that opens most, where that is more. */
function upTo(row: CompelledRow, rows: readonly CompelledRow[]): string {
  const [best = row] = rows
    .filter(({ mode, ownKeys }) => mode === row.mode && !ownKeys)
    .toSorted((a, b) => b.read - a.read || a.states - b.states)
  return best.read === row.read
    ? yieldOf(row)
    : `${nameOf(row.mode)} (${row.read} of ${counted(row.of, 'message')}, and at most ${best.read}, with ${counted(best.states, 'state')})`
}

const yieldOf = ({ mode, read, of }: CompelledRow): string => `${nameOf(mode)} (${read} of ${counted(of, 'message')})`

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
      title: titles['other-state'],
      claims: [15, 18],
      question: 'What can another state read that compels the operator, one custodian, or several?',
      method:
        'Assumptions: whoever is compelled hands over everything; a state reaches the holders that the mode places in it and no others; and the operator gives it the whole recording, with any key that the operator has to know. Each set of states is tried on each mode with just those keys. Later the operator has to use the switch once more, with keys that the other state has made itself; where the mode needs names, they are those on that state’s list. What opens is compared with everything that was sent, also while no key was in force. People who had written to each other before keep their sessions, so a mode that needs new contacts finds few. The operator’s own keys under key substitution are tried on the whole recording, so their figure includes what the other state’s later tap opens. A state that compels an operator without any mode can order it to hand out false keys: that is the dishonest server of the matrix. Whether anybody could notice is another question.',
      columns: [
        'mode',
        'compelled',
        'keys reached',
        'keys',
        'messages read',
        'sent while these keys were in force',
        'messages sent',
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
      evidence: compelledEvidence(rows),
      figures: compelledFigures(rows),
    }
  })
