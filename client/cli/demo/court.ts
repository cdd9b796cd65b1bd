import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { finish } from '../running.ts'
import { target } from './people.ts'
import { command, expect, type Stage } from './stage.ts'

const serial = '2026-17'
const dayMs = 24 * 3600 * 1000
const day = (fromNowMs: number) => new Date(Date.now() + fromNowMs).toISOString().slice(0, 10)

/** What was handed over under the order. */
export interface HandedOver {
  readonly checks: number
  /** how many of them rest on somebody's word */
  readonly onTrust: number
  /** the lines of the transcript */
  readonly lines: readonly string[]
}

/** A court's order for one person: written, signed, checked by the company's order desk, and carried out. */
export async function carryOutOrder(stage: Stage): Promise<HandedOver> {
  const { folder, narrator } = stage
  const order = (who: string, ...args: string[]) => finish(who, ['authority', 'order', ...args], folder)
  narrator.starting('a court signs an order for one person')
  await order('court', 'issuer', '--name', 'District Court', '--jurisdiction', 'us', '--out', 'court.key')
  await order('order desk', 'desk', '--jurisdiction', 'us', '--trust', 'court.key.pub')
  const window = ['--from', day(0), '--to', day(dayMs), '--expires', day(30 * dayMs)]
  const about = ['--serial', serial, '--standard', 'us-wiretap', '--person', target[0]]
  await order('court', 'draft', '--issuer', 'court.key', ...about, ...window)
  narrator.starting("the company's order desk checks it")
  await order('order desk', 'submit', 'order.json')
  const review = (await order('order desk', 'review', serial, '--json'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { readonly check?: string; readonly enforcedBy?: string })
    .filter(({ check }) => check !== undefined)
  await command(stage, 'order desk', ['authority', 'order', 'execute', serial, '--archive', 'passed.archive'])
  const transcript = readFileSync(join(folder, 'handed-over', 'transcript.txt'), 'utf8')
  return {
    checks: review.length,
    onTrust: review.filter(({ enforcedBy }) => enforcedBy === 'a promise').length,
    lines: transcript.split('\n').filter((line) => /^\d{4}-/.test(line)),
  }
}

/** What the audit log of the order desk says of itself. */
export interface Log {
  readonly entries: number
  /** digest of the whole log: 64 hex digits */
  readonly head: string
}

export async function auditLog(stage: Stage): Promise<Log> {
  const lines = await command(stage, 'order desk', ['authority', 'order', 'audit', '--json'])
  const digests = lines
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => (JSON.parse(line) as { readonly digest?: string }).digest ?? [])
  const head = digests.at(-1)
  expect(head !== undefined, 'the audit log is empty')
  return { entries: digests.length, head: head ?? '' }
}
