import { readFileSync } from 'node:fs'

/*
 * The plans of docs/workshop, as their tests walk through them. Every plan has one table,
 *
 *   | minute | who | does | you say | you see |
 *
 * and nothing but the columns "who", "does" and "you see" is meant for a test: in "does" a word in italics is a button (or
 * an entry of a list) on the page of whoever it is, `at "…"` says beside which text where several are called the same, and
 * code is a command. In "you see" each text in code stands on the page whose name is before it, and `…` is anything.
 */

export type Who = 'room' | 'phones' | 'host' | 'terminal'
export type Place = 'phones' | 'host' | 'wall' | 'terminal'

/** One thing that somebody does, in order. */
export type Deed =
  | { readonly press: string; readonly at: string | null }
  | { readonly type: string }
  /** in words that a person understands and a test knows: `write to a neighbour` */
  | { readonly words: string }

export interface Seen {
  readonly place: Place
  readonly text: string
}

export interface PlanRow {
  readonly minute: number
  readonly who: Who
  readonly does: readonly Deed[]
  readonly says: string
  readonly seen: readonly Seen[]
}

const heading = '| minute | who | does | you say | you see |'

/** @throws Error for a page without such a table, or with a row of another form */
export function planCalled(name: string): readonly PlanRow[] {
  const page = readFileSync(new URL(`../../docs/workshop/${name}.md`, import.meta.url), 'utf8')
  const [, after] = page.split(`${heading}\n|---|---|---|---|---|\n`)
  if (after === undefined) throw new Error(`${name} has no table ${heading}`)
  const [table = ''] = after.split('\n\n')
  return table.trimEnd().split('\n').map(rowOf)
}

function rowOf(line: string): PlanRow {
  const cells = line.split('|').slice(1, -1)
  const [minute = '', who = '', does = '', says = '', seen = ''] = cells.map((cell) => cell.trim())
  if (cells.length !== 5 || !/^\d+$/.test(minute) || !/^(room|phones|host|terminal)$/.test(who))
    throw new Error(`not a row of a plan: ${line}`)
  return { minute: Number(minute), who: who as Who, does: deedsIn(does), says, seen: seenIn(seen) }
}

const deedsIn = (cell: string): readonly Deed[] =>
  [...cell.matchAll(/\*([^*]+)\*(?: at "([^"]+)")?|`([^`]+)`|([^*`]+)/g)].flatMap(
    ([, press, at, type, words]): Deed[] => {
      if (press !== undefined) return [{ press, at: at ?? null }]
      if (type !== undefined) return [{ type }]
      const said = (words ?? '').split(/, | and | then /).map((part) => part.replaceAll(/^[\s,]+|[\s,]+$|then /g, ''))
      return said.filter((part) => part !== '').map((part) => ({ words: part }))
    },
  )

function seenIn(cell: string): readonly Seen[] {
  let place: Place | null = null
  const seen: Seen[] = []
  for (const [, named, text] of cell.matchAll(/\b(phones|host|wall|terminal): |`([^`]+)`/g)) {
    if (named !== undefined) place = named as Place
    else if (place === null) throw new Error(`nobody knows where this stands: ${cell}`)
    else seen.push({ place, text: text ?? '' })
  }
  return seen
}

/** A text of a plan as a pattern: `…` is anything that is not long, and one space is as good as several. */
export const patternOf = (text: string): RegExp =>
  new RegExp(
    text
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/\s+/g, String.raw`\s+`))
      .join('[^]{0,80}?'),
  )
