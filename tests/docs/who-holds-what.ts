import { modes } from '../../crypto/access/index.ts'
import type { AccessMode, ModeSecret } from '../../crypto/access/mode.ts'
import { seededRandom } from '../support/random.ts'

/** docs/who-holds-what.svg and the table under it: which keys there are in each mode and who has them, read off the modes. */

interface Holdings {
  readonly mode: AccessMode
  readonly secrets: readonly ModeSecret[]
  /** how many of the secrets it takes to open a message */
  readonly needed: number
}

const holdings: readonly Holdings[] = modes.map((mode) => {
  const { secrets } = mode.setup(seededRandom('who holds what'))
  const [first] = secrets
  return { mode, secrets, needed: first && mode.needed ? mode.needed(first.bytes) : Math.min(1, secrets.length) }
})

/** What the operator gets for its part in a mode. */
function ofOperator({ mode: { tapping }, secrets: [secret] }: Holdings): string {
  if (!tapping) return 'no key'
  return tapping.operatorLearns ? `the ${secret?.name ?? 'secret'} too, while the tap is in place` : 'public keys only'
}

const withoutArticle = (holder: string) => holder.replace(/^(the|an?) /, '')

/** The table of docs/access-modes.md, line by line. */
export function whoHoldsWhatTable(): string {
  const rows = holdings.flatMap((each) => {
    const ends = 'each message’s own key'
    const operator = ofOperator(each)
    if (each.secrets.length === 0) return [[each.mode.title, ends, operator, 'nobody', '–', '–']]
    const opens = each.needed === 1 ? 'alone' : `any ${each.needed} of ${each.secrets.length} together`
    return each.secrets.map(({ name, holder, jurisdiction }, i) =>
      i === 0
        ? [each.mode.title, ends, operator, `${name}: ${holder}`, jurisdiction, opens]
        : ['', '', '', `${name}: ${holder}`, jurisdiction, ''],
    )
  })
  const header = [
    'mode',
    'the two ends hold',
    'the operator holds',
    'the mode’s secret: who holds it',
    'state',
    'opens',
  ]
  return [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`.replaceAll(/\| {2}(?=\|)/g, '| '))
    .join('\n')
}

const width = 390
const margin = 12
const lineHeight = 18
/** The three columns: where each begins, and how wide it is. */
const lanes = [
  { x: margin, across: 84, title: ['the two', 'ends'] },
  { x: margin + 84, across: 112, title: ['the', 'operator'] },
  { x: margin + 196, across: 170, title: ['the authority,', 'or custodians'] },
] as const

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escape = (text: string) => text.replaceAll(/[&<>]/g, (character) => entities[character] ?? '')

/** Lines of at most so many characters, broken at spaces. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const write = (x: number, y: number, lines: readonly string[], kind = '') =>
  lines
    .map((line, i) => `<text x="${x}" y="${y + i * lineHeight}"${kind && ` class="${kind}"`}>${escape(line)}</text>`)
    .join('')

/** A key, 26 wide and 12 high. */
const key = (x: number, y: number, kind: string) =>
  `<g class="key ${kind}" transform="translate(${x} ${y})"><circle cx="6" cy="6" r="4.5"/><path d="M10.5 6H25M20 6v5M24 6v4"/></g>`

/** One mode: its title, and what stands in each column. @returns the drawing, and its height */
function modeRow(each: Holdings, y: number): { readonly drawing: string; readonly height: number } {
  const [ends, operator, authority] = lanes
  const { mode, secrets, needed } = each
  const top = y + 34
  const operatorLines = wrapped(ofOperator(each), 15)
  const learns = mode.tapping?.operatorLearns === true
  const [first] = secrets
  const lines =
    first === undefined
      ? ['nobody has a key']
      : secrets.length === 1
        ? [first.name, `held by ${first.holder},`, first.jurisdiction]
        : [
            `${secrets.length} shares, any ${needed} open:`,
            ...secrets.flatMap(({ holder, jurisdiction }, i) =>
              wrapped(`${i + 1} ${withoutArticle(holder)}, ${jurisdiction}`, 26),
            ),
          ]
  const body = [
    key(ends.x, top, 'own'),
    write(ends.x, top + 30, ['their own', 'keys']),
    learns
      ? key(operator.x, top, 'foreign')
      : `<path class="none" d="M${operator.x + 2} ${top + 6}H${operator.x + 22}"/>`,
    write(operator.x, top + 30, operatorLines, learns ? 'foreign' : 'quiet'),
    ...secrets.map((_, i) => key(authority.x + i * 32, top, 'foreign')),
    first === undefined ? `<path class="none" d="M${authority.x + 2} ${top + 6}H${authority.x + 22}"/>` : '',
    write(authority.x, top + 30, lines, first === undefined ? 'quiet' : ''),
  ]
  const height = 34 + 30 + Math.max(2, operatorLines.length, lines.length) * lineHeight - 2
  const rule = `<path class="rule" d="M${margin} ${y}H${width - margin}"/>`
  return { drawing: [rule, write(margin, y + 22, [mode.title], 'name'), ...body].join(''), height }
}

const box = (x: number, y: number, across: number, down: number, kind = '') =>
  `<rect x="${x}" y="${y}" width="${across}" height="${down}" rx="7"${kind && ` class="${kind}"`}/>`

const arrow = (d: string) => `<path class="arrow" marker-end="url(#calm)" d="${d}"/>`

/** How an order is executed: what meets at the company's desk, what comes out of it, and what needs no desk. */
function orderPart(y: number): { readonly drawing: string; readonly height: number } {
  const three = [
    ['from court or minister', 'an order:', 'one person,', 'one window'],
    ['the company has', 'the archive:', 'everybody’s', 'envelopes'],
    ['the authority has', 'the key:', 'it knows', 'no order'],
  ] as const
  const across = 116
  const step = (width - 2 * margin - across) / 2
  const top = y + 62
  const parts = three.map(([from, what, ...more], i) => {
    const x = margin + i * step
    return [
      write(x + 2, top - 8, [from], 'quiet small'),
      box(x, top, across, 66),
      write(x + 10, top + 21, [what], 'name small'),
      write(x + 10, top + 39, more),
      arrow(`M${x + across / 2} ${top + 66}V${top + 92}`),
    ].join('')
  })
  const desk = top + 100
  const out = desk + 92
  const loose = out + 84
  const drawing = [
    `<path class="rule" d="M${margin} ${y}H${width - margin}"/>`,
    write(margin, y + 24, ['Who executes an order'], 'name'),
    ...parts,
    box(margin, desk, width - 2 * margin, 58, 'desk'),
    write(margin + 12, desk + 23, ['the company’s order desk'], 'name'),
    write(margin + 12, desk + 43, ['checks the order, uses the key, writes the log']),
    arrow(`M${width / 2} ${desk + 58}V${out - 8}`),
    box(margin, out, width - 2 * margin, 48),
    write(margin + 12, out + 20, ['handed over: what this person sent and got', 'in that window']),
    write(margin, loose - 8, ['without the desk'], 'foreign small'),
    box(margin, loose, width - 2 * margin, 66, 'danger'),
    write(margin + 12, loose + 21, ['the same key and a copy of the archive,']),
    write(margin + 12, loose + 39, ['on any computer: all that the key opens,']),
    write(margin + 12, loose + 57, ['without an order and without a log']),
  ].join('\n')
  return { drawing, height: loose + 66 - y }
}

/** What the drawing says, for whoever cannot see it. */
export const alternative =
  'Who holds which key under each access mode. The two ends always hold their own; the operator holds none, except under key substitution; the authority, or five custodians, hold the mode’s secret. Below: an order, the company’s archive and the authority’s key meet at the company’s order desk, which hands over one person’s messages. The same key and a copy of the archive open all that the key can open, without the desk.'

export function whoHoldsWhatPicture(): string {
  const parts: string[] = lanes.map(({ x, title }) => write(x, margin + 16, title, 'head'))
  let y = margin + 46
  for (const each of holdings) {
    const { drawing, height } = modeRow(each, y)
    parts.push(drawing)
    y += height
  }
  const order = orderPart(y)
  parts.push(order.drawing)
  const height = y + order.height + margin
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="what">
<title id="what">${escape(alternative)}</title>
<style>
.ground { fill: #fff } text { font: 13px system-ui, sans-serif; fill: #2b3743 } .name { font-weight: 650; font-size: 15px; fill: #14202b } .head { font-weight: 650 } .small { font-size: 13px } .quiet { fill: #566575 } text.foreign { fill: #b3261e }
rect { fill: #f4f6f8; stroke: #8496a8 } rect.ground { stroke: none; fill: #fff } rect.desk { fill: #e6eef6; stroke: #2f5f8a } rect.danger { fill: #fdeeed; stroke: #b3261e; stroke-dasharray: 5 4 }
.key { fill: none; stroke-width: 2.4 } .own { stroke: #1f7a4d } .key.foreign { stroke: #b3261e } .none { stroke: #8496a8; stroke-width: 2 } .rule { stroke: #cbd5de } .arrow { fill: none; stroke: #566575; stroke-width: 1.6 } marker path { fill: #566575 }
@media (prefers-color-scheme: dark) {
text { fill: #d4dce4 } .name { fill: #f2f5f8 } .quiet { fill: #a3b1bf } text.foreign { fill: #ff9d94 } rect { fill: #222b34; stroke: #6d8092 } rect.ground { fill: #0d1117 } rect.desk { fill: #1d3348; stroke: #6ea8dc } rect.danger { fill: #3a1c1a; stroke: #ff9d94 }
.own { stroke: #5cc990 } .key.foreign { stroke: #ff9d94 } .rule { stroke: #36424e } .arrow { stroke: #a3b1bf } marker path { fill: #a3b1bf }
}
</style>
<defs><marker id="calm" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
<rect class="ground" width="100%" height="100%"/>
${parts.join('\n')}
</svg>
`
}
