import { hex } from '../../../crypto/bytes.ts'
import { AuthorityError } from '../../authority/errors.ts'
import type { AuditEntry } from '../../authority/order/audit.ts'
import { type PublicCount, publicCounts } from '../../authority/order/counts.ts'
import { openDesk } from '../../authority/order/desk-folder.ts'
import { logIn, logOf } from '../../authority/order/desk-log.ts'
import { instant } from '../../authority/order/order-file.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../output.ts'
import { counted } from '../../words/counted.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { extentText, unitOf } from './order-desk.ts'

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
  for (const entry of entries) print(flags.json ? safeJson(entryOf(entry)) : entryLine(entry))
  if (!flags.json) print('orders by the state that asks, path, kind and outcome:')
  for (const count of publicCounts(entries)) print(flags.json ? safeJson(count) : countLine(count))
  if (unfinishedBytes > 0)
    tell(
      `behind the last line stand ${unfinishedBytes} bytes of an entry that was never finished; the next one takes their place`,
    )
  const last = entries.at(-1)
  if (last && !flags.json)
    print(`${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}, head ${hex(last.digest)}`)
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

function entryLine({ sequence, time, what, jurisdiction, order, messages, people, note }: AuditEntry): string {
  const about = order ? `${order.path} ${order.kind} ${hex(order.digest).slice(0, 12)}` : ''
  const extent = what === 'executed' && order ? extentText({ messages, people }, unitOf(order.kind)) : ''
  const said = [jurisdiction, about, extent, note].filter((part) => part !== '').join('  ')
  return visible(`${String(sequence).padStart(4)}  ${instant(time)}  ${what.padEnd(8)}  ${said}`)
}

const countLine = ({ jurisdiction, path, kind, outcome, orders, executed, messages, people }: PublicCount) =>
  visible(
    `  ${jurisdiction}  ${path.padEnd(10)}  ${kind.padEnd(8)}  ${outcome.padEnd(8)}  ${counted(orders, 'order')}, ${executed} executed: ${extentText({ messages, people }, unitOf(kind))}`,
  )
