import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commitUnfinished, type Staged } from '../../../server/disk/whole-file.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { readKeys } from '../../authority/reading.ts'
import { filterWords } from '../../authority/filter.ts'
import { incompleteness, noting } from '../../authority/evidence.ts'
import { jsonList, stagedFolder } from '../../authority/staged-folder.ts'
import { stageTranscript } from '../../authority/transcript-folder.ts'
import type { SecretKeyFile } from '../../authority/key-file.ts'
import { isOnTrust, orderDesk } from '../../authority/order/checks.ts'
import {
  contentWithin,
  type MetadataLine,
  metadataWithin,
  outsideOf,
  possibleContent,
  possibleMetadata,
} from '../../authority/order/execute.ts'
import type { Extent } from '../../authority/order/extent.ts'
import { type Kind, standardCalled } from '../../authority/order/law.ts'
import { instant } from '../../authority/order/order-file.ts'
import type { Order } from '../../authority/order/order.ts'
import {
  decideOrder,
  executableOrder,
  finishExecution,
  type Handover,
  recordExecution,
} from '../../authority/order/received.ts'
import type { CheckResult, Decision, Review, Window } from '../../authority/order/review.ts'
import { Stop } from '../exit.ts'
import { timeIn } from '../instant.ts'
import { print, tell } from '../output.ts'
import { counted } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'
import { safeJson } from '../../words/visible.ts'
import { evidenceIn, hinting, lackOf, mustBeEmpty, report } from './authority.ts'
import { printNext, printText, summary } from './order.ts'

export interface ReviewFlags {
  readonly desk: string
  readonly refuse?: string
  readonly narrowFrom?: string
  readonly narrowTo?: string
  readonly json?: boolean
}

const reasonMaximum = 200

