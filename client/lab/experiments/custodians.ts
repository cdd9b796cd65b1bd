import { splitEscrow } from '../../../crypto/access/split-escrow.ts'
import type { KeyRing } from '../simulation/operator.ts'
import type { ModeRun } from '../runs/mode-run.ts'
import type { Played } from '../simulation/played.ts'
import { type Experiment, readWith } from './experiment.ts'
import { most, range } from './figures.ts'
import { titles } from './titles.ts'
import { listed, nameOf } from './words.ts'

/** Custodians who are compelled together: all sets of so many, or those of some states. */
export interface CompelledRow {
  readonly who: string
  /** null for a row of numbers */
  readonly states: number | null
  readonly shares: number
  readonly sets: number
  readonly setsThatOpen: number
  readonly tried: number
  /** messages opened, by each set that opens any */
  readonly opened: readonly number[]
}

const triedAtMost = 100

/** Every set of custodians there is, on the same messages. Null where nothing was run under split escrow. */
export function custodians(runs: readonly ModeRun[]): Experiment | null {
  const run = runs.find(({ result }) => result.id === splitEscrow.id)
  const secrets = run?.within.holdings.authority[0]?.secrets
  if (!run || !secrets) return null
  const places = secrets.map((_, i) => i)
  const openedBy = openings(run.within)
  const rows: CompelledRow[] = []
  for (let count = 0; count <= places.length; count++) {
    const sets = subsets(places).filter(({ length }) => length === count)
    rows.push({ who: `any ${count} of ${places.length}`, states: null, shares: count, ...outcome(sets, openedBy) })
  }
  for (const states of subsets([...new Set(secrets.map(({ jurisdiction }) => jurisdiction))])) {
    if (states.length === 0) continue
    const held = places.filter((place) => states.includes(secrets[place]?.jurisdiction ?? ''))
    const who = `all in ${listed(states)}`
    rows.push({ who, states: states.length, shares: held.length, ...outcome([held], openedBy) })
  }
  return {
    id: 'custodians',
    title: titles.custodians,
    claims: [18],
    question: 'How many custodians does it take to open a message, and how many states to compel them?',
    method: `The run of ${nameOf(splitEscrow.id)} in the matrix. Every set of custodians tries the same messages, at most ${triedAtMost}, spread over the time for which the mode was on, also those of pairs who evade. Messages with a garbage stanza are among them and never open; messages that were encrypted first open and are still unreadable. Which state can compel which custodian is put into the mode and no result of the run: ${listed(
      secrets.map(({ name, holder, jurisdiction }) => `${name} is held by ${holder} (${jurisdiction})`),
    )}.`,
    columns: [
      'who is compelled',
      'shares',
      'sets',
      'sets that open anything',
      'messages tried by each set',
      'opened by a set that opens',
    ],
    rows: rows.map(({ who, shares, sets, setsThatOpen, tried, opened }) => [
      who,
      shares,
      sets,
      setsThatOpen,
      tried,
      opened.length === 0 ? 0 : range(opened),
    ]),
    verdict: custodiansVerdict(rows),
    evidence: custodiansEvidence(rows),
    figures: custodiansFigures(rows),
  }
}

type Opened = (held: readonly number[]) => { readonly opened: number; readonly tried: number }

function openings(played: Played): Opened {
  const { on, off } = played.timetable
  const passed = played.archive.filter(({ time }) => time >= on && time < off)
  const envelopes = spread(passed)
  const known = new Map<string, ReturnType<Opened>>()
  return (held) => {
    const part = (ring: KeyRing) => ({ ...ring, secrets: ring.secrets.filter((_, i) => held.includes(i)) })
    const name = held.join()
    const outcome = known.get(name) ?? {
      opened: readWith(played, { envelopes, rings: played.holdings.authority.map(part) }).work.opened,
      tried: envelopes.length,
    }
    known.set(name, outcome)
    return outcome
  }
}

/** As many as may be tried, at equal distances. */
function spread<T>(all: readonly T[]): readonly T[] {
  const part = Math.min(1, triedAtMost / all.length)
  return all.filter((_, i) => Math.floor((i + 1) * part) > Math.floor(i * part))
}

function outcome(sets: readonly (readonly number[])[], openedBy: Opened) {
  const outcomes = sets.map(openedBy)
  const opened = outcomes.map((one) => one.opened).filter((count) => count > 0)
  return { sets: sets.length, setsThatOpen: opened.length, tried: outcomes[0]?.tried ?? 0, opened }
}

/** In the order in which they are counted in binary: none, the first, the second, both, the third, and on. */
const subsets = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  all.reduce<readonly (readonly T[])[]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]])

function custodiansFigures(rows: readonly CompelledRow[]): Readonly<Record<string, number>> {
  const numbers = rows.filter(({ states }) => states === null)
  const needed = numbers.find(({ setsThatOpen }) => setsThatOpen > 0)?.shares
  return {
    all: most(numbers.map(({ shares }) => shares)),
    ...(needed === undefined ? {} : { needed }),
    statesThatOpenAlone: rows.filter(({ states, setsThatOpen }) => states === 1 && setsThatOpen > 0).length,
  }
}

export function custodiansVerdict(rows: readonly CompelledRow[]): string {
  const { all = 0, needed, statesThatOpenAlone = 0 } = custodiansFigures(rows)
  if (needed === undefined) return `Not even all ${all} custodians together opened anything.`
  if (needed === 0) return 'No custodian is needed: messages opened without any share.'
  const alone =
    statesThatOpenAlone > 0 ? 'and a single state holds that many' : 'more than any one state holds under this mode'
  return `It takes ${needed} of ${all} custodians to open what complying people wrote, ${alone}.`
}

export function custodiansEvidence(rows: readonly CompelledRow[]): string {
  const numbers = rows.filter(({ states }) => states === null)
  const all = Math.max(...numbers.map(({ shares }) => shares))
  const first = numbers.find(({ setsThatOpen }) => setsThatOpen > 0)
  if (!first) return `Not even all ${all} custodians together opened anything.`
  const certain = numbers.find(({ sets, setsThatOpen }) => setsThatOpen === sets)
  const counts =
    first.shares === 0
      ? 'No custodian is needed: messages opened without any share.'
      : certain === first
        ? `Any ${first.shares} of ${all} custodians together open the messages of everybody who complies; no ${first.shares - 1} of them open any.`
        : `${first.setsThatOpen} of ${first.sets} sets of ${first.shares} of ${all} custodians open the messages of everybody who complies; no ${first.shares - 1} open any${certain ? `. With ${certain.shares} every set does` : ''}.`
  const uneven = new Set(rows.flatMap(({ opened }) => opened)).size > 1
  const same = uneven ? ' The sets did not open the same messages.' : ' More custodians open no more messages.'
  const alone = rows.filter(({ states, setsThatOpen }) => states === 1 && setsThatOpen > 0)
  const together = rows.filter(({ states, setsThatOpen }) => states === 2 && setsThatOpen > 0)
  const pairs = rows.filter(({ states }) => states === 2)
  const divided =
    alone.length > 0
      ? ` ${listed(alone.map(({ who }) => who))} is enough: dividing the shares among states does not stop that state.`
      : ` No single state can compel enough of them; ${together.length} of ${pairs.length} pairs of states can.`
  return `${counts}${same}${divided}`
}
