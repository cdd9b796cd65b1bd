import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { equal, hex } from '../../../crypto/bytes.ts'
import { stageFiles, type Staged } from '../../../server/disk/whole-file.ts'
import { AuthorityError } from '../errors.ts'
import type { AuditEntry, AuditFacts, OrderFacts } from './audit.ts'
import { type Standing, standings } from './counts.ts'
import { markOf, openDesk, type OrderDesk, receivedIn } from './desk-folder.ts'
import { logOf, withLog, writtenDown } from './desk-log.ts'
import type { Extent } from './extent.ts'
import { parseOrder, readOrderFile, renderOrder } from './order-file.ts'
import type { SignedOrder } from './order.ts'
import { type Decision, type Review, reviewOrder, type Window } from './review.ts'

/** An order that lies at the desk, and the last word on it. */
export interface ReceivedOrder {
  readonly signed: SignedOrder
  readonly standing: Standing
  /** what of it counts: less than it asks for where it was narrowed */
  readonly window: Window
}

/**
 * Hands an order to the desk: its form and its signature are looked at, and it is filed. What is turned away here leaves
 * no trace.
 * @param name of the file that the text is from
 * @throws AuthorityError `bad-order` | `unknown-issuer` | `forged-order`, and what `withLog` throws
 */
export const submitOrder = (folder: string, text: string, name: string, now: number): Promise<SignedOrder> =>
  withLog(folder, ({ desk, entries, next, append }) => {
    const signed = parseOrder(text, name, desk.issuers)
    const { issuer, serial } = signed.order
    const sameSerial = ({ signed: { order } }: ReceivedOrder) =>
      order.serial === serial && equal(order.issuer.key, issuer.key)
    if (allReceived(desk, entries).some(sameSerial))
      throw new AuthorityError(
        'bad-order',
        `${name}: this order desk has an order ${serial} of ${issuer.name} already`,
        `doormat authority order review ${serial} --desk ${folder}`,
      )
    const file = { path: fileOf(folder, signed), content: renderOrder(signed), mode: 0o600 }
    writtenDown(() => append(ofOrder('received', signed, signed.order, now)), stageFiles([file], markOf(next)))
    return signed
  })

/**
 * Makes the checks, and writes down what came of it. An order can be reviewed again: the last word counts.
 * @throws AuthorityError `no-such-order` | `bad-order`, and what `withLog` throws
 */
export const decideOrder = (
  folder: string,
  named: string,
  decision: Decision,
  now: number,
): Promise<{ readonly signed: SignedOrder; readonly review: Review }> =>
  withLog(folder, ({ desk, entries, append }) => {
    const { signed } = receivedCalled(desk, entries, named)
    const review = reviewOrder(signed, desk, now, decision)
    const failed = review.checks.filter(({ passed }) => !passed).map(({ id }) => id)
    const note = [...failed, ...(decision.refuse === undefined ? [] : [decision.refuse])].join(', ')
    append({ ...ofOrder(review.outcome, signed, review.window, now), note })
    return { signed, review }
  })

/**
 * An order that has been accepted, and would be again.
 * @throws AuthorityError `order-refused` | `no-such-order`
 */
export function executableOrder(folder: string, named: string, now: number): ReceivedOrder {
  const desk = openDesk(folder)
  return mustBeExecutable(desk, receivedCalled(desk, logOf(desk).entries, named), now)
}

/** Puts on disk what is to be handed over. @param mark by which it is found where the desk is stopped before it is */
export type Handover = (mark: string) => Staged

const nothingToHandOver: Handover = () => ({ commit: () => undefined, discard: () => undefined })

/**
 * Writes down that an order was executed: what is to be handed over is on disk by then, and is handed over after it. What
 * a desk that was stopped in between has left is for `finishExecution`.
 * @throws AuthorityError as `executableOrder`
 */
