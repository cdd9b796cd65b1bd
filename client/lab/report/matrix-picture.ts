import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import { type Markup, markup, rounded } from './markup.ts'
import { headingOf, letter, measures, reasonsOf, squareOf } from './matrix.ts'
import { standalone } from './panel.ts'
import { adversaryCalled } from './adversaries.ts'
import { adversariesOf, cellOf } from './pick.ts'
import { outOf } from './words.ts'

const [edge, side, across, down, head] = [40, 270, 180, 96, 150]

const title = 'Share of all conversations that was read'

/** A mode in words: who read how many. */
function told(mode: ModeResult, adversaries: readonly string[]): string {
  const read = adversaries.flatMap((adversary) => {
    const cell = cellOf(mode, adversary)
    return cell && cell.status !== 'not applicable' && cell.conversations.read > 0
      ? [`${adversaryCalled(adversary).title} ${outOf(cell.conversations)}`]
      : []
  })
  return `${mode.title}: ${read.length === 0 ? 'nobody read any' : read.join(', ')}.`
}

/** The matrix as one file. */
export function matrixPicture(result: LabResult): string {
  const [adversaries, reasons] = [adversariesOf(result), reasonsOf(result)]
  const bottom = head + adversaries.length * down
  const headings = result.modes.map(({ title }, i) =>
    wrapped(title, 15).map(
      (line, row, all) =>
        markup`<text class="mark middle" x="${edge + side + i * across + across / 2}" y="${head - 14 - (all.length - 1 - row) * 26}">${line}</text>`,
    ),
  )
  const rows = adversaries.map((adversary, row) => [
    wrapped(headingOf(adversaryCalled(adversary)), 24).map(
      (line, i, all) =>
        markup`<text class="mark" x="${edge}" y="${head + row * down + down / 2 + 7 + (i - (all.length - 1) / 2) * 25}">${line}</text>`,
    ),
    result.modes.map((mode, column) => {
      const cell = cellOf(mode, adversary)
      return cell && drawn(cell, reasons, edge + side + column * across, head + row * down)
    }),
  ])
  const footnotes = reasons.map(
    (reason, i) =>
      markup`<text class="quiet" x="${edge}" y="${bottom + 44 + i * 28}">${letter(i)}: not applicable: ${reason}</text>`,
  )
  return standalone(
    `${title}. ${result.modes.map((mode) => told(mode, adversaries)).join(' ')}`,
    2 * edge + side + result.modes.length * across,
    bottom + 50 + reasons.length * 28,
    markup`<text class="title" x="${edge}" y="52">${title}</text>${headings}${rows}${footnotes}`,
  )
}

function drawn(cell: Cell, reasons: readonly string[], x: number, y: number): Markup {
  const [width, height] = [across - 8, down - 8]
  const { look, share, figure, note } = squareOf(cell, reasons, measures.whole.of)
  const filled = look === 'read' || look === 'guess' ? Math.max(3, height * share) : 0
  return markup`<g transform="translate(${x + 4} ${y + 4})"><rect class="fill" y="${rounded(height - filled)}" width="${width}" height="${rounded(filled)}"/><rect class="frame ${look}" width="${width}" height="${height}"/><text class="share middle" x="${width / 2}" y="42">${figure}</text><text class="quiet middle small-print" x="${width / 2}" y="70">${note}</text></g>
`
}

/** By words, into lines of about that many letters. */
function wrapped(text: string, letters: number): readonly string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + word.length >= letters) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
