import { counted, grouped } from '../../words/counted.ts'
import type { ExperimentId } from '../experiments/titles.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import type { Share } from '../simulation/share.ts'
import { type Claim, claims } from './claims.ts'
import { cellOf, most, orderRows, withoutAccess } from './pick.ts'
import { nameOf, othersOf, outOf } from './words.ts'

export type Verdict = 'holds' | 'holds in part' | 'does not hold' | 'not tried'

/** What a run says of a claim. */
export interface ClaimVerdict extends Claim {
  readonly verdict: Verdict
  /** at most 25 words, with one number of the run; of a claim that was not tried, why */
  readonly words: string
  /** where its figures are; null: in the tables of the adversaries, or nowhere */
  readonly experiment: ExperimentId | null
}

interface Ruling {
  readonly verdict: Verdict
  readonly words: string
  readonly experiment?: ExperimentId
}

/** A figure of an experiment of this run; null where it was not made. */
type Figures = (id: ExperimentId) => Readonly<Record<string, number>> | null

type Rule = (result: LabResult, figures: Figures) => Ruling

const untried = (words: string): Ruling => ({ verdict: 'not tried', words })
const missing = untried('The run did not play what this needs.')

/** With no access mode a server that hands out false keys reads; a state can order one to. */
function falseKeys(result: LabResult): boolean {
  const none = withoutAccess(result)
  const dishonest = none && cellOf(none, 'active relay')
  return dishonest?.status === 'measured' && dishonest.conversations.read > 0
}

/** How a verdict comes about, for the page. */
export const verdictRule =
  'No person gives a verdict: a fixed comparison of figures of this run does. What is compared stands under “what is tried”, in our words, and the verdict is on that, not on the sentence as it was said. Where modes, guesses or spies are counted, “holds” means all of them, “holds in part” some, “does not hold” none; elsewhere “in part” means that the figures point both ways. “Not tried” means that no experiment here could decide it. Which comparison stands for a claim was chosen by the developers of Doormat.'

/** All of them, some, or none: how far a claim about modes holds. */
const inPart = (some: number, all: number): Verdict =>
  some === 0 ? 'does not hold' : some === all ? 'holds' : 'holds in part'

const accessModes = ({ modes }: LabResult): readonly ModeResult[] => modes.filter(({ id }) => id !== 'none')

const measuredIn = (modes: readonly ModeResult[], adversary: string): readonly (readonly [ModeResult, Cell])[] =>
  modes.flatMap((mode) => {
    const cell = cellOf(mode, adversary)
    return cell?.status === 'measured' ? [[mode, cell] as const] : []
  })

