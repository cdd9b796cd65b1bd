/** As a shell takes it for one word. */
export const quoted = (word: string): string =>
  /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/**
 * A command as rows that can be pasted as they stand: where it is too long for one, it goes on after a backslash, with an
 * option at the beginning of each row.
 * @param words of the command, not quoted yet
 * @param indent how many spaces stand before the first row
 */
export const commandRows = (words: readonly string[], indent: number, width: number): string[] =>
  rowsOf(words.map(quoted), ' '.repeat(indent), width)

/** The same for a command that is one text already, and for what stands before it, such as `try: `. */
export function commandLineRows(line: string, first: string, width: number): string[] {
  const words = line.match(/(?:\\.|'[^']*'|[^\s'\\])+/g) ?? []
  return words.join(' ') === line ? rowsOf(words, first, width) : [first + line]
}

function rowsOf(words: readonly string[], first: string, width: number): string[] {
  const indent = first.length
  const pieces: string[] = []
  for (const word of words) {
    if (word.startsWith('--') || pieces.length === 0) pieces.push(word)
    else pieces[pieces.length - 1] += ` ${word}`
  }
  const rows: string[] = []
  let row = first
  for (const [i, piece] of pieces.entries()) {
    const room = width - (i === pieces.length - 1 ? 0 : 2)
    const next = i === 0 ? row + piece : `${row} ${piece}`
    if (i > 0 && next.length > room) {
      rows.push(`${row} \\`)
      row = ' '.repeat(indent + 2) + piece
    } else row = next
  }
  return [...rows, row]
}
