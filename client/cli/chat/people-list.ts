import type { Standing } from '../../device/conversations.ts'
import { widthOf } from '../graphemes.ts'
import { fit, type Line, line, type Span } from './line.ts'
import { cut } from '../wrap.ts'

/** Somebody in the list of conversations. */
export interface Listed {
  readonly user: string
  /** what they are called here, harmless: a group by its title */
  readonly name: string
  readonly standing: Standing
  readonly unread: number
  readonly muted: boolean
  readonly current: boolean
}

const signs: Record<Standing, string> = { accepted: '', request: 'request', blocked: 'blocked' }

const noteOf = ({ standing, unread, muted }: Listed) =>
  [signs[standing], muted ? 'muted' : '', unread > 0 ? String(unread) : ''].filter((text) => text !== '').join(' ')

const styleOf = ({ current, standing, unread, muted }: Listed): Span['style'] =>
  current ? 'inverse' : unread > 0 && !muted ? 'bold' : standing === 'accepted' ? undefined : 'dim'

const styled = (text: string, style: Span['style']): Span => (style ? { text, style } : { text })

function item(listed: Listed, width: number): Line {
  const note = noteOf(listed)
  const name = cut(listed.name, width - 2 - (note === '' ? 0 : widthOf(note) + 1))
  const gap = ' '.repeat(width - 2 - widthOf(name) - widthOf(note))
  return [styled(`${listed.current ? '▸' : ' '}${name}${gap}${note} `, styleOf(listed))]
}

/** A column of exactly that size, the current one in it. */
export function column(people: readonly Listed[], width: number, height: number): Line[] {
  const current = Math.max(
    0,
    people.findIndex((one) => one.current),
  )
  const room = people.length > height ? height - 1 : height
  const first = Math.max(0, Math.min(current - Math.floor(room / 2), people.length - room))
  const rows = people.slice(first, first + room).map((one) => item(one, width))
  if (people.length > height) rows.push(line(` +${people.length - room} more`, 'dim'))
  while (rows.length < height) rows.push([])
  return rows.map((row) => fit(row, width))
}

const isCalling = ({ unread, muted }: Listed) => unread > 0 && !muted

/** One line: the current one first, then who has written, then the others; a number says how many had no room. */
export function bar(people: readonly Listed[], width: number): Line {
  const order = people.toSorted(
    (one, other) => Number(other.current) - Number(one.current) || Number(isCalling(other)) - Number(isCalling(one)),
  )
  const spans: Span[] = []
  let left = width - ` +${people.length}`.length
  for (const [i, listed] of order.entries()) {
    const text = ` ${[`${listed.current ? '▸' : ''}${listed.name}`, noteOf(listed)].join(' ').trimEnd()} `
    if (widthOf(text) > left) {
      spans.push({ text: ` +${order.length - i}`, style: 'dim' })
      break
    }
    spans.push(styled(text, styleOf(listed)))
    left -= widthOf(text)
  }
  return fit(spans.length > 0 ? [...spans, { text: '' }] : line(' nobody yet', 'dim'), width)
}
