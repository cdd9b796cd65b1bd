import { between, type Part } from '../../words/notice.ts'
import { widthOf } from '../graphemes.ts'
import { line, type Line } from './line.ts'
import { wrap } from '../wrap.ts'

/** Broken between parts if that is enough for two rows, else wherever there is a space. */
function rowsOf(parts: readonly Part[], width: number): string[] {
  const rows: string[] = []
  for (const { text } of parts) {
    const last = rows.at(-1)
    if (last !== undefined && widthOf(last + between + text) <= width) rows[rows.length - 1] = last + between + text
    else rows.push(text)
  }
  if (rows.length <= 2 && rows.every((row) => widthOf(row) <= width)) return rows
  return wrap(parts.map(({ text }) => text).join(between), width)
}

/**
 * Two rows: what is least important is left out, with a sign; but every warning stands there, in more rows if it must.
 * Red while somebody else may read.
 */
export function noticeRows(parts: readonly Part[], width: number): Line[] {
  const isUrgent = ({ importance }: Part) => importance === 'warning' || importance === 'exposed'
  const warnings = parts.filter(isUrgent)
  const most = Math.max(2, rowsOf(warnings, width - 2).length)
  let kept = parts
  while (rowsOf(kept, width - 2).length > most)
    kept = kept.toSpliced(
      kept.findLastIndex((part) => !isUrgent(part)),
      1,
    )
  const rows = rowsOf(kept, width - 2)
  if (kept.length < parts.length) rows.push(`${rows.pop() ?? ''} …`)
  const style = parts.some(({ importance }) => importance === 'exposed') ? 'alarm' : 'inverse'
  return rows.map((text) => line(text, style))
}
