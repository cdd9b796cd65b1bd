import { visible } from '../../words/visible.ts'

/** A piece of a page or a picture in which all that others wrote has been escaped: only `markup` makes it. */
export interface Markup {
  readonly markup: string
}

export type Piece = string | number | null | Markup | readonly Piece[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Two characters are in Unicode and may not be in XML. */
const escaped = (text: string) =>
  visible(text)
    .replaceAll(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')

function spelled(piece: Piece): string {
  if (piece === null) return ''
  if (typeof piece === 'string') return escaped(piece)
  if (typeof piece === 'number') return String(piece)
  if ('markup' in piece) return piece.markup
  return piece.map(spelled).join('')
}

/** HTML or SVG as it stands here, with every text put into it escaped; null leaves nothing. Attributes need double quotes. */
export const markup = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup => ({
  markup: String.raw({ raw: parts.raw }, ...pieces.map(spelled)),
})

/** For coordinates: a tenth of a unit is less than anybody sees. */
export const rounded = (value: number): number => Math.round(value * 10) / 10
