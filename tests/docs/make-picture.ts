import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

/*
 * Runs the demo and draws a part of what it printed as docs/demo.svg: `npm run picture`. Nothing is drawn that was not
 * printed; lines that are left out are replaced by one that says how many.
 */

const root = resolve(import.meta.dirname, '../..')
const lineHeight = 19
const characterWidth = 7.8

const { stdout, status } = spawnSync(process.execPath, [resolve(root, 'dist/doormat.js'), 'demo', '--yes'], {
  encoding: 'utf8',
  env: { ...process.env, NO_COLOR: '1' },
})
if (status !== 0) throw new Error('the demo failed; nothing is drawn')

const lines = stdout.split('\n')
const from = lines.findIndex((line) => line.startsWith('3. '))
const to = lines.findIndex((line) => line.startsWith('6. '))
const shown = [...lines.slice(from, to), `… ${from} lines before this and ${lines.length - to} after it: npm run demo`]
const wrapped = shown.flatMap((line) => wrap(line, 118))

function wrap(line: string, columns: number): string[] {
  if (line.length <= columns) return [line]
  const cut = line.lastIndexOf(' ', columns)
  return [line.slice(0, cut), ...wrap(`            │ ${line.slice(cut + 1)}`, columns)]
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escape = (text: string) => text.replaceAll(/[&<>]/g, (character) => entities[character] ?? '')

function draw(line: string, i: number): string {
  const y = 30 + i * lineHeight
  const heading = /^\d\. /.test(line)
  const text = escape(line).replaceAll(' ', '\u00a0')
  const [, name, rest] = /^(\u00a0\u00a0[a-z]+\u00a0+)([│$].*)$/.exec(text) ?? []
  const inner = name === undefined ? text : `<tspan class="who">${name}</tspan>${rest}`
  return `<text x="20" y="${y}"${heading ? ' class="heading"' : ''}>${inner}</text>`
}

const [width, height] = [40 + 118 * characterWidth, 45 + wrapped.length * lineHeight]
writeFileSync(
  resolve(root, 'docs/demo.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A run of the demo">
<style>text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d8dee9 } .who { fill: #88c0d0 } .heading { fill: #ebcb8b; font-weight: bold }</style>
<rect width="100%" height="100%" rx="8" fill="#242933"/>
${wrapped.map(draw).join('\n')}
</svg>
`,
)
