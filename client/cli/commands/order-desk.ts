import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hex } from '../../../crypto/bytes.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { readSecretKey, type SecretKeyFile } from '../../authority/key-file.ts'
import type { AuditEntry } from '../../authority/order/audit.ts'
import { type PublicCount, publicCounts } from '../../authority/order/counts.ts'
import { openDesk } from '../../authority/order/desk-folder.ts'
import { logIn, logOf } from '../../authority/order/desk-log.ts'
import {
  contentWithin,
  type Extent,
  extentOf,
  type MetadataLine,
  metadataWithin,
  possibleContent,
  possibleMetadata,
} from '../../authority/order/execute.ts'
import { instant } from '../../authority/order/order-file.ts'
import type { Order } from '../../authority/order/order.ts'
import { decideOrder, executableOrder, recordExecution } from '../../authority/order/received.ts'
import type { CheckResult, Decision, Review, Window } from '../../authority/order/review.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../terminal.ts'
import { safeJson, visible } from '../visible.ts'
import { evidenceIn, mustBeEmpty, plural, report, writeTranscript } from './authority.ts'
import { summary, timeIn } from './order.ts'

export interface ReviewFlags {
  readonly desk: string
  readonly refuse?: string
  readonly narrowFrom?: string
  readonly narrowTo?: string
  readonly json?: boolean
}

const reasonMaximum = 200

/** Shows each check, and writes down what came of all of them. What the checks refuse ends with 1. */
export async function review(named: string, flags: ReviewFlags): Promise<void> {
  const { signed, review } = await decideOrder(flags.desk, named, decisionIn(flags), Date.now())
  const { serial } = signed.order
  if (!flags.json) print(summary(signed.order))
  for (const check of review.checks) print(flags.json ? safeJson({ order: serial, ...check }) : checkLine(check))
  const failed = review.checks.filter(({ passed }) => !passed)
  if (failed.length > 0)
    throw new AuthorityError(
      'order-refused',
      `order ${serial} is refused: ${failed.map(({ id, why }) => `${id} (${why})`).join('; ')}`,
      hintFor(serial, review, flags),
    )
  tell(`${review.outcome}: ${decided(review)}`)
  if (review.outcome !== 'refused')
    tell(`to execute it: doormat authority order execute ${serial} --desk ${flags.desk} --archive passed.archive`)
}

function decisionIn(flags: ReviewFlags): Decision {
  const { refuse, narrowFrom, narrowTo } = flags
  if (refuse !== undefined && (refuse.trim() === '' || refuse.length > reasonMaximum || !refuse.isWellFormed()))
    throw new Stop('user', `a reason is a text of ${reasonMaximum} characters at most`)
  const narrow: Partial<Window> = {
    ...(narrowFrom === undefined ? {} : { from: timeIn('narrow-from', narrowFrom) }),
    ...(narrowTo === undefined ? {} : { to: timeIn('narrow-to', narrowTo) }),
  }
  return { narrow, ...(refuse === undefined ? {} : { refuse }) }
}

const checkLine = ({ id, passed, by, enforcedBy, why }: CheckResult): string => {
  const result = passed ? (enforcedBy === 'a promise' ? 'on trust' : 'passed') : 'FAILED'
  return visible(`  ${result.padEnd(8)}  ${id.padEnd(15)}  ${enforcedBy.padEnd(12)}  ${by}: ${why}`)
}

function decided({ checks, outcome, window }: Review): string {
  const kept = (by: CheckResult['enforcedBy']) => checks.filter(({ enforcedBy }) => enforcedBy === by).length
  const reach = outcome === 'narrowed' ? `${instant(window.from)} to ${instant(window.to)}; ` : ''
  return `${reach}${kept('cryptography')} of ${checks.length} checks are kept by cryptography, ${kept('software')} by software, ${kept('a promise')} by a promise`
}

/** An over-long window is the one fault that the desk itself can mend. */
function hintFor(serial: string, { checks, window }: Review, { desk }: ReviewFlags): string | null {
  const [only, ...others] = checks.filter(({ passed }) => !passed)
  if (only?.id !== 'window' || others.length > 0 || window.to <= window.from) return null
  return `doormat authority order review ${serial} --desk ${desk} --narrow-from ${instant(window.from)} --narrow-to TIME`
}

export interface ExecuteFlags {
  readonly desk: string
  readonly key: readonly string[]
  readonly archive?: string
  readonly store?: string
  readonly out: string
  readonly showPossible?: boolean
  readonly json?: boolean
}

/** What was found, and what can be said of it before it is handed over. */
interface Found {
  readonly extent: Extent
  readonly openedBefore: number
  readonly possible: Extent | null
  write(): void
}

