import type { History } from '../../device/history.ts'
import type { HistoryEntry } from '../../device/history-entries.ts'
import { answerText, afterwordText, type Quote } from '../../words/afterword.ts'
import type { Line } from './line.ts'
import { dayOf, rule, saidRows } from './said.ts'

/** What stands on the highest row: that row of that entry; or whatever there is room for above the newest. */
export type Place = { readonly entry: number; readonly row: number } | 'newest'

/** What there is to look at: one conversation, on so many columns. */
export interface Conversation {
  readonly peer: string
  readonly self: string
  readonly width: number
  /** the entry above which a line says that what follows is new */
  readonly firstUnread: number | null
}

export interface Seen {
  readonly rows: readonly Line[]
  /** of the highest row */
  readonly top: Place
  readonly atNewest: boolean
  /** the last entry whose end can be seen; 0 if there is none */
  readonly last: number
}

interface Row {
  readonly line: Line
  readonly entry: number
  readonly row: number
  readonly ends: boolean
}

const everything = Number.MAX_SAFE_INTEGER
const rememberedMaximum = 400

/** Looks at a history a screenful at a time, however long it is. */
export function createWindow(history: Pick<History, 'after' | 'before'>, quote: Quote) {
  /** what an entry was laid out to, so that long ones are not laid out again for nothing */
  let remembered = new Map<string, Line[]>()

  function layOut(entry: HistoryEntry, self: string, width: number): Line[] {
    const key = `${entry.row} ${changing(entry, self)} ${width}`
    const known = remembered.get(key)
    if (known) return known
    if (remembered.size >= rememberedMaximum) remembered = new Map()
    const rows = saidRows(entry, self, width, quote)
    remembered.set(key, rows)
    return rows
  }

  /** What becomes of an entry, and of others that it names. */
  function changing(entry: HistoryEntry, self: string): string {
    if (entry.kind === 'afterword') return afterwordText(entry, quote)
    if (entry.kind !== 'message') return ''
    const { state, deletedAt, answers, peer } = entry
    return `${state} ${deletedAt} ${answers ? answerText(peer, answers, self, quote) : ''}`
  }

  /** @param previous the entry before the first, for the day */
  function rowsOf(entries: readonly HistoryEntry[], previous: HistoryEntry | null, of: Conversation): Row[] {
    let day = previous && dayOf(previous)
    return entries.flatMap((entry) => {
      const lines = [...layOut(entry, of.self, of.width)]
      if (entry.row === of.firstUnread) lines.unshift(rule('unread', 'bold'))
      if (dayOf(entry) !== day) lines.unshift(rule(dayOf(entry)))
      day = dayOf(entry)
      return lines.map((line, row) => ({ line, entry: entry.row, row, ends: row === lines.length - 1 }))
    })
  }

  /** The rows of so many entries before one, and of it and so many after it. */
  function rowsAround(entry: number, before: number, after: number, of: Conversation): Row[] {
    const above = history.before(entry, of.peer, before + 1)
    const below = after > 0 ? history.after(entry - 1, of.peer, after) : []
    const previous = above.length > before ? (above[0] ?? null) : null
    return rowsOf([...above.slice(previous ? 1 : 0), ...below], previous, of)
  }

  const seen = (rows: readonly Row[], atNewest: boolean): Seen => {
    const first = rows[0]
    return {
      rows: rows.map(({ line }) => line),
      top: first ? { entry: first.entry, row: first.row } : 'newest',
      atNewest,
      last: rows.findLast(({ ends }) => ends)?.entry ?? 0,
    }
  }

  function look(place: Place, height: number, of: Conversation): Seen {
    if (place !== 'newest') {
      const rows = rowsAround(place.entry, 0, height + 1, of)
      const from = rows.findIndex(({ entry, row }) => entry > place.entry || row >= place.row)
      const shown = from < 0 ? [] : rows.slice(from)
      if (shown.length > height) return seen(shown.slice(0, height), false)
    }
    return seen(rowsAround(everything, height, 0, of).slice(-height), true)
  }

  return {
    look,
    /** The place so many rows higher (less than 0) or lower, seen from a place. */
    move(place: Place, by: number, height: number, of: Conversation): Place {
      const { top } = look(place, height, of)
      if (top === 'newest') return top
      const around = rowsAround(top.entry, by < 0 ? -by : 0, by < 0 ? 1 : by + height + 1, of)
      const at = around.findIndex(({ entry, row }) => entry === top.entry && row === top.row)
      const target = around[Math.max(0, at + by)]
      if (!target) return 'newest'
      const next = { entry: target.entry, row: target.row }
      return look(next, height, of).atNewest ? 'newest' : next
    },
  }
}
