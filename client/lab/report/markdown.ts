import { visible } from '../../words/visible.ts'

/** Other people's text as it may stand in a page of Markdown, at the beginning of a line or in a table. */
export const plain = (text: string): string =>
  visible(text)
    .replaceAll(/[\\`*_[\]<>|&~]/g, (character) => `\\${character}`)
    .replace(/^([-+#=]|\d+[.)])/, (start) => `${start.slice(0, -1)}\\${start.slice(-1)}`)

export const tableOf = (heading: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heading, heading.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** Lines of at most 120 letters, as the other pages have them. */
export function wrapped(text: string, indent = ''): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 120) {
      lines.push(line)
      line = `${indent}${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

export const item = (text: string): string => wrapped(`- ${text}`, '  ')

/** The anchor that a heading gets where such pages are shown. */
export const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/gu, '-')
