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

/** Who could have noticed: an order that an honest operator serves, and a relay that lies. */
export const detections = (result: LabResult): Markup =>
  markup`${noticing(result, 'order', 'An order that the operator serves: share of the people who noticed something, or would have if they had looked.')}
${noticing(result, 'activeRelay', 'A relay that answers as it likes, without any order: the same.')}`

function noticing(result: LabResult, occasion: Occasion, caption: string): Markup {
  const rows = detectorsOf(result, occasion).map(({ id, runBy }) => ({
    heading: markup`${id}<small>${runBy}</small>`,
    squares: result.modes.map(({ detections }) => {
      const found = detections[occasion].find((one) => one.id === id)
      return found ? squareOf(found) : null
    }),
  }))
  return rows.length === 0 ? markup`<p>No detector was part of this run.</p>` : grid(caption, result.modes, rows)
}

const squareOf = ({ noticed }: Detection): Square => ({
  look: noticed.read > 0 ? 'noticed' : 'zero',
  share: shareOf(noticed),
  figure: percent(noticed),
  note: outOf(noticed),
})