/** By the rows of the claims. Each sees nothing but the run, so that a claim whose figures turn changes its verdict. */
const rules: Readonly<Record<number, Rule>> = {
  1: (result) => {
    const orders = measuredIn(accessModes(result), orderRows.used)
    const best = most(orders, ([, { asked }]) => asked.read)
    if (!best) return missing
    if (best[1].asked.read === 0)
      return {
        verdict: 'does not hold',
        words: 'An order read nothing, under any access mode.',
        experiment: 'order-yield',
      }
    const none = withoutAccess(result)
    const seized = none && cellOf(none, 'unlocked device')
    const otherwise = seized?.status === 'measured' ? seized.asked.read : 0
    return otherwise > 0
      ? {
          verdict: 'holds in part',
          words: `An order read ${outOf(best[1].asked)} messages; with no access mode only the target’s own device, seized and unlocked, gave any.`,
          experiment: 'order-yield',
        }
      : {
          verdict: 'holds',
          words: `An order read ${outOf(best[1].asked)} messages of its target, and none with no access mode.`,
          experiment: 'order-yield',
        }
  },
  2: (_result, figures) => {
    const told = figures('transcript')
    if (!told || !told['of']) return missing
    const share: Share = { read: told['found'] ?? 0, of: told['of'] }
    return {
      verdict: inPart(share.read, share.of),
      words: `The authority’s export holds ${outOf(share)} messages that the key opens, readable and the same as what was sent.`,
      experiment: 'transcript',
    }
  },
  3: (result) => {
    const modes = accessModes(result)
    const exposed = modes.map((mode) => worstBesideTheOrder(result, mode))
    if (modes.length === 0) return missing
    const harmed = exposed.filter((people) => people > 0).length
    return {
      verdict: inPart(harmed, modes.length),
      words:
        harmed === 0
          ? 'Escrow adds no readers: under no access mode did anybody without an order read more people than without one.'
          : `Escrow adds readers: under ${harmed} of ${counted(modes.length, 'mode')} somebody without an order reads people${falseKeys(result) ? '; without a mode that takes a server with false keys' : ''}.`,
      experiment: 'order-yield',
    }
  },
  4: (_result, figures) => {
    const told = figures('order-yield')
    if (!told || !told['bankTried']) return missing
    const [tried, opened] = [told['bankTried'], told['bankOpened'] ?? 0]
    return {
      verdict: inPart(tried - opened, tried),
      words: `Under ${opened} of ${counted(tried, 'mode')} the keys made for one suspect also open the conversation between a bank and its customer.`,
      experiment: 'order-yield',
    }
  },
  5: () => untried('No mode here searches content, so there is no search to try and no list to search for.'),
  6: (_result, figures) =>
    figures('files')
      ? {
          ...untried(
            'Pictures and notes were tried, and whoever read a message had its file; no file here is a voice.',
          ),
          experiment: 'files',
        }
      : untried('This run played no file that is a voice.'),
  7: (_result, figures) => {
    const told = figures('two-paths')
    if (!told || !told['of']) return missing
    const { direct = 0, government = 0, directDays, governmentFromDays, of } = told
    const faster = directDays !== undefined && governmentFromDays !== undefined && directDays < governmentFromDays
    const share: Share = { read: direct, of: of ?? 0 }
    return {
      verdict: direct === 0 ? 'does not hold' : faster && direct >= government ? 'holds' : 'holds in part',
      words: `A direct order read ${outOf(share)} messages, ${direct === government ? 'as many as' : direct < government ? 'fewer than' : 'more than'} one through governments; the waiting times are published, the direct one a deadline.`,
      experiment: 'two-paths',
    }
  },
  8: (_result, figures) => {
    const told = figures('two-standards')
    if (!told || !told['direct'] || !told['government']) return missing
    const { directPassed = 0, governmentPassed = 0, government = 0 } = told
    return {
      verdict: directPassed === 0 ? 'does not hold' : governmentPassed < government ? 'holds' : 'does not hold',
      words: `The order desk accepted ${directPassed} direct orders; through governments, on the same facts, only ${governmentPassed} of ${government} on our list.`,
      experiment: 'two-standards',
    }
  },
  9: () => untried('No detector here reads content, so none could be compared with one that does not.'),
  10: (_result, figures) => {
    const told = figures('metadata')
    if (!told || !told['guessed']) return missing
    const { guessed = 0, better = 0 } = told
    return {
      verdict: inPart(better, guessed),
      words: `From envelopes alone ${better} of ${counted(guessed, 'guess', 'guesses')} beat chance. They looked for sources and groups; this world has no predators.`,
      experiment: 'metadata',
    }
  },
  11: () => untried('The server has no rules about who may contact whom, so there is nothing to try.'),
  12: (result) => {
    const thieves = measuredIn(accessModes(result), 'one secret and archive')
    if (thieves.length === 0) return missing
    const all = thieves.filter(([, { complying }]) => complying.conversations.read === complying.conversations.of)
    const [worst] = [...thieves].sort((a, b) => b[1].complying.conversations.read - a[1].complying.conversations.read)
    return {
      verdict: inPart(all.length, thieves.length),
      words: `A thief of one key, with every envelope, opened ${outOf((worst as (typeof thieves)[number])[1].complying.conversations)} conversations of complying people under ${nameOf((worst as (typeof thieves)[number])[0])}, while it was on.`,
      experiment: 'insider-and-thief',
    }
  },
  13: (_result, figures) => {
    const told = figures('order-yield')
    if (!told || !told['atRiskTried']) return missing
    const { atRiskTried = 0, atRiskModes = 0, atRiskOpened = 0, atRiskOf = 0 } = told
    return {
      verdict: inPart(atRiskModes, atRiskTried),
      words: `Keys made for another’s order opened up to ${atRiskOpened} of ${atRiskOf} conversations: journalist ${told['journalist'] ?? 0}, lawyer ${told['lawyer'] ?? 0}, activists ${told['activists'] ?? 0}, shelter ${told['shelter'] ?? 0}.`,
      experiment: 'order-yield',
    }
  },
  14: (result) => {
    const none = withoutAccess(result)
    const spies = none
      ? ['wire', 'passive relay', 'breach', 'active relay'].flatMap((id) => measuredIn([none], id))
      : []
    if (spies.length === 0) return missing
    const reading = spies.filter(([, { conversations }]) => conversations.read > 0)
    const worst = most(reading, ([, { conversations }]) => conversations.read)
    return {
      verdict: inPart(spies.length - reading.length, spies.length),
      words: worst
        ? `With no access mode ${spies.length - reading.length} of ${spies.length} spies read nothing; the worst read ${outOf(worst[1].conversations)} conversations.`
        : `With no access mode none of ${spies.length} spies read anything.`,
      experiment: 'active-relay',
    }
  },
  15: (result) => {
    const states = measuredIn(accessModes(result), 'another state')
    if (states.length === 0) return missing
    const reading = states.filter(([, { conversations }]) => conversations.read > 0)
    return {
      verdict: inPart(reading.length, states.length),
      words: `Under ${reading.length} of ${counted(states.length, 'mode')} another state read messages with keys of its own${falseKeys(result) ? '; without a mode, it could order false keys instead' : ''}.`,
      experiment: 'other-state',
    }
  },
  16: (_result, figures) => {
    const told = figures('evader')
    if (!told || !told['tried']) return missing
    const { tried = 0, always = 0, sometimes = 0 } = told
    return {
      verdict: always === tried ? 'holds' : sometimes === 0 ? 'does not hold' : 'holds in part',
      words: `Of ${counted(tried, 'way', 'ways')} to move away, ${always} left an order nothing to read under any mode.`,
      experiment: 'evader',
    }
  },
  17: (_result, figures) => {
    const told = figures('deleted')
    if (!told || !told['of']) return missing
    const { opened = 0, of, limited = 0, wide = 0 } = told
    const share: Share = { read: opened, of: of ?? 0 }
    return {
      verdict:
        opened === 0
          ? 'does not hold'
          : limited > 0 && wide > 0
            ? 'holds in part'
            : wide > 0
              ? 'holds'
              : 'holds in part',
      words: `Stolen later, the keys opened up to ${outOf(share)} messages; under ${counted(limited, 'mode')} nothing of people without an order.`,
      experiment: 'deleted',
    }
  },
  18: (_result, figures) => {
    const told = figures('custodians')
    if (!told || !told['all'] || told['needed'] === undefined) return missing
    const { all = 0, needed = 0, statesThatOpenAlone = 0 } = told
    return {
      verdict: needed > 1 || statesThatOpenAlone > 0 ? 'holds' : 'does not hold',
      words: `It takes ${needed} of ${all} custodians to read; that ${statesThatOpenAlone === 0 ? 'no state' : counted(statesThatOpenAlone, 'state')} can compel that many alone is an input of the mode.`,
      experiment: 'custodians',
    }
  },
  19: () =>
    untried(
      'The six principles are about institutions and conduct; no check that a program can run would settle them.',
    ),
  20: (result) => {
    const ghost = result.modes.find(({ id }) => id === 'ghost-device')
    const [used, possible, everybody] = [orderRows.used, orderRows.possible, orderRows.everybody].map(
      (row) => ghost && cellOf(ghost, row),
    )
    if (used?.status !== 'measured' || possible?.status !== 'measured' || everybody?.status !== 'measured')
      return missing
    const [beyond, able] = [
      othersOf(possible).read - othersOf(used).read,
      othersOf(everybody).read - othersOf(used).read,
    ]
    return {
      verdict: beyond > 0 ? 'does not hold' : able > 0 ? 'holds in part' : 'holds',
      words:
        beyond > 0
          ? `The ghost’s keys read ${counted(beyond, 'person', 'people')} whom the order did not cover.`
          : `With one person tapped, the ghost read nobody beyond the order; with everybody tapped, the same key reads ${counted(able, 'more person', 'more people')}.`,
      experiment: 'order-yield',
    }
  },
  21: (_result, figures) => {
    const told = figures('bad-orders')
    if (!told || !told['bad']) return missing
    const { bad = 0, stopped = 0, openedAnyway = 0 } = told
    return {
      verdict: stopped === 0 ? 'does not hold' : stopped < bad || openedAnyway > 0 ? 'holds in part' : 'holds',
      words: `The order desk stopped ${stopped} of ${counted(bad, 'bad order')}, a list made by hand; ${openedAnyway > 0 ? 'the key, used without it, stops none' : 'the key opens none of these without it'}.`,
      experiment: 'bad-orders',
    }
  },
  22: () => untried('This world has no abuse reports whose number could fall.'),
}

