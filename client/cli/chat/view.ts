import { rowsShown, type Typed } from './editor.ts'
import { fit, type Line, line } from './line.ts'
import type { Part } from '../../words/notice.ts'
import { noticeRows } from './notice-rows.ts'
import { bar, column, type Listed } from './people-list.ts'
import { rule } from './said.ts'
import type { Seen } from './window.ts'
import { wrap } from '../wrap.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Words of the program to the person, below what is said. */
export interface Panel {
  readonly title: string
  /** a line each, harmless; broken where they are too long */
  readonly lines: readonly string[]
  /** how many of its rows are out of sight above */
  readonly from: number
  readonly urgent: boolean
}

/** All that can be seen, but for the history, which is asked for when it is known how much has room. */
export interface Model {
  readonly people: readonly Listed[]
  readonly notice: readonly Part[]
  readonly panel: Panel | null
  readonly typed: Typed
  /** two columns */
  readonly prompt: string
  /** messages that have come and stand below what can be seen */
  readonly newer: number
  readonly look: (width: number, height: number) => Seen
}

export interface Frame {
  /** as many as the screen has rows, each as wide */
  readonly lines: readonly Line[]
  readonly cursor: { readonly row: number; readonly column: number }
  /** how many rows the panel has, and how many of them are in sight */
  readonly panelRows: { readonly shown: number; readonly all: number }
  /** what of the history is in sight */
  readonly seen: Seen | null
}

const smallest: Size = { columns: 40, rows: 8 }
const columnFrom = 80
const columnWidth = 24

function tooSmall({ columns, rows }: Size): Frame {
  const words = wrap('this window is too small for a chat', columns)
  return {
    lines: Array.from({ length: rows }, (_, i) => fit(line(words[i] ?? ''), columns)),
    cursor: { row: 0, column: 0 },
    panelRows: { shown: 0, all: 0 },
    seen: null,
  }
}

/** The rows of a panel that have room: its title always, and a word where there is more below. */
function panelRowsOf(panel: Panel, width: number, height: number) {
  const style = panel.urgent ? 'red' : 'dim'
  const all = panel.lines.flatMap((text) => wrap(text, width))
  const room = Math.min(all.length, height - 1)
  const from = Math.min(panel.from, all.length - room)
  const below = all.length - from - room
  const more = below > 0 ? `PgDn: more · ${panel.title}` : panel.title
  const rows = [rule(more, style), ...all.slice(from, from + room).map((text) => line(text))]
  return { rows, shown: room, all: all.length }
}

const isWide = ({ columns }: Size) => columns >= columnFrom
/** How wide what is said, and an answer, can be. */
export const mainWidth = (size: Size): number => (isWide(size) ? size.columns - columnWidth - 2 : size.columns)
/** Room for what is typed: behind the prompt, and before the cursor at the end of a full row. */
export const typedWidth = (size: Size): number => mainWidth(size) - 3

/** The whole screen. With room for it, who there is to talk with stands in a column at the left, else in a bar above. */
export function view(model: Model, size: Size): Frame {
  if (size.columns < smallest.columns || size.rows < smallest.rows) return tooSmall(size)
  const wide = isWide(size)
  const width = mainWidth(size)
  const typed = rowsShown(model.typed, typedWidth(size), Math.max(1, Math.floor(size.rows / 3)))
  const notice = noticeRows(model.notice, width)
  const page = Math.max(1, size.rows - (wide ? 0 : 1) - notice.length - typed.rows.length)

  const panel = model.panel && panelRowsOf(model.panel, width, page)
  const room = page - (panel?.rows.length ?? 0)
  const whole = model.look(width, room)
  const seen = whole.atNewest || room === 0 ? whole : model.look(width, room - 1)
  const below = model.newer > 0 ? `↓ ${model.newer} new below · End` : '↓ End: the newest'
  const said = whole.atNewest || room === 0 ? seen.rows : [...seen.rows, line(below, model.newer > 0 ? 'bold' : 'dim')]

  const main: Line[] = [
    ...Array.from({ length: room - said.length }, () => line('')),
    ...said,
    ...(panel?.rows ?? []),
    ...notice,
    ...typed.rows.map((text, i) => line((i === 0 ? model.prompt : ' '.repeat(model.prompt.length)) + text)),
  ].map((row) => fit(row, width))
  const list = wide ? column(model.people, columnWidth, size.rows) : []
  const lines = wide
    ? main.map((row, i) => [...(list[i] ?? []), { text: '│ ', style: 'dim' } as const, ...row])
    : [bar(model.people, width), ...main]
  return {
    lines,
    cursor: {
      row: size.rows - typed.rows.length + typed.cursor.row,
      column: (wide ? columnWidth + 2 : 0) + model.prompt.length + typed.cursor.column,
    },
    panelRows: { shown: panel?.shown ?? 0, all: panel?.all ?? 0 },
    seen: room === 0 ? null : seen,
  }
}
