import type { Share } from '../simulation/share.ts'
import { counted } from '../../words/counted.ts'
import { listed, nameOf } from './words.ts'

export const portion = ({ read, of }: Share): string => `${read} of ${of}`

/** `3 of 12 (25 %)`: rounded, but never to nothing or to everything. */
export function withPercent({ read, of }: Share): string {
  if (of === 0) return portion({ read, of })
  const percent = Math.round((100 * read) / of)
  const rounded = read > 0 && percent === 0 ? 'under 1' : read < of && percent === 100 ? 'over 99' : `${percent}`
  return `${portion({ read, of })} (${rounded} %)`
}

/** The least and the most of several: `3`, or `3 to 5`. */
export function range(figures: readonly number[]): string {
  const [least, most] = [Math.min(...figures), Math.max(...figures)]
  return least === most ? `${least}` : `${least} to ${most}`
}

/** The modes of some rows, by name. */
export const modesOf = (rows: readonly { readonly mode: string }[]): string =>
  listed(rows.map(({ mode }) => nameOf(mode)))

/** `1 mode`, `3 of 5 modes` */
export const modesIn = (those: readonly unknown[], all: readonly unknown[]): string =>
  those.length === all.length
    ? all.length === 1
      ? 'the one mode'
      : `all ${all.length} modes`
    : `${those.length} of ${counted(all.length, 'mode')}`

export const most = (figures: readonly number[]): number => Math.max(0, ...figures)