/** The log has it before anybody gets anything. */
export async function execute(named: string, flags: ExecuteFlags): Promise<void> {
  const { signed, window } = executableOrder(flags.desk, named, Date.now())
  const { order } = signed
  mustBeEmpty(flags.out, `doormat authority order execute ${order.serial} --desk ${flags.desk} --out ANOTHER`)
  const found = order.kind === 'content' ? contentOf(order, window, flags) : metadataOf(order, window, flags)
  await recordExecution(flags.desk, named, found.extent, Date.now())
  found.write()
  const { extent, openedBefore, possible } = found
  if (flags.json) return print(safeJson(executionOf(order, found)))
  const content = order.kind === 'content'
  const unit = content ? 'message' : 'envelope'
  const shown = content ? '' : 'the outside of '
  print(`within the order: ${shown}${extentText(extent, unit)}, written to ${flags.out}`)
  if (openedBefore > 0)
    print(
      `to read them, ${plural(openedBefore, 'envelope')} of ${order.person} from before the window had to be opened too`,
    )
  if (possible)
    print(
      content
        ? `possible: the same key on the same archive opens ${extentText(possible, unit)}`
        : `possible: the same archive shows ${shown}${extentText(possible, unit)}, without any key`,
    )
}

function contentOf(order: Order, window: Window, flags: ExecuteFlags): Found {
  const keys = flags.key.map(readSecretKey)
  checkMode(keys, flags.key, order)
  const { lines, tally, openedBefore } = contentWithin({ person: order.person, window }, evidence(flags), keys)
  report(tally)
  return {
    extent: extentOf(lines),
    openedBefore,
    possible: flags.showPossible ? possibleContent(evidence(flags), keys) : null,
    write: () => writeTranscript(flags.out, lines),
  }
}

function metadataOf({ person }: Order, window: Window, flags: ExecuteFlags): Found {
  const lines = metadataWithin({ person, window }, evidence(flags))
  return {
    extent: extentOf(lines),
    openedBefore: 0,
    possible: flags.showPossible ? possibleMetadata(evidence(flags)) : null,
    write: () => writeMetadata(flags.out, lines),
  }
}

const evidence = (flags: ExecuteFlags) =>
  evidenceIn(flags, `doormat authority order execute ORDER --desk ${flags.desk} --archive passed.archive`)

function checkMode(keys: readonly SecretKeyFile[], paths: readonly string[], { serial, mode }: Order): void {
  const i = keys.findIndex((key) => key.mode !== mode)
  if (i !== -1)
    throw new AuthorityError('bad-key-file', `${paths[i]} is a key of ${keys[i]?.mode}; order ${serial} is for ${mode}`)
}

function writeMetadata(folder: string, lines: readonly MetadataLine[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  const text = ({ time, from, to, sizeBytes }: MetadataLine) =>
    `${instant(time)}  ${from} -> ${to}: ${sizeBytes} bytes\n`
  write('metadata.txt', lines.map(text).join(''))
  write('metadata.json', `[\n${lines.map((line) => safeJson(line)).join(',\n')}\n]\n`)
}

const extentText = ({ messages, people }: Extent, unit: string) =>
  `${plural(messages, unit)} of ${people} ${people === 1 ? 'person' : 'people'}`

const executionOf = (order: Order, { extent, openedBefore, possible }: Found) => ({
  order: order.serial,
  kind: order.kind,
  ...extent,
  openedBefore,
  possibleMessages: possible?.messages ?? null,
  possiblePeople: possible?.people ?? null,
})

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
  if (!flags.json) print('orders by the state that asks, path and outcome:')
  for (const count of publicCounts(entries)) print(flags.json ? safeJson(count) : countLine(count))
  if (unfinishedBytes > 0)
    tell(
      `behind the last line stand ${unfinishedBytes} bytes of an entry that was never finished; the next one takes their place`,
    )
  const last = entries.at(-1)
  if (last) tell(`${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}, head ${hex(last.digest)}`)
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
  const extent =
    what === 'executed' ? extentText({ messages, people }, order?.kind === 'content' ? 'message' : 'envelope') : ''
  const said = [about, extent, note].filter((part) => part !== '').join('  ')
  return visible(`${String(sequence).padStart(4)}  ${instant(time)}  ${what.padEnd(8)}  ${jurisdiction}  ${said}`)
}

const countLine = ({ jurisdiction, path, outcome, orders, executed, messages, people }: PublicCount) =>
  visible(
    `  ${jurisdiction}  ${path.padEnd(10)}  ${outcome.padEnd(8)}  ${plural(orders, 'order')}, ${executed} executed, ${extentText({ messages, people }, 'message')} handed over`,
  )
