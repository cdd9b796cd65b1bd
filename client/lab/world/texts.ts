import { fromUtf8 } from '../../../crypto/bytes.ts'
import { textMaximumBytes } from '../../../crypto/content.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { type Broken, brokenLines, forEachLine, nothingUsable } from './lines.ts'

export interface TextList extends Broken {
  readonly texts: readonly string[]
  /** whether every line had a label before its text, which was left out */
  readonly labelled: boolean
}

/** 1 to 16 printable characters without spaces, then a tab. */
const label = /^[!-~]{1,16}\t/

/**
 * Reads what people say: a text a line, in UTF-8. Where every line of the file begins with a short label and a tab, as in
 * the SMS Spam Collection (`ham`, tab, text), the labels are left out. Of broken lines a list is kept, and the others
 * count.
 * @throws LabError `bad-text` for a file that cannot be read or has no text
 */
export function readTexts(path: string): TextList {
  const found: { readonly line: number; readonly text: string }[] = []
  const list = brokenLines(path)
  let labelled = true
  forEachLine(path, 'bad-text', (bytes, line) => {
    const text = bytes && decoded(bytes)
    if (bytes === null) list.add(line, tooLong)
    else if (text === null) list.add(line, 'not UTF-8')
    else {
      if (!label.test(text)) labelled = false
      found.push({ line, text })
    }
    return 'go on'
  })
  const texts: string[] = []
  for (const { line, text } of found) {
    const said = labelled ? text.replace(label, '') : text
    const problem = problemOf(said)
    if (problem === null) texts.push(said)
    else list.add(line, problem)
  }
  const broken = [...list.broken].sort((a, b) => a.line - b.line)
  const { brokenCount } = list
  if (texts.length === 0) throw nothingUsable(path, 'bad-text', 'text', { broken, brokenCount })
  return { texts, labelled, broken, brokenCount }
}

const tooLong = `the text is longer than ${textMaximumBytes} bytes`

function problemOf(text: string): string | null {
  if (text.trim() === '') return 'no text'
  return Buffer.byteLength(text) > textMaximumBytes ? tooLong : null
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return fromUtf8(bytes)
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}