/** Adversaries without an order, of whom the mode alone can be the reason. */
const withoutOrder = ['insider', 'key thief and archive', 'one secret and archive', 'another state', 'passive relay']

/** People whom somebody without an order reads, who reads nobody with no access mode. */
function worstBesideTheOrder(result: LabResult, mode: ModeResult): number {
  const none = withoutAccess(result)
  return Math.max(
    0,
    ...withoutOrder.flatMap((id) => {
      const [cell, usual] = [cellOf(mode, id), none && cellOf(none, id)]
      if (cell?.status !== 'measured') return []
      return [othersOf(cell).read - (usual?.status === 'measured' ? othersOf(usual).read : 0)]
    }),
  )
}

/** A verdict for each claim, in their order. */
export function verdicts(result: LabResult): readonly ClaimVerdict[] {
  const figures: Figures = (id) => result.experiments.find((one) => one.id === id)?.figures ?? null
  return claims.map((claim) => {
    const { verdict, words, experiment } = (rules[claim.row] as Rule)(result, figures)
    const made = experiment !== undefined && result.experiments.some(({ id }) => id === experiment)
    return { ...claim, verdict, words, experiment: made ? experiment : null }
  })
}

/** Whose claims were tried and whose were not, said aloud. */
export function balance(all: readonly ClaimVerdict[]): string {
  const share = (stance: Claim['stance']): Share => {
    const those = all.filter((one) => one.stance === stance)
    return { read: those.filter(({ verdict }) => verdict !== 'not tried').length, of: those.length }
  }
  const [asking, warning] = [share('asks for access'), share('warns of it')]
  const open = all.filter(({ verdict }) => verdict === 'not tried').length
  const more = asking.read * warning.of - warning.read * asking.of
  const side = more < 0 ? 'those who ask for it' : 'those who warn of it'
  const uneven =
    more === 0 ? '' : ` That is uneven: more of what ${side} say is still untried, and trying it could speak for them.`
  return `${grouped(open)} of ${grouped(all.length)} claims were not tried. Of the claims of those who ask for access ${outOf(asking)} were tried, of those who warn of it ${outOf(warning)}; the other ${grouped(all.length - asking.of - warning.of)} belong to neither side.${uneven}`
}
