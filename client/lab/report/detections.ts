import type { Detection } from '../simulation/noticing.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import { grid, type Square } from './grid.ts'
import { type Markup, markup } from './markup.ts'
import { outOf, percent, shareOf } from './words.ts'

type Occasion = keyof ModeResult['detections']

/** Every detector of the run, on one of two occasions, in the order of its lists. */
export const detectorsOf = ({ modes }: LabResult, occasion: Occasion): readonly Detection[] => [
  ...new Map(modes.flatMap(({ detections }) => detections[occasion].map((one) => [one.id, one] as const))).values(),
]

/** Who could have noticed: an order that an honest operator serves, and a dishonest server. */
export const detections = (result: LabResult): Markup =>
  markup`<dl class="who">${[
    ...new Map(
      [...detectorsOf(result, 'order'), ...detectorsOf(result, 'activeRelay')].map((one) => [one.id, one]),
    ).values(),
  ].map(({ id, runBy }) => markup`<dt>${id}</dt><dd>${runBy}</dd>`)}</dl>
${noticing(result, 'order', 'An order is served: share of the people who noticed something, or would have if they had looked.')}
${noticing(result, 'activeRelay', 'A dishonest server, without any order: the same.')}`

function noticing(result: LabResult, occasion: Occasion, caption: string): Markup {
  const detectors = detectorsOf(result, occasion)
  if (detectors.length === 0) return markup`<p>No detector was part of this run.</p>`
  const rows = result.modes.map(({ title, detections: made }) => ({
    heading: title,
    squares: detectors.map(({ id }) => {
      const found = made[occasion].find((one) => one.id === id)
      return found ? squareOf(found) : null
    }),
  }))
  return grid(
    caption,
    detectors.map(({ id }) => ({ title: id })),
    rows,
  )
}

const squareOf = ({ noticed }: Detection): Square => ({
  look: noticed.read > 0 ? 'noticed' : 'zero',
  share: shareOf(noticed),
  figure: percent(noticed),
  note: outOf(noticed),
})
