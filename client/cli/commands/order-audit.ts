import { hex } from '../../../crypto/bytes.ts'
import { AuthorityError } from '../../authority/errors.ts'
import type { AuditEntry } from '../../authority/order/audit.ts'
import { type PublicCount, publicCounts } from '../../authority/order/counts.ts'
import { openDesk } from '../../authority/order/desk-folder.ts'
import { logIn, logOf } from '../../authority/order/desk-log.ts'
import { instant } from '../../authority/order/order-file.ts'
import { Stop } from '../exit.ts'
import { type Column, table } from '../layout.ts'
import { print, tell } from '../output.ts'
import { counted, grouped } from '../../words/counted.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { extentText, unitOf } from './order-desk.ts'
import { printText } from './order.ts'

export interface AuditFlags {
  readonly desk: string
  readonly head?: string
  readonly json?: boolean
}

/** Checks the whole log, and prints it with the public counts. */
export function audit(flags: AuditFlags): void {
  const { head } = flags
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) throw new Stop('user', '--head is 64 hex digits')
  const { entries, unfinishedBytes } = logOf(openDesk(flags.desk))
  if (head !== undefined && !entries.some(({ digest }) => hex(digest) === head))
    throw new AuthorityError(
      'bad-audit-log',
      `${logIn(flags.desk)} ends at line ${entries.length} without the entry ${head}: it was cut off, or written anew, since that was its head`,
    )
  for (const entry of entries) {
    if (flags.json) print(safeJson(entryOf(entry)))
    else printEntry(entry)
  }
  const counts = publicCounts(entries)
  if (!flags.json) printCounts(counts)
  else for (const count of counts) print(safeJson(count))
  if (unfinishedBytes > 0)
    tell(
      `after the last line stand ${counted(unfinishedBytes, 'byte')} of an entry that was never finished; the next entry takes their place`,
    )
  const last = entries.at(-1)
  if (last && !flags.json) print(`${counted(entries.length, 'entry', 'entries')}, head ${hex(last.digest)}`)
}

const entryOf = ({ order, previous, digest, ...facts }: AuditEntry) => ({
  ...facts,
  order: order && hex(order.digest),
  path: order && order.path,
  kind: order && order.kind,
  from: order && order.from,
  to: order && order.to,
  previous: hex(previous),
  digest: hex(digest),
})

function printEntry({ sequence, time, what, jurisdiction, order, messages, people, note }: AuditEntry): void {
  const about = order ? `${order.path} ${order.kind} ${hex(order.digest).slice(0, 12)}` : ''
  const extent = what === 'executed' && order ? extentText({ messages, people }, unitOf(order.kind)) : ''
  const said = [jurisdiction, about, extent, note].filter((part) => part !== '').join('  ')
  printText(said, `${String(sequence).padStart(4)}  ${timeOf(time)}  ${what.padEnd(8)}  `)
}

/** To the second: the log itself has the rest. */
const timeOf = (ms: number) => instant(Math.floor(ms / 1000) * 1000)

function printCounts(counts: readonly PublicCount[]): void {
  if (counts.length === 0) return print('No orders yet.')
  print('Orders, by the state that asks:')
  const heads = ['state', 'path', 'kind', 'outcome'].map((heading): Column => ({ heading }))
  const numbers = ['orders', 'executed'].map((heading): Column => ({ heading, align: 'right' }))
  const rows = counts.map(({ jurisdiction, path, kind, outcome, orders, executed, messages, people }) => [
    visible(jurisdiction),
    path,
    kind,
    outcome,
    grouped(orders),
    grouped(executed),
    extentText({ messages, people }, unitOf(kind)),
  ])
  table([...heads, ...numbers, { heading: 'handed over' }], rows, 2).forEach((row) => print(row))
}
