import type { MetadataLine } from '../../authority/order/execute.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import type { World } from '../world/world.ts'
import { closeDays, contactsOf, groupAround, habitEnvelopes, longLetters, officeHours, onlyWith } from './guesses.ts'
import { isOf, pairsIn, peopleIn } from './opened.ts'
import { inRole } from './roles.ts'
import { counted } from '../../words/counted.ts'
import { titles } from './titles.ts'
import { capital, listed, timed, under } from './words.ts'

/** One guess, held against what is so in the world. */
export interface GuessRow {
  readonly guess: string
  /** a name that stands on an envelope is no guess */
  readonly how: 'looked up' | 'guessed'
  readonly rule: string
  /** how many people, or pairs, it could have been */
  readonly candidates: number
  readonly true: number
  readonly found: number
  readonly right: number
}

interface Guess extends Pick<GuessRow, 'guess' | 'how' | 'rule'> {
  readonly candidates: readonly string[]
  readonly so: ReadonlySet<string>
  readonly found: ReadonlySet<string>
}

/** The outside of everything that passed: nothing else reaches a rule. */
const outsideOf = ({ archive }: Played): readonly MetadataLine[] =>
  archive.map(({ time, fromUser: from, toUser: to, bytes }) => ({ time, from, to, sizeBytes: bytes.length }))

/** About somebody whose account is known. */
function aboutOne(world: World, lines: readonly MetadataLine[], role: string, title: string): readonly Guess[] {
  const [known] = inRole(world, role)
  if (known === undefined) return []
  return [
    {
      guess: `the contacts of ${title}`,
      how: 'looked up',
      rule: 'whoever exchanged an envelope with that account',
      candidates: world.people.map(({ name }) => name).filter((name) => name !== known),
      so: contactsOf(world.messages, known),
      found: contactsOf(lines, known),
    },
  ]
}

function guessesAt(played: Played): readonly Guess[] {
  const { world } = played
  const lines = outsideOf(played)
  const names = world.people.map(({ name }) => name)
  const [journalist] = inRole(world, 'journalist')
  const [activist, ...comrades] = inRole(world, 'activist')
  const confidants = [...inRole(world, 'journalist'), ...inRole(world, 'lawyer')]
  const guesses: Guess[] = [
    ...aboutOne(world, lines, 'journalist', 'the journalist'),
    ...aboutOne(world, lines, 'lawyer', 'the lawyer'),
    ...aboutOne(world, lines, 'bank', 'the bank'),
    ...aboutOne(world, lines, 'activist', 'one activist'),
  ]
  if (journalist !== undefined)
    guesses.push({
      guess: "the journalist's source",
      how: 'guessed',
      rule: 'whoever writes with the journalist, and with nobody else',
      candidates: names.filter((name) => name !== journalist),
      so: new Set(inRole(world, "journalist's source")),
      found: onlyWith(lines, journalist),
    })
  if (activist !== undefined)
    guesses.push({
      guess: 'the other activists, of whom one is known',
      how: 'guessed',
      rule: `whoever writes with that one, both ways on ${closeDays} days; and whoever does so with two of these`,
      candidates: names.filter((name) => name !== activist),
      so: new Set(comrades),
      found: groupAround(lines, activist),
    })
  return [
    ...guesses,
    {
      guess: 'who is a bank or a lawyer',
      how: 'guessed',
      rule: `whoever sends ${habitEnvelopes} envelopes or more, and only from Monday to Friday, 8 to 18 o'clock`,
      candidates: names,
      so: new Set([...inRole(world, 'bank'), ...inRole(world, 'lawyer')]),
      found: officeHours(lines),
    },
    {
      guess: 'which conversations are with a journalist or a lawyer',
      how: 'guessed',
      rule: 'the tenth of the conversations whose middle envelope is the largest',
      candidates: [...pairsIn(world.messages)],
      so: pairsIn(world.messages.filter((one) => confidants.some((name) => isOf(name, one)))),
      found: longLetters(lines),
    },
  ]
}

export const guessRows = (played: Played): readonly GuessRow[] =>
  guessesAt(played)
    .map(({ guess, how, rule, candidates, so, found }) => ({
      guess,
      how,
      rule,
      candidates: candidates.length,
      true: so.size,
      found: found.size,
      right: [...found].filter((one) => so.has(one)).length,
    }))
    .filter((row) => row.true > 0)

export const precisionOf = ({ right, found }: GuessRow): number | null => (found === 0 ? null : right / found)
export const recallOf = (row: GuessRow): number => row.right / row.true
/** What a guess at random would have as precision. */
export const chanceOf = (row: GuessRow): number => row.true / row.candidates

/** Less than that, and nobody would speak of luck: once in 20. */
const luckAtMost = 0.05

