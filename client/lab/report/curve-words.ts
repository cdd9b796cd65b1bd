import { counted, grouped } from '../../words/counted.ts'
import type { CurveId, CurveRun } from '../runs/curves.ts'
import type { Sensitivity } from '../runs/sensitivity.ts'
import { worldDays } from '../world/calendar.ts'
import { inPercent, pointAt, pointsOf, type PointFigures } from './curve-figures.ts'

/*
 * What the curves show, in sentences that are made from their figures. A sentence that the figures do not bear is left out.
 */

export interface CurveWords {
  readonly id: CurveId
  readonly title: string
  /** below the axis, and at the head of a table's first column */
  readonly axis: string
  /** the people in those pairs; null where it is not people */
  readonly people: string | null
  /** of the line with round points: the figure of the headline */
  readonly headline: string
  /** of the line with square points */
  readonly beside: string
}

export const curveWords: readonly CurveWords[] = [
  {
    id: 'comparing',
    title: 'Pairs who compare safety numbers',
    axis: 'pairs who compare safety numbers',
    people: 'people who compare with somebody',
    headline: 'read by a dishonest server, with no access mode',
    beside: 'never sent, because the numbers differed',
  },
  {
    id: 'evading',
    title: 'Pairs who evade',
    axis: 'pairs who evade',
    people: 'people who evade with somebody',
    headline: 'escrow key: of what complying people sent',
    beside: 'escrow key: of what everybody sent',
  },
  {
    id: 'days on',
    title: 'Days for which the mode is on',
    axis: 'days on',
    people: null,
    headline: 'escrow key: of what complying people sent then',
    beside: 'escrow key: of what everybody sent in 30 days',
  },
]

/** What one curve shows, and whom that does not please. */
export interface CurveTold {
  /** at most 25 words and one figure; null: the points that it is about were not measured */
  readonly verdict: string | null
  readonly awkward: readonly string[]
}

const warners = 'Awkward for those who warn of access'
const askers = 'Awkward for those who ask for access'

export function toldBy(measured: Pick<Sensitivity, 'points'>, id: CurveId): CurveTold {
  const points = pointsOf(measured, id)
  const runs = measured.points.filter(({ curve }) => curve === id).flatMap((point) => point.runs)
  return { 'comparing': ofComparing, 'evading': ofEvading, 'days on': ofDays }[id](points, runs)
}

const given = (sentences: readonly (string | false | null)[]): readonly string[] =>
  sentences.flatMap((one) => (one ? [one] : []))

function ofComparing(points: readonly PointFigures[]): CurveTold {
  const [nobody, few, half, all] = [0, 0.1, 0.5, 1].map((value) => pointAt(points, value))
  if (!nobody || !few || !half || !all) return { verdict: null, awkward: [] }
  return {
    verdict: `With no access mode, a dishonest server reads ${inPercent(nobody.headline.mean)} of what complying people send if nobody compares safety numbers, and ${nothingOr(all.headline.mean)} if all do.`,
    awkward: given([
      half.beside.mean > 0 &&
        `${warners}: encryption that nobody checks does not stop the server, and comparing does not save the conversation. Where half of the pairs compare, ${inPercent(half.beside.mean)} of the messages were never sent.`,
      few.headline.mean > 0 &&
        `${askers}: a state that can order an operator to hand out false keys needs no access mode for most people. Where one pair in ten compares, the server still read ${inPercent(few.headline.mean)}.`,
      few.warned.mean > 0 &&
        `Awkward for whoever orders that: it does not stay secret. Where one pair in ten compares, ${inPercent(few.warned.mean)} of people saw a number that did not match.`,
    ]),
  }
}

