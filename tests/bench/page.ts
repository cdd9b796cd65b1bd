import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { resolve } from 'node:path'
import type { Spent } from './profile.ts'

/** What the issue asks for, and what came of it. */
export interface Goal {
  readonly goal: string
  readonly measured: string
  readonly isMet: boolean
}

/** One part of the page: its tables as they are printed, and the goals that they decide. */
export interface Section {
  readonly title: string
  readonly body: string
  readonly goals: readonly Goal[]
}

export const pagePath = resolve(import.meta.dirname, '../../docs/performance.md')

const head = `# Performance

\`npm run bench:messages\`, \`bench\`, \`bench:lab\` and \`bench:peers\` each write their own part of this page; nothing is written by hand. The
figures are of one machine on one day, so look at the ratios. Whatever is compared took turns in one run, round by round, and a ratio
is the median of the rounds' ratios. No check of the protocol is left out to improve a figure. Other words are explained in the
[glossary](glossary.md).

The *floor* is the bare cryptography: the same calls of libsodium in the same order, and nothing else. "0.44×" in a column
*floor ÷ ours* means that the floor takes 0.44 times as long as Doormat. *p99* is the time within which 99 of 100 are done.
`

const parts = ['bench:messages', 'bench', 'bench:lab', 'bench:room', 'bench:peers'] as const
export type Part = (typeof parts)[number]

const begins = (part: Part) => `<!-- ${part} begins -->`
const ends = (part: Part) => `<!-- ${part} ends -->`

/** Puts one part into the page and leaves the other as it is. */
export function withPart(page: string, part: Part, text: string): string {
  const kept = (other: Part) => {
    const [from, to] = [page.indexOf(begins(other)), page.indexOf(ends(other))]
    return from < 0 || to < from
      ? `\n\`npm run ${other}\` has not been run yet.\n`
      : page.slice(from + begins(other).length, to)
  }
  const body = (each: Part) => (each === part ? `\n${text}\n` : kept(each))
  return `${head}\n${parts.map((each) => `${begins(each)}${body(each)}${ends(each)}\n`).join('\n')}`
}

export function writePart(part: Part, text: string, path = pagePath): void {
  writeFileSync(path, withPart(existsSync(path) ? readFileSync(path, 'utf8') : '', part, text))
}

export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

export const goalTable = (goals: readonly Goal[]): string =>
  [
    '| goal | measured | |',
    '|---|---|---|',
    ...goals.map(({ goal, measured, isMet }) => `| ${goal} | ${measured} | ${isMet ? 'met' : '**missed**'} |`),
  ].join('\n')

/** Where and when, and by which command. */
export function provenance(command: string): string {
  const [cpu] = cpus()
  return [
    `${command}, ${new Date().toISOString().slice(0, 10)}`,
    `Node ${process.versions.node}`,
    `${process.platform} ${process.arch}`,
    `${cpus().length} × ${cpu?.model.trim() ?? 'processor unknown'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `load average ${loadavg()[1]?.toFixed(1)}`,
  ].join('; ')
}

export const profileList = (spent: readonly Spent[]): string =>
  spent.map(({ where, share }) => `${where} ${percent(share)}`).join(', ')

export const percent = (share: number): string => `${Math.round(share * 100)} %`
/** Three significant digits. */
export const figure = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
export const times = (value: number): string => `${value.toFixed(2)}×`
