/**
 * What a terminal or a reader could take for an order, and not for text, or not see at all: C0 and C1 controls, line and
 * paragraph separators, halves of surrogate pairs, annotations, and all that Unicode lets a font leave out (bidirectional
 * controls, invisible spaces, fillers, soft hyphens, tags). Joiners and variation selectors stay, for scripts and emoji
 * need them: behind something visible, and one at a time, or they could carry what nobody sees. So do marks, up to as
 * many on one character as any writing has (UAX #15, Stream-Safe Text Format).
 */
const unseen = String.raw`[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufff9-\ufffb[\p{Default_Ignorable_Code_Point}--[\p{Variation_Selector}\u200c\u200d]]]`
const joiner = String.raw`[\u200c\u200d]`
const selector = String.raw`\p{Variation_Selector}`
/** behind nothing that is seen */
const loose = `(?<=^|${unseen}|${joiner})${joiner}|(?<=^|${unseen}|${joiner}|${selector})${selector}`
const flood = String.raw`(?<=\p{M}{30})\p{M}`
const dangerous = new RegExp(`${unseen}|${loose}|${flood}`, 'gv')

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