/** How likely it is that as many guesses, taken at random from the candidates, have at least as many right. */
export function luckOf({ candidates, true: so, found, right }: GuessRow): number {
  let likely = 0
  for (let hits = right; hits <= Math.min(found, so); hits++)
    if (found - hits <= candidates - so)
      likely += Math.exp(lnChoices(so, hits) + lnChoices(candidates - so, found - hits) - lnChoices(candidates, found))
  return Math.min(1, likely)
}

/** The logarithm of the number of ways to choose so many of so many. */
function lnChoices(of: number, chosen: number): number {
  let ln = 0
  for (let i = 1; i <= chosen; i++) ln += Math.log((of - chosen + i) / i)
  return ln
}

const thousandths = (part: number | null): string | number =>
  part === null ? 'nothing found' : Math.round(part * 1000) / 1000

const isExact = (row: GuessRow) => row.found === row.right && row.right === row.true

const guessFigures = (rows: readonly GuessRow[]) => {
  const guessed = rows.filter(({ how }) => how === 'guessed')
  return {
    guessed: guessed.length,
    exact: guessed.filter(isExact).length,
    better: guessed.filter((row) => isExact(row) || luckOf(row) < luckAtMost).length,
  }
}

const nothingTried = 'Nothing was tried: nobody in this world has a role that could be guessed.'

export function guessVerdict(rows: readonly GuessRow[]): string {
  const { guessed, exact } = guessFigures(rows)
  return guessed === 0
    ? nothingTried
    : `From the outside of envelopes alone, ${exact} of ${counted(guessed, 'guess', 'guesses')} about who people are had no mistake.`
}

export function guessEvidence(rows: readonly GuessRow[], envelopes: number): string {
  const lookedUp = rows.filter(({ how }) => how === 'looked up')
  const guessed = rows.filter(({ how }) => how === 'guessed')
  const exact = guessed.filter(isExact)
  const better = guessed.filter((row) => !exact.includes(row) && luckOf(row) < luckAtMost)
  const useless = guessed.filter((row) => !exact.includes(row) && !better.includes(row))
  const named = (those: readonly GuessRow[]) => listed(those.map(({ guess }) => guess))
  const partly = ({ guess, right, found, true: so }: GuessRow) =>
    `${guess} (${right} of the ${found} found, ${right} of the ${so} there are)`
  if (rows.length === 0) return nothingTried
  return [
    lookedUp.length === 0
      ? ''
      : `The outside of ${counted(envelopes, 'envelope')} gives ${lookedUp.filter(isExact).length} of ${counted(lookedUp.length, 'list')} of contacts without a mistake, because envelopes carry names.`,
    exact.length > 0 ? `Guessed without a mistake in this world: ${named(exact)}.` : '',
    better.length > 0 ? `Guessed clearly better than by chance: ${listed(better.map(partly))}.` : '',
    useless.length > 0 ? `No better than random guesses: ${listed(useless.map(partly))}.` : '',
  ]
    .filter((one) => one !== '')
    .join(' ')
}

/** @param played under the mode `none` */
export const metadata = (played: Played): Promise<ExperimentResult> =>
  timed(async () => {
    const rows = guessRows(played)
    return {
      id: 'metadata',
      title: titles.metadata,
      claims: [7, 10],
      question: 'When no key opens anything, how much do the names, times and sizes on the envelopes tell?',
      method: `${capital(under(played.mode.id))} an order or a server yields only the outside of the envelopes: who wrote to whom, when, and how many bytes (padded). For some people, such as the journalist, it is known which account is theirs; the rules see nothing else, and are then checked against the world. There are fewer envelopes than messages, because a foreign client does not use this server. “Precision” is the share of what was found that is right, “recall” the share of what there is that was found. “By chance” is the precision of guessing at random. “By luck” is the probability that as many guesses at random would be right at least as often; a rule counts as better than chance only below ${luckAtMost}. The same authors made the rules and the world, so a rule may do better here than elsewhere. The world has ${counted(peopleIn(played.world.messages).length, 'person', 'people')} and is invented: among millions, a rule of the same precision accuses many more.`,
      columns: [
        'guess',
        'how',
        'rule',
        'candidates',
        'true',
        'found',
        'right',
        'precision',
        'recall',
        'by chance',
        'by luck',
      ],
      rows: rows.map((row) => [
        row.guess,
        row.how,
        row.rule,
        row.candidates,
        row.true,
        row.found,
        row.right,
        thousandths(precisionOf(row)),
        thousandths(recallOf(row)),
        thousandths(chanceOf(row)),
        row.how === 'guessed' ? thousandths(luckOf(row)) : 'no guess',
      ]),
      verdict: guessVerdict(rows),
      evidence: guessEvidence(rows, played.archive.length),
      figures: guessFigures(rows),
    }
  })