function ofEvading(points: readonly PointFigures[], runs: readonly CurveRun[]): CurveTold {
  const [few, half] = [0.1, 0.5].map((value) => pointAt(points, value))
  if (!few || !half) return { verdict: null, awkward: [] }
  const least = Math.min(...points.map(({ headline }) => headline.lowest))
  return {
    verdict: `However many pairs evade, the escrow key reads ${atLeast(least)} of what complying people send while it is on, and ${onlyThose(runs) ? 'nothing of the others' : 'something of the others'}.`,
    awkward: given([
      half.beside.mean < 1 &&
        `${askers}: evading works. Where half of the pairs evade, the key misses ${inPercent(1 - half.beside.mean)} of what everybody sends.`,
      few.beside.mean > 0 &&
        `${warners}: evading does not make the key useless. Where one pair in ten evades, it still reads ${inPercent(few.beside.mean)} of what everybody sends.`,
    ]),
  }
}

function ofDays(points: readonly PointFigures[], runs: readonly CurveRun[]): CurveTold {
  const [one, nine] = [1, 9].map((value) => pointAt(points, value))
  if (!one || !nine) return { verdict: null, awkward: [] }
  return {
    verdict: `The escrow key opens what complying people send while it is on${onlyThose(runs) ? ', and nothing else' : ', and more'}: one day gives ${inPercent(one.beside.mean)} of the month’s messages.`,
    awkward: given([
      one.conversations.mean > one.beside.mean &&
        `${askers}: a short time spares messages more than people. One day opened something in ${inPercent(one.conversations.mean)} of all conversations, and nine days in ${inPercent(nine.conversations.mean)}.`,
      nine.beside.mean < 1 &&
        `${warners}: a key that is taken away again does not open the past or the future. With nine days of thirty, ${inPercent(1 - nine.beside.mean)} of the month’s messages stayed closed.`,
    ]),
  }
}

const nothingOr = (part: number): string => (part === 0 ? 'nothing' : inPercent(part))
const atLeast = (part: number): string => (part === 1 ? '100 %' : `at least ${inPercent(part)}`)

/** Whether nothing was read in any world but what the headline counts. */
const onlyThose = (runs: readonly CurveRun[]): boolean =>
  runs.every(({ headline, beside }) => headline.read === beside.read)

/** What stands in a row of figures. */
export function spreadWords({ seeds }: Pick<Sensitivity, 'seeds'>): string {
  if (seeds.length === 1)
    return 'Each figure is of one world, and nothing is known of how far another would lie from it.'
  return `Each figure is the mean of ${counted(seeds.length, 'world')}. Lowest and highest are of all of them, so none lies outside. That is no confidence interval: one more world made in the same way would lie outside with a probability of at most 2 in ${seeds.length + 1}.`
}

/** The same of a drawing. */
export const barsWords = (measured: Pick<Sensitivity, 'seeds'>): string =>
  `${spreadWords(measured)} In the drawings a point is a mean, and its bar reaches from the lowest world to the highest. The thin lines between the points only guide the eye: nothing was measured there.`

/** Which worlds these were. */
export function worldsWords({ seeds, people, points }: Sensitivity): string {
  const runs = points.flatMap((point) => point.runs)
  return `For each point ${counted(seeds.length, 'world')} of ${people} people ${seeds.length === 1 ? 'was' : 'were'} played, made from ${seeds.length === 1 ? 'the seed 1' : `the seeds 1 to ${seeds.length}`}: the people of the stories, and others who know each other by chance. They have ${span(runs.map(({ messages }) => messages))} messages in ${span(runs.map(({ pairs }) => pairs))} conversations and ${worldDays} simulated days. The same worlds serve all points, and whoever compares or evades at one point does so at every higher one.`
}

const span = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`
}

/** Why pairs are counted. */
export const pairsNotPeople =
  'Comparing takes two people, and so does evading, so pairs are counted. Where every person decides alone and both have to want it, half of the people are about a quarter of the pairs.'

export const playedWords = ({ points }: Sensitivity): string =>
  `Every point was played and decrypted: ${counted(points.flatMap(({ runs }) => runs).length, 'play')} in all, through the same code as the findings, and nothing between the points was calculated. In each play in which anything was sent, the control message had to open, or the figure would not stand here.`
