/**
 * What a terminal or a reader could take for an order, and not for text: C0 and C1 controls, line and paragraph
 * separators, bidirectional controls, invisible spaces and tags, halves of surrogate pairs. Joiners stay, for scripts
 * and emoji need them.
 */
const dangerous =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/** Other people's text as it may go to a terminal: on one line, every dangerous character shown as a sign. */
export const visible = (text: string): string =>
  text.replaceAll(dangerous, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })

/** The same for text of several lines, which stay lines; a tab becomes spaces. */
export const visibleLines = (text: string): string[] =>
  text.split(/\r\n|\n/).map((line) => visible(line.replaceAll('\t', '    ')))

/** One line of JSON that a terminal can be shown: it parses to the same value, and holds no dangerous character raw. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(dangerous, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
