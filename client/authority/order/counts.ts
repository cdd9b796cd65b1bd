import { hex } from '../../../crypto/bytes.ts'
import type { AuditEntry, AuditEvent, OrderFacts } from './audit.ts'
import type { Kind, Path } from './law.ts'

/** Where an order stands: the last word on it. */
export type Standing = Extract<AuditEvent, 'received' | 'accepted' | 'narrowed' | 'refused'>

/** What the public is told: numbers, and nobody's name. */
export interface PublicCount {
  /** the state that asks */
  readonly jurisdiction: string
  readonly path: Path
  readonly kind: Kind
  readonly outcome: Standing
  readonly orders: number
  /** how many of these orders were executed at all */
  readonly executed: number
  /** handed over, each time that an order was executed; envelopes where the kind is metadata */
  readonly messages: number
  /** in what was handed over; who is in two of them counts twice, for the log has no names */
  readonly people: number
}

const isStanding = (what: AuditEvent): what is Standing =>
  what === 'received' || what === 'accepted' || what === 'narrowed' || what === 'refused'

/** How each order stands by the log. @returns by the hex of its digest */
export function standings(
  entries: readonly AuditEntry[],
): ReadonlyMap<string, { standing: Standing; facts: OrderFacts }> {
  const last = new Map<string, { standing: Standing; facts: OrderFacts }>()
  for (const { what, order } of entries)
    if (order && isStanding(what)) last.set(hex(order.digest), { standing: what, facts: order })
  return last
}

/** Orders by the state that asks, path, kind and outcome, in the order in which such orders first came. */
export function publicCounts(entries: readonly AuditEntry[]): readonly PublicCount[] {
  const orders = new Map<string, PublicCount>()
  for (const { what, order, jurisdiction, messages, people } of entries) {
    if (!order) continue
    const { path, kind } = order
    const name = hex(order.digest)
    const before = orders.get(name) ?? { ...nothing, jurisdiction, path, kind, outcome: 'received', orders: 1 }
    orders.set(name, {
      ...before,
      outcome: isStanding(what) ? what : before.outcome,
      executed: what === 'executed' ? 1 : before.executed,
      messages: before.messages + messages,
      people: before.people + people,
    })
  }
  const rows = new Map<string, PublicCount>()
  for (const one of orders.values()) {
    const row = [one.jurisdiction, one.path, one.kind, one.outcome].join(' ')
    const sum = rows.get(row)
    rows.set(row, sum ? added(sum, one) : one)
  }
  return [...rows.values()]
}

const nothing = { executed: 0, messages: 0, people: 0 }

const added = (a: PublicCount, b: PublicCount): PublicCount => ({
  ...a,
  orders: a.orders + b.orders,
  executed: a.executed + b.executed,
  messages: a.messages + b.messages,
  people: a.people + b.people,
})
