import { counted } from '../../words/counted.ts'
import { arrange } from './arrangement.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import { litBy } from './graph.ts'
import { markup } from './markup.ts'
import { standalone } from './panel.ts'
import { cellOf, most, orderRows } from './pick.ts'
import { nameOf, outOf } from './words.ts'

const [margin, gap, head, foot] = [40, 50, 130, 100]

/**
 * "Whose conversations" as one file: what an order used, above what the same keys open, under the mode in which that is
 * most. Null where there was no order.
 */
export function whosePicture(result: LabResult): string | null {
  const worst = most(result.modes, (mode) => cellOf(mode, orderRows.possible)?.lit.length ?? 0)
  const panels = worst && panelsOf(result, worst)
  if (!panels) return null
  const [{ width, height }] = panels
  const title = 'Whose conversations'
  const [panelHead, step] = [60, height + 60 + gap]
  const drawn = panels.map(
    (panel, i) =>
      markup`<g transform="translate(${margin} ${head + i * step})"><text class="name" y="0">${panel.title}</text><text class="quiet" y="32">${panel.note}</text><g transform="translate(0 ${panelHead})">${panel.drawing}</g></g>`,
  )
  const legend = head + panelHead + height + step + 40
  return standalone(
    [title, ...panels.map(({ label }) => label)].join('. '),
    2 * margin + width,
    legend + foot,
    markup`<text class="title" x="${margin}" y="60">${title}</text>${drawn}
<path class="edge lit" d="M${margin} ${legend}h40"/><text class="quiet" x="${margin + 52}" y="${legend + 7}">read</text><path class="edge" d="M${margin + 140} ${legend}h40"/><text class="quiet" x="${margin + 192}" y="${legend + 7}">not read</text><text class="quiet" x="${margin + 320}" y="${legend + 7}">Every dot is an invented person, every line a conversation.</text><text class="quiet" x="${margin}" y="${legend + 44}">Some dots have a label: what that person is in the story.${unreadWords(result, worst)}</text>`,
  )
}

/** Who they are whom even the keys do not read, where that is just those who evade. */
function unreadWords({ world }: LabResult, worst: ModeResult): string {
  const lit = new Set(cellOf(worst, orderRows.possible)?.lit)
  const unread = world.conversations.filter(({ pair }) => !lit.has(pair)).map(({ pair }) => pair)
  const evading = new Set(world.evading.map(({ pair }) => pair))
  return unread.length > 0 && unread.length === evading.size && unread.every((pair) => evading.has(pair))
    ? ` The ${counted(unread.length, 'grey line')} in the lower picture: pairs who evade.`
    : ''
}

function panelsOf(result: LabResult, mode: ModeResult) {
  const [used, possible] = [cellOf(mode, orderRows.used), cellOf(mode, orderRows.possible)]
  if (used?.status !== 'measured' || possible?.status !== 'measured') return null
  const graph = arrange(result)
  const panel = (cell: typeof used, title: string) =>
    litBy(
      result,
      cell,
      { title, note: `${outOf(cell.conversations)} conversations, under ${nameOf(mode)}` },
      graph,
      'large',
    )
  return [panel(used, 'What an order for one person read'), panel(possible, 'What the same keys open')] as const
}
