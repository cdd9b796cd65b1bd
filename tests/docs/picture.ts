/** What the visitor has sent in the run that is drawn. */
export const sentence = 'The spare key is under the blue flowerpot.'

const [columns, margin] = [80, 20]
const [lineHeight, characterWidth] = [19, 7.8]
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escape = (text: string) => text.replaceAll(/[&<>]/g, (character) => entities[character] ?? '')

/** Whose screens show what was not meant for them: red in the demo. */
const readers = new Set(['authority', 'clerk', 'thief', 'server'])

/** The third screen of the demo, as it was printed at 80 columns. */
export function screenShown(output: readonly string[]): readonly string[] {
  const begins = (number: number) => output.findIndex((line) => line.startsWith(`${number} of 6. `))
  return output.slice(begins(3), begins(4)).join('\n').trimEnd().split('\n')
}

/** That screen as an SVG. */
export function picture(screen: readonly string[]): string {
  const [width, height] = [2 * margin + columns * characterWidth, 45 + screen.length * lineHeight]
  let who = ''
  const rows = screen.map((line, i) => {
    const [, name, mark] = /^ {2}(.{11})([│$]) /.exec(line) ?? []
    if (name !== undefined && name.trim() !== '') who = name.trim()
    const kind = i === 0 ? 'heading' : mark === '│' && readers.has(who) ? 'read' : mark === '$' ? 'typed' : null
    const text = escape(line).replaceAll(' ', '\u00a0')
    return `<text x="${margin}" y="${30 + i * lineHeight}"${kind ? ` class="${kind}"` : ''}>${text}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The third screen of the demo: an officer gets the messages that an order names, and the same key opens everybody else's">
<style>text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d8dee9 } .heading { fill: #ffffff; font-weight: bold } .typed { fill: #9aa5b5 } .read { fill: #ff8a80; font-weight: bold }</style>
<rect width="100%" height="100%" rx="8" fill="#242933"/>
${rows.join('\n')}
</svg>
`
}
