import { styleText } from 'node:util'
import { widthOf } from '../graphemes.ts'
import { cut } from '../wrap.ts'

/** `alarm`: a bar that says that somebody else may read. */
export type Style = 'bold' | 'dim' | 'inverse' | 'cyan' | 'green' | 'yellow' | 'red' | 'alarm'

/** A piece of a line on the screen, in one style. The text is harmless. */
export interface Span {
  readonly text: string
  readonly style?: Style
}

/** One line of the screen, or of a part of it. */
export type Line = readonly Span[]

export const line = (text: string, style?: Style): Line => [style ? { text, style } : { text }]

export const lineWidth = (spans: Line): number => spans.reduce((width, { text }) => width + widthOf(text), 0)

/** Exactly that wide: cut, or filled up with spaces in the style of its end. */
export function fit(spans: Line, width: number): Line {
  const fitted: Span[] = []
  let left = width
  for (const span of spans) {
    if (left === 0) break
    const text = cut(span.text, left)
    fitted.push({ ...span, text })
    left -= widthOf(text)
  }
  return left > 0 ? [...fitted, { ...spans.at(-1), text: ' '.repeat(left) }] : fitted
}

const stylesOf = (style: Style): Parameters<typeof styleText>[0] =>
  style === 'alarm' ? ['bold', 'inverse', 'red'] : style

/** As it goes to a terminal, with colours or without. */
export const painted = (spans: Line, colour: boolean): string =>
  spans
    .map(({ text, style }) => (colour && style ? styleText(stylesOf(style), text, { validateStream: false }) : text))
    .join('')
    .trimEnd()
