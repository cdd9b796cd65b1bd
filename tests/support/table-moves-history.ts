import type { HistoryRow } from '../../client/device/tables/history.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { type Draws, given, type Made } from './table-draws.ts'

/** What is asked of a history, and done to it. */
export function historyMoves({ upTo, one, user, key, bytes, flag, id, idOrNull, row, time, state }: Draws) {
  const message = (): Omit<HistoryRow, 'row'> => {
    const direction = one(['in', 'out'] as const)
    return {
      kind: upTo(5) === 0 ? 'afterword' : 'message',
      peer: user(),
      direction,
      author: direction === 'in' && flag() ? user() : null,
      device: direction === 'in' || flag() ? key<DeviceId>() : null,
      id: id(),
      sequence: direction === 'in' ? row() : null,
      sentAt: time(),
      recordedAt: time(),
      state: state(),
      epoch: flag() ? row() : null,
      lifetimeSeconds: upTo(2) * 60,
      goesAt: flag() ? time() : null,
      text: bytes(),
      attachment: flag() ? bytes() : null,
      confirmed: flag() ? bytes() : null,
      about: flag() ? bytes() : null,
    }
  }
  const notice = (): Omit<HistoryRow, 'row'> => ({
    ...message(),
    ...{
      kind: 'gap',
      peer: flag() ? user() : null,
      direction: null,
      author: null,
      device: null,
      id: null,
      sentAt: null,
      state: null,
    },
  })

  return {
    'history.add': given(message, ({ history }, row) => history.add(row)),
    'history.add another': given(
      () => ({ ...message(), id: `n${upTo(1000)}` }),
      ({ history }, row) => history.add(row),
    ),
    'history.add a notice': given(notice, ({ history }, row) => history.add(row)),
    'history.get': given(row, ({ history }, row) => history.get(row)),
    'history.lastRow': given(
      () => null,
      ({ history }) => history.lastRow(),
    ),
    'history.after': given(
      () => ({ row: row(), peer: flag() ? user() : null, limit: 1 + upTo(5) }),
      ({ history }, { row, peer, limit }) => history.after(row, peer, limit),
    ),
    'history.before': given(
      () => ({ row: row(), peer: user(), limit: 1 + upTo(5) }),
      ({ history }, { row, peer, limit }) => history.before(row, peer, limit),
    ),
    'history, one person': given(
      () => ({ user: user(), id: id(), from: row(), to: row(), limit: 1 + upTo(3) }),
      ({ history }, { user, id, from, to, limit }) => [
        history.outgoing(user, id),
        history.incoming(user, id),
        history.named(user, null, id),
        history.named(user, user, id),
        history.isErased(user, null, id),
        history.awaited(user, 'in', null),
        history.awaited(user, 'out', null),
        history.received(user, from, to),
        history.summary(user, from),
        history.isWrittenTo(user),
        history.lastLifetime(user),
        history.waiting(user, limit),
        history.waitingRows(user),
        history.unsent(user),
        history.countMessages(user, null),
        history.countMessages(user, id),
      ],
    ),
    'history, everybody': given(time, ({ history }, at) => [
      history.waitingPeople(),
      history.unsentByPerson(),
      history.isDue(at),
      history.beginning('n1'),
      history.withNobody(2),
    ]),
    'history.change': given(
      () => ({ row: row(), state: state(), epoch: flag() ? row() : null, goesAt: flag() ? time() : null }),
      ({ history }, { row, ...standing }) => {
        const before = history.standing(row)
        if (before?.state) history.change(row, standing)
        return before
      },
    ),
    'history.setGoesAt': given(
      () => ({ row: row(), goesAt: time() }),
      ({ history }, { row, goesAt }) => history.setGoesAt(row, goesAt),
    ),
    'history.setText': given(
      () => ({ row: row(), text: bytes() }),
      ({ history }, { row, text }) => history.setText(row, text),
    ),
    'history.setAttachment': given(
      () => ({ row: row(), attachment: bytes() }),
      ({ history }, { row, attachment }) => history.setAttachment(row, attachment),
    ),
    'history.setConfirmed': given(
      () => ({ row: row(), confirmed: bytes() }),
      ({ history }, { row, confirmed }) => history.setConfirmed(row, confirmed),
    ),
    'history.setAbout': given(
      () => ({ row: row(), about: bytes() }),
      ({ history }, { row, about }) => history.setAbout(row, about),
    ),
    'history.erase': given(
      () => ({ row: row(), text: bytes(), about: bytes(), goesAt: flag() ? time() : null }),
      ({ history }, { row, text, about, goesAt }) => history.erase(row, text, about, goesAt),
    ),
    'history.uploading': given(
      () => null,
      ({ history }) => [history.uploading(), history.attached()],
    ),
    'history.waitAgain': given(
      () => null,
      ({ history }) => history.waitAgain(),
    ),
    'history.forget': given(
      () => ({ user: user(), id: idOrNull(), goesAt: time() }),
      ({ history }, { user, id, goesAt }) => history.forget(user, id, goesAt),
    ),
    'history.forgetDue': given(
      () => ({ at: 90 + upTo(20), goesAt: time() }),
      ({ history }, { at, goesAt }) => history.forgetDue(at, goesAt),
    ),
    'history.removeForgotten': given(
      () => 100 + upTo(20),
      ({ history }, at) => history.removeForgotten(at),
    ),
  } satisfies Readonly<Record<string, Made>>
}