export const recordExecution = (
  folder: string,
  named: string,
  extent: Extent,
  now: number,
  handOver: Handover = nothingToHandOver,
): Promise<void> =>
  withLog(folder, ({ desk, entries, next, append }) => {
    const { signed, window } = mustBeExecutable(desk, receivedCalled(desk, entries, named), now)
    const ready = handOver(handoverMark(signed, next))
    writtenDown(() => append({ ...ofOrder('executed', signed, window, now), ...extent }), ready)
  })

/**
 * Hands over what the log has, and what was not handed over because the desk was stopped.
 * @param commit whether there was anything under that mark
 * @returns how much it is, null where nothing was left to do
 * @throws AuthorityError as `executableOrder`
 */
export const finishExecution = (
  folder: string,
  named: string,
  commit: (mark: string) => boolean,
): Promise<Extent | null> =>
  withLog(folder, ({ desk, entries }) => {
    const { signed } = receivedCalled(desk, entries, named)
    const last = entries.findLast(
      ({ what, order }) => what === 'executed' && order && equal(order.digest, signed.digest),
    )
    return last && commit(handoverMark(signed, last.sequence)) ? { messages: last.messages, people: last.people } : null
  })

const handoverMark = ({ digest }: SignedOrder, sequence: number) => `${hex(digest).slice(0, 16)}-${sequence}`

/** What was accepted may have expired since, or its issuer may be revoked. */
function mustBeExecutable(desk: OrderDesk, received: ReceivedOrder, now: number): ReceivedOrder {
  const { signed, standing, window } = received
  const { serial } = signed.order
  const review = `doormat authority order review ${serial} --desk ${desk.folder}`
  if (standing === 'received')
    throw new AuthorityError('order-refused', `order ${serial} has not been reviewed`, review)
  if (standing === 'refused') throw new AuthorityError('order-refused', `order ${serial} was refused`, review)
  const failed = reviewOrder(signed, desk, now, { narrow: window }).checks.find(({ passed }) => !passed)
  if (failed)
    throw new AuthorityError(
      'order-refused',
      `order ${serial} was ${standing}, but is no longer valid: ${failed.why}`,
      review,
    )
  return received
}

/** What the log says of an order. */
function ofOrder(
  what: AuditFacts['what'],
  { order, digest }: SignedOrder,
  { from, to }: Window,
  time: number,
): AuditFacts {
  const facts: OrderFacts = { digest, path: order.path, kind: order.kind, from, to }
  return { time, what, jurisdiction: order.requestedBy, order: facts, messages: 0, people: 0, note: '' }
}

const fileOf = (folder: string, { digest }: SignedOrder) => join(receivedIn(folder), `${hex(digest)}.json`)

/** What lies there and is in the log: a desk that was stopped in between has told nobody that it took the order. */
function allReceived(desk: OrderDesk, entries: readonly AuditEntry[]): ReceivedOrder[] {
  const known = standings(entries)
  return readdirSync(receivedIn(desk.folder))
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .flatMap((name) => {
      const signed = readOrderFile(join(receivedIn(desk.folder), name), desk.issuers)
      const stands = known.get(hex(signed.digest))
      if (!stands) return []
      const { standing, facts } = stands
      return [{ signed, standing, window: { from: facts.from, to: facts.to } }]
    })
}

/** By its serial, or by the beginning of its digest. */
function receivedCalled(desk: OrderDesk, entries: readonly AuditEntry[], named: string): ReceivedOrder {
  const isPart = /^[0-9a-f]{6,64}$/.test(named)
  const found = allReceived(desk, entries).filter(
    ({ signed: { order, digest } }) => order.serial === named || (isPart && hex(digest).startsWith(named)),
  )
  const [one, ...others] = found
  if (one && others.length === 0) return one
  const said = one
    ? `there are ${found.length} orders ${named}: ${found.map(({ signed }) => hex(signed.digest).slice(0, 12)).join(', ')}`
    : `this order desk has no order ${named}`
  throw new AuthorityError('no-such-order', said, `doormat authority order audit --desk ${desk.folder}`)
}