/** Shows each check, and writes down what came of all of them. What the checks refuse, and not a person, ends with 1. */
export async function review(named: string, flags: ReviewFlags): Promise<void> {
  const { signed, review } = await decideOrder(flags.desk, named, decisionIn(flags), Date.now())
  const { serial } = signed.order
  const { checks, outcome, window } = review
  if (flags.json) {
    for (const check of checks) print(checkJson(serial, check))
    print(safeJson({ order: serial, outcome, ...window }))
  } else {
    printText(`${summary(signed.order)}:`)
    printChecks(checks)
    printText(decided(review, flags.refuse))
  }
  const failed = checks.filter(({ passed }) => !passed)
  if (failed.length > 0 && flags.refuse === undefined)
    throw new AuthorityError(
      'order-refused',
      `order ${serial} is refused: ${failed.map(({ id, why }) => `${id} (${why})`).join('; ')}`,
      hintFor(signed.order, review, flags),
    )
  if (outcome !== 'refused' && !flags.json)
    printNext('To hand over what it names:', [
      'doormat',
      'authority',
      'order',
      'execute',
      serial,
      '--desk',
      flags.desk,
      '--archive',
      'passed.archive',
    ])
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

const checkJson = (order: string, { id: check, passed, by, enforcedBy, why }: CheckResult): string =>
  safeJson({ order, check, passed, by, enforcedBy, why })

const resultOf = (check: CheckResult) => (check.passed ? (isOnTrust(check) ? 'on trust' : 'passed') : 'FAILED')

/**
 * All in their order; on a terminal, in fewer rows, what failed, what is taken on trust (most of it a promise, which is not
 * said each time), and then no more than the names of the rest.
 */
function printChecks(checks: readonly CheckResult[]): void {
  if (!process.stdout.isTTY) return checks.forEach((check) => printCheck(check))
  checks.filter(({ passed }) => !passed).forEach((check) => printCheck(check))
  checks
    .filter((check) => resultOf(check) === 'on trust')
    .forEach((check) => printCheck(check, ...(check.enforcedBy === 'a promise' ? [''] : [])))
  const passed = checks.filter((check) => resultOf(check) === 'passed')
  for (const kind of new Set(passed.map(({ enforcedBy }) => enforcedBy))) {
    const names = new Set(passed.filter(({ enforcedBy }) => enforcedBy === kind).map(({ id }) => id))
    printText(`${listed([...names])}, by ${kind}`, '  passed    ')
  }
  printText('(--json has the reason for each of them)', '            ')
}

function printCheck(check: CheckResult, kept = `${check.enforcedBy.padEnd(12)}  `): void {
  const { id, by, why } = check
  printText(by === orderDesk ? why : `${by}: ${why}`, `  ${resultOf(check).padEnd(8)}  ${id.padEnd(15)}  ${kept}`)
}

function decided({ checks, outcome, window }: Review, reason: string | undefined): string {
  const kept = (by: CheckResult['enforcedBy']) => checks.filter(({ enforcedBy }) => enforcedBy === by).length
  const promises = kept('a promise')
  const who = `Of ${checks.length} checks, cryptography enforces ${kept('cryptography')} and software ${kept('software')}; ${promises} ${promises === 1 ? 'rests' : 'rest'} on a promise.`
  const failed = checks.filter(({ passed }) => !passed).map(({ id }) => id)
  const reach = `${instant(window.from)} until ${instant(window.to)}`
  const came = {
    accepted: 'Accepted.',
    narrowed: `Accepted, but only for ${reach}.`,
    refused: reason === undefined ? `Refused, because of: ${failed.join(', ')}.` : `Refused by you: ${reason}.`,
  }
  return `${came[outcome]} ${who}`
}

/** An over-long window is the one fault that the desk itself can mend. */
function hintFor({ serial, standard }: Order, { checks, window }: Review, { desk }: ReviewFlags): string | null {
  const [only, ...others] = checks.filter(({ passed }) => !passed)
  const longest = standardCalled(standard)?.longestWindowDays ?? null
  if (only?.id !== 'window' || others.length > 0 || longest === null || window.to < window.from) return null
  const [from, to] = [window.from, window.from + longest * 86_400_000].map(instant)
  return `doormat authority order review ${serial} --desk ${desk} --narrow-from ${from} --narrow-to ${to}`
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

/** What is said of an execution. */
interface Executed {
  readonly extent: Extent
  /** null where it was stopped, and is only handed over now */
  readonly openedBefore: number | null
  readonly possible: Extent | null
  /** what the evidence lacks, as a sentence */
  readonly incomplete: string | null
}

interface Found extends Executed {
  readonly handOver: Handover
}

/** The log has it before anybody gets anything, and not before it is there to be had. */
export async function execute(named: string, flags: ExecuteFlags): Promise<void> {
  const { signed, window } = executableOrder(flags.desk, named, Date.now())
  const { order } = signed
  const finished = await finishExecution(flags.desk, named, (mark) => commitUnfinished(flags.out, mark))
  if (finished) {
    tell(
      'this order was executed before, but the program was stopped before it handed anything over; it does so now, and the log counts it once',
    )
    return printExecution(order, { extent: finished, openedBefore: null, possible: null, incomplete: null }, flags)
  }
  mustBeNew(flags, `doormat authority order execute ${order.serial} --desk ${flags.desk} --out ANOTHER`)
  const again = `doormat authority order execute ${order.serial} --desk ${flags.desk} --archive ARCHIVE --key KEY`
  const found = hinting(again, () =>
    order.kind === 'content' ? contentOf(order, window, flags) : metadataOf(order, window, flags),
  )
  await recordExecution(flags.desk, named, found.extent, Date.now(), found.handOver)
  printExecution(order, found, flags)
}

/** What was handed over once stays as it is, and whoever only wants to see the number again is told where it is. */
function mustBeNew({ out, desk }: ExecuteFlags, hint: string): void {
  const handed = ['transcript.txt', 'metadata.txt'].find((name) => existsSync(join(out, name)))
  if (handed === undefined) return mustBeEmpty(out, hint)
  throw new Stop(
    'user',
    `${out} holds what was handed over before, in ${handed}; the audit log has how much it was: doormat authority order audit --desk ${desk}`,
    hint,
  )
}

function printExecution(order: Order, executed: Executed, flags: ExecuteFlags): void {
  const { extent, openedBefore, possible } = executed
  if (flags.json) return print(safeJson(executionOf(order, executed)))
  const content = order.kind === 'content'
  const unit = unitOf(order.kind)
  const shown = content ? '' : 'the outside of '
  printText(`Handed over: ${shown}${extentText(extent, unit)}, in the folder ${flags.out}.`)
  if (openedBefore !== null && openedBefore > 0)
    printText(
      `To read them, ${counted(openedBefore, 'envelope')} of ${order.person} from before the window had to be opened too.`,
    )
  if (possible)
    printText(
      content
        ? `Possible: in the same archive the same key opens ${extentText(possible, unit)}.`
        : `Possible: without any key the same archive shows ${shown}${extentText(possible, unit)}.`,
    )
}

function contentOf(order: Order, window: Window, flags: ExecuteFlags): Found {
  const keys = readKeys(flags.key)
  checkMode(keys, flags.key, order)
  const { lines, tally, count, extent, openedBefore } = contentWithin(
    { person: order.person, window },
    evidence(flags),
    keys,
  )
  report(tally, count, keys)
  if (tally.lacks !== undefined) tell(tally.lacks)
  const incomplete = incompleteness(tally)
  const lack = lackOf(tally, keys, flags)
  if (lack && tally.notOurs > 0) throw lack
  return {
    extent,
    openedBefore,
    possible: flags.showPossible ? possibleContent(evidence(flags), keys) : null,
    incomplete,
    handOver(mark) {
      const transcript = { lines, incomplete, limits: limitsOf(order, window) }
      const staged = stageTranscript(flags.out, transcript, flags.archive ?? null, mark)
      if (staged.filesText !== null) tell(staged.filesText)
      return staged
    },
  }
}

/** What the files hand over, in words. */
const limitsOf = ({ serial, person }: Order, window: Window) =>
  `what order ${serial} names: ${filterWords({ person, ...window })}`

function metadataOf({ person }: Order, window: Window, flags: ExecuteFlags): Found {
  let incomplete: string | null = null
  const noted = noting(evidence(flags), (ending) => (incomplete = incompleteness(ending)))
  const lines = metadataWithin({ person, window }, noted)
  if (incomplete !== null) tell(incomplete)
  return {
    extent: outsideOf(lines),
    openedBefore: 0,
    possible: flags.showPossible ? possibleMetadata(evidence(flags)) : null,
    incomplete,
    handOver: (mark) => stageMetadata(flags.out, lines, mark),
  }
}

const evidence = (flags: ExecuteFlags) =>
  evidenceIn(flags, `doormat authority order execute ORDER --desk ${flags.desk} --archive passed.archive`)

function checkMode(keys: readonly SecretKeyFile[], paths: readonly string[], { serial, mode }: Order): void {
  const i = keys.findIndex((key) => key.mode !== mode)
  if (i !== -1)
    throw new AuthorityError('bad-key-file', `${paths[i]} is a key of ${keys[i]?.mode}; order ${serial} is for ${mode}`)
}

function stageMetadata(folder: string, lines: readonly MetadataLine[], mark: string): Staged {
  const staged = stagedFolder(folder, (name) => name.startsWith('metadata.'), mark)
  try {
    staged.write('metadata.txt', metadataText(lines))
    staged.write('metadata.json', jsonList(lines))
    return staged
  } catch (error) {
    staged.discard()
    throw error
  }
}

function* metadataText(lines: readonly MetadataLine[]): Generator<string> {
  for (const { time, from, to, sizeBytes } of lines) yield `${instant(time)}  ${from} -> ${to}: ${sizeBytes} bytes\n`
}

export const unitOf = (kind: Kind): string => (kind === 'content' ? 'message' : 'envelope')

/** How much of how many. */
export const extentText = ({ messages, people }: Extent, unit: string) =>
  `${counted(messages, unit)} of ${people} ${people === 1 ? 'person' : 'people'}`

const executionOf = (order: Order, { extent, openedBefore, possible, incomplete }: Executed) => ({
  order: order.serial,
  kind: order.kind,
  ...extent,
  openedBefore,
  possibleMessages: possible?.messages ?? null,
  possiblePeople: possible?.people ?? null,
  incomplete,
})
