import { counted } from '../../words/counted.ts'
import type { CurveId } from '../runs/curves.ts'
import type { LabResult } from '../runs/result.ts'
import type { Sensitivity } from '../runs/sensitivity.ts'
import { inPercent, markOf, type PointFigures, pointsOf, rangeOf, type Spread, valueOf } from './curve-figures.ts'
import { barsWords, curveWords, type CurveWords } from './curve-words.ts'
import { type Markup, markup, rounded } from './markup.ts'
import { type Panel, sheet } from './panel.ts'

const [width, height] = [560, 424]
const plot = { left: 78, right: 540, top: 20, bottom: 252 }
/** The two lines stand a little apart, so that bars of the same point can be told apart. */
const apart = 5

const y = (part: number) => rounded(plot.bottom - (plot.bottom - plot.top) * part)
const scaleOf = (most: number) => (value: number) =>
  rounded(plot.left + 14 + ((plot.right - plot.left - 28) * value) / most)

/** A picture for each curve, with two lines that differ in shape and not only in colour; and where a run's own headline is. */
export const curvePanels = (measured: Sensitivity, result: LabResult): readonly Panel[] =>
  curveWords.map((words) => panel(words, measured, result))

function panel(words: CurveWords, measured: Sensitivity, result: LabResult): Panel {
  const points = pointsOf(measured, words.id)
  const { id, title, axis, headline, beside } = words
  const mark = markOf(result, id)
  const x = scaleOf(Math.max(...points.map(({ value }) => value), mark?.value ?? 0))
  const line = (of: (point: PointFigures) => Spread, shift: number) =>
    points.map((point, i) => `${i === 0 ? 'M' : 'L'}${rounded(x(point.value) + shift)} ${y(of(point).mean)}`).join('')
  const first = points.map((point) => onePoint(x(point.value) - apart, point.headline, round))
  const second = points.map((point) => onePoint(x(point.value) + apart, point.beside, square))
  const key = [
    markup`${round(plot.left, 328)}<text class="small-print" x="${plot.left + 18}" y="334">${headline}</text>`,
    markup`${square(plot.left, 358)}<text class="small-print" x="${plot.left + 18}" y="364">${beside}</text>`,
    mark &&
      markup`${diamond(plot.left, 388)}<text class="small-print" x="${plot.left + 18}" y="394">the run of the headline</text>`,
  ]
  return {
    title,
    note: `share of messages; a bar spans ${measured.seeds.length === 1 ? 'one world' : `all ${measured.seeds.length} worlds`}`,
    label: `${title}. ${points.map((point) => pointInWords(words, point)).join('; ')}${mark ? `. The run of the headline: ${placeOf(id, mark.value)}, ${inPercent(mark.part)}` : ''}`,
    width,
    height,
    drawing: markup`${[0, 0.25, 0.5, 0.75, 1].map(
      (part) =>
        markup`<path class="rule" d="M${plot.left} ${y(part)}H${plot.right}"/><text class="quiet end" x="${plot.left - 8}" y="${y(part) + 7}">${part * 100} %</text>`,
    )}${ticksOf(id, points).map(
      (value) => markup`<text class="quiet middle" x="${x(value)}" y="${plot.bottom + 26}">${tick(id, value)}</text>`,
    )}<text class="quiet middle" x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 52}">${axis}${id === 'days on' ? '' : ', in %'}</text>
<path class="curve" d="${line(({ headline: spread }) => spread, -apart)}"/><path class="curve other" d="${line(({ beside: spread }) => spread, apart)}"/>
${first}${second}${mark && diamond(x(mark.value), y(mark.part))}
${key}`,
  }
}

/** Every second one of many: they would touch. */
const ticksOf = (id: CurveId, points: readonly PointFigures[]): readonly number[] =>
  points.map(({ value }) => value).filter((_, i) => id === 'days on' || points.length < 8 || i % 2 === 0)

const tick = (id: CurveId, value: number): number => (id === 'days on' ? value : Math.round(value * 100))

function onePoint(x: number, { mean, lowest, highest }: Spread, shape: typeof round): Markup {
  const kind = shape === round ? 'spread' : 'spread other'
  const cap = (part: number) => `M${rounded(x - 4)} ${y(part)}h8`
  return markup`<path class="${kind}" d="M${rounded(x)} ${y(lowest)}V${y(highest)}${cap(lowest)}${cap(highest)}"/>${shape(x, y(mean))}`
}

const round = (x: number, at: number): Markup => markup`<circle class="point" cx="${rounded(x)}" cy="${at}" r="5.5"/>`
const square = (x: number, at: number): Markup =>
  markup`<rect class="point other" x="${rounded(x - 5.5)}" y="${rounded(at - 5.5)}" width="11" height="11"/>`
const diamond = (x: number, at: number): Markup =>
  markup`<path class="point own" d="M${rounded(x)} ${rounded(at - 12)}l12 12l-12 12l-12 -12Z"/>`

const placeOf = (id: CurveId, value: number): string => (id === 'days on' ? counted(value, 'day') : valueOf(id, value))

const pointInWords = ({ id, headline, beside }: CurveWords, point: PointFigures): string =>
  `${placeOf(id, point.value)}: ${headline} ${inPercent(point.headline.mean)}, ${rangeOf(point.headline)}; ${beside} ${inPercent(point.beside.mean)}, ${rangeOf(point.beside)}`

/** All curves as one file. */
export const curvesPicture = (measured: Sensitivity, result: LabResult): string =>
  sheet('What the headline depends on', curvePanels(measured, result), 1, barsWords(measured))
