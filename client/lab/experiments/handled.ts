import { AuthorityError } from '../../authority/errors.ts'
import { checks } from '../../authority/order/checks.ts'
import { contentWithin, type MetadataLine, metadataWithin, outsideOf } from '../../authority/order/execute.ts'
import type { EnforcedBy } from '../../authority/order/law.ts'
import { decideOrder, executableOrder, recordExecution, submitOrder } from '../../authority/order/received.ts'
import type { CheckResult, Outcome } from '../../authority/order/review.ts'
import type { Played } from '../simulation/played.ts'
import type { Truth } from '../simulation/truth.ts'
import { evidenceOf, heldAgainst, keysOf } from './opened.ts'

/** What stopped an order, and what stands behind that. */
export interface Caught {
  readonly by: string
  readonly enforcedBy: EnforcedBy
}

/** What became of one order at a desk. */
export interface Handled {
  /** `turned away`: not even filed */
  readonly outcome: Outcome | 'turned away'
  /** as they were made; none where it was turned away */
  readonly checks: readonly CheckResult[]
  readonly stops: readonly Caught[]
  /** messages, decrypted and held against what was sent */
  readonly content: readonly Truth[]
  readonly metadata: readonly MetadataLine[]
}

const nothing = { content: [], metadata: [] } as const

/** Hands an order in, has it reviewed, and carries it out where that is allowed: what the desk's program does, in its order. */
export async function handle(folder: string, text: string, played: Played, now: number): Promise<Handled> {
  const filed = await refusedOr(submitOrder(folder, text, 'the order', now))
  if (filed instanceof AuthorityError)
    return { outcome: 'turned away', checks: [], stops: [atTheDoor(filed)], ...nothing }
  const { serial } = filed.order
  const { review } = await decideOrder(folder, serial, {}, now)
  const stops = review.checks.filter(({ passed }) => !passed).map(({ id, enforcedBy }) => ({ by: id, enforcedBy }))
  const said = { outcome: review.outcome, checks: review.checks, stops }
  if (review.outcome === 'refused') return { ...said, ...nothing }
  const { signed, window } = executableOrder(folder, serial, now)
  const scope = { person: signed.order.person, window }
  if (signed.order.kind === 'metadata') {
    const metadata = metadataWithin(scope, evidenceOf(played))
    await recordExecution(folder, serial, outsideOf(metadata), now)
    return { ...said, content: [], metadata }
  }
  const { lines, extent } = contentWithin(scope, evidenceOf(played), keysOf(played))
  await recordExecution(folder, serial, extent, now)
  return { ...said, content: lines.flatMap((line) => heldAgainst(played, line) ?? []), metadata: [] }
}

async function refusedOr<T>(work: Promise<T>): Promise<T | AuthorityError> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AuthorityError) return error
    throw error
  }
}

/** At the door the form is looked at, and the signature. */
function atTheDoor({ code }: AuthorityError): Caught {
  const signature = checks.find(({ id }) => id === 'signature')
  return (code === 'forged-order' || code === 'unknown-issuer') && signature
    ? { by: signature.id, enforcedBy: signature.enforcedBy }
    : { by: 'form', enforcedBy: 'software' }
}

/** In words for a table. */
export const stoppedBy = ({ stops }: Handled): string => stops.map(({ by }) => by).join(', ') || 'nothing'

const kinds: readonly EnforcedBy[] = ['cryptography', 'software', 'a promise']

/** Which of the checks that were made each kind of thing enforces, in words for a table. */
export const madeBy = ({ checks }: Handled): readonly string[] =>
  kinds.map(
    (kind) =>
      checks
        .filter(({ enforcedBy }) => enforcedBy === kind)
        .map(({ id }) => id)
        .join(', ') || 'none',
  )
