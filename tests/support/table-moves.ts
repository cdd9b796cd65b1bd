import type { Tables } from '../../client/device/tables/tables.ts'
import type { AgreementKey, Digest } from '../../crypto/keys.ts'
import type { Random } from '../../crypto/random.ts'
import { drawsFrom, given, type Made } from './table-draws.ts'
import { historyMoves } from './table-moves-history.ts'

/** Something asked of tables, or done to them: the same of all tables that it is given. */
export interface Move {
  readonly what: string
  readonly on: (tables: Tables) => unknown
}

/** Moves on few people, devices and numbers, so that they meet. */
export function movesFrom(random: Random): () => Move {
  const draws = drawsFrom(random)
  const { upTo, one, user, key, bytes, bytesOrNull, flag, address, session, kind, status, id, row, time } = draws

  const moves: Readonly<Record<string, Made>> = {
    'meta.get': given(id, ({ meta }, key) => meta.get(key)),
    'meta.set': given(
      () => ({ key: id(), value: bytes() }),
      ({ meta }, { key, value }) => meta.set(key, value),
    ),
    'meta.drop': given(id, ({ meta }, key) => meta.drop(key)),

    'prekeys.add': given(
      () => ({ kind: kind(), expires: time(), made: time(), bytes: bytes(), again: upTo(8) === 0 }),
      ({ prekeys }, { again, ...rest }) => prekeys.add({ id: prekeys.last() + (again ? 0 : 1), ...rest }),
    ),
    'prekeys.get': given(row, ({ prekeys }, id) => prekeys.get(id)),
    'prekeys.newest': given(kind, ({ prekeys }, kind) => prekeys.newest(kind)),
    'prekeys.setBytes': given(
      () => ({ id: row(), bytes: bytes() }),
      ({ prekeys }, { id, bytes }) => prekeys.setBytes(id, bytes),
    ),
    'prekeys.remove': given(row, ({ prekeys }, id) => prekeys.remove(id)),
    'prekeys.keepNewest': given(
      () => ({ kind: kind(), count: upTo(4) }),
      ({ prekeys }, { kind, count }) => prekeys.keepNewest(kind, count),
    ),
    'prekeys.removeMadeBefore': given(time, ({ prekeys }, made) => prekeys.removeMadeBefore(made - 35)),

    'policies.add': given(
      () => ({ epoch: row(), link: bytes() }),
      ({ policies }, row) => policies.add(row),
    ),
    'policies.after': given(row, ({ policies }, epoch) => policies.after(epoch)),

    'lease.set': given(
      () => ({ holder: upTo(3), expires: time() }),
      ({ lease }, row) => lease.set(row),
    ),
    'lease.get': given(
      () => null,
      ({ lease }) => lease.get(),
    ),
    'lease.release': given(
      () => upTo(3),
      ({ lease }, holder) => lease.release(holder),
    ),
    'look.set': given(
      () => ({ runningMs: time(), clockMs: time() }),
      ({ look }, row) => look.set(row),
    ),
    'look.get': given(
      () => null,
      ({ look }) => look.get(),
    ),

    'contacts.get': given(user, ({ contacts }, user) => contacts.get(user)),
    'contacts.standing': given(user, ({ contacts }, user) => contacts.standing(user)),
    'contacts.put': given(
      () => ({
        user: user(),
        list: bytes(),
        changedList: bytesOrNull(),
        verified: flag(),
        accepted: flag(),
        blocked: flag(),
        lifetimeSeconds: upTo(100),
        readRow: row(),
        seal: bytes(),
      }),
      ({ contacts }, row) => contacts.put(row),
    ),
    'contacts.changed': given(
      () => null,
      ({ contacts }) => contacts.changed(),
    ),
    'contacts.allBeside': given(id, ({ contacts }, key) => contacts.allBeside(key)),

    'sessions.with': given(address, ({ sessions }, { user, device }) => sessions.with(user, device)),
    'sessions.of': given(user, ({ sessions }, user) => sessions.of(user)),
    'sessions.isActive': given(user, ({ sessions }, user) => sessions.isActive(user)),
    'sessions.isKnown': given(key<AgreementKey>, ({ sessions }, key) => sessions.isKnown(key)),
    'sessions.add': given(
      () => ({ ...session(), retired: flag(), bytes: bytes() }),
      ({ sessions }, row) => sessions.add(row),
    ),
    'sessions.setBytes': given(
      () => ({ name: session(), bytes: bytes() }),
      ({ sessions }, { name, bytes }) => sessions.setBytes(name, bytes),
    ),
    'sessions.retire': given(address, ({ sessions }, { user, device }) => sessions.retire(user, device)),
    'sessions.retireAll': given(
      () => null,
      ({ sessions }) => sessions.retireAll(),
    ),
    'sessions.remove': given(session, ({ sessions }, name) => sessions.remove(name)),
    'sessions.removeOf': given(user, ({ sessions }, user) => sessions.removeOf(user)),

    'ledger.has': given(key<AgreementKey>, ({ ledger }, key) => ledger.has(key)),
    'ledger.add': given(
      () => ({ ephemeral: key<AgreementKey>(), expires: time() }),
      ({ ledger }, row) => ledger.add(row),
    ),
    'ledger.removeExpiredBefore': given(time, ({ ledger }, time) => ledger.removeExpiredBefore(time)),

    'receipts.add': given(
      () => ({ user: user(), status: status(), id: id() }),
      ({ receipts }, { user, status, id }) => receipts.add(user, status, id),
    ),
    'receipts.people': given(
      () => null,
      ({ receipts }) => receipts.people(),
    ),
    'receipts.oldest': given(user, ({ receipts }, user) => receipts.oldest(user)),
    'receipts.take': given(
      () => ({ user: user(), status: status(), limit: 1 + upTo(3) }),
      ({ receipts }, { user, status, limit }) => receipts.take(user, status, limit),
    ),
    'receipts.removeOf': given(
      () => ({ user: user(), id: id() }),
      ({ receipts }, { user, id }) => receipts.removeOf(user, id),
    ),

    ...historyMoves(draws),

    'outbox.add': given(
      () => ({
        ...address(),
        message: flag() ? row() : null,
        content: bytesOrNull(),
        sequence: row(),
        epoch: row(),
        envelope: random(1),
        place: bytes(),
        abandoned: bytes(),
      }),
      ({ outbox }, row) => outbox.add(row),
    ),
    'outbox, one device': given(
      () => ({ address: address(), limit: 1 + upTo(3), envelope: random(1) }),
      ({ outbox }, { address, limit, envelope }) => [
        outbox.to(address),
        outbox.first(address, limit),
        outbox.count(address),
        outbox.messageIn(address, outbox.first(address, 1)[0]?.envelope ?? envelope),
        outbox.messageIn(address, envelope),
      ],
    ),
    'outbox.addresses': given(
      () => null,
      ({ outbox }) => outbox.addresses(),
    ),
    'outbox.holds': given(
      () => ({ row: row(), user: user() }),
      ({ outbox }, { row, user }) => outbox.holds(row, user),
    ),
    'outbox.setContent': given(
      () => ({ row: row(), content: bytes() }),
      ({ outbox }, { row, content }) => outbox.setContent(row, content),
    ),
    'outbox.remove': given(row, ({ outbox }, row) => outbox.remove(row)),

    'sent.get': given(address, ({ sent }, address) => sent.get(address)),
    'sent.set': given(
      () => ({ ...address(), counter: row(), digest: random(32) as Digest }),
      ({ sent }, row) => sent.set(row),
    ),
    'numbered.next': given(address, ({ numbered }, address) => numbered.next(address)),
    'numbered.set': given(
      () => ({ ...address(), next: row() }),
      ({ numbered }, row) => numbered.set(row),
    ),
    'heard.next': given(address, ({ heard }, address) => heard.next(address)),
    'heard.set': given(
      () => ({ ...address(), next: row() }),
      ({ heard }, row) => heard.set(row),
    ),
    'heard.removeOf': given(user, ({ heard }, user) => heard.removeOf(user)),

    'taken.has': given(key, ({ taken }, digest) => taken.has(digest)),
    'taken.add': given(
      () => ({ digest: key(), at: time() }),
      ({ taken }, row) => taken.add(row),
    ),
    'taken.removeBefore': given(time, ({ taken }, at) => taken.removeBefore(at)),

    'held.add': given(
      () => ({ ...address(), time: time(), envelope: bytes() }),
      ({ held }, row) => held.add(row),
    ),
    'held.of': given(user, ({ held }, user) => held.of(user)),
    'held.removeOf': given(user, ({ held }, user) => held.removeOf(user)),
    'held.size': given(
      () => null,
      ({ held }) => held.size(),
    ),
  }

  const clearable = ['prekeys', 'sessions', 'ledger', 'history', 'outbox', 'sent', 'taken', 'held', 'heard'] as const
  const clearing: Made = given(
    () => one(clearable),
    (tables, name) => tables[name].clear(),
  )

  // there has to be something before it can be found
  const names = Object.keys(moves).flatMap((name) => (/add|put/.test(name) ? [name, name, name, name] : [name]))
  return () => {
    const what = one(names)
    const made = upTo(150) === 0 ? clearing : (moves[what] as Made)
    return { what: made === clearing ? 'clear' : what, on: made() }
  }
}
