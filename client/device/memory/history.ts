import type { DeviceId } from '../../../crypto/keys.ts'
import type { HistoryRow, HistoryTable } from '../tables/history.ts'
import type { Journal } from './journal.ts'
import { bytesIn, createSorted, keyOf, nameOf, type Sorted } from './rows.ts'

/** There are many rows, and most texts are short: bytes stand in them as texts, which take less than half as much memory. */
interface PackedRow extends Omit<HistoryRow, 'device' | 'text' | 'attachment' | 'confirmed' | 'about'> {
  readonly device: string | null
  readonly text: string
  readonly attachment: string | null
  readonly confirmed: string | null
  readonly about: string | null
}

const unpacked = (row: PackedRow): HistoryRow => ({
  ...row,
  device: row.device === null ? null : bytesIn<DeviceId>(row.device),
  text: bytesIn(row.text),
  attachment: row.attachment === null ? null : bytesIn(row.attachment),
  confirmed: row.confirmed === null ? null : bytesIn(row.confirmed),
  about: row.about === null ? null : bytesIn(row.about),
})

const sorted = () => createSorted<PackedRow>(({ row }) => row)

/** What must be there once only; null for what is no message. */
function nameIn({ peer, direction, author, device, id }: PackedRow): string | null {
  if (direction === null || peer === null || id === null) return null
  return direction === 'out' ? keyOf(direction, peer, id) : keyOf(direction, peer, id, author ?? '', device ?? '')
}

const isUnsent = ({ state }: PackedRow) => state === 'uploading' || state === 'waiting' || state === 'sealed'
const isMortal = ({ goesAt }: PackedRow) => goesAt !== null
const isMessage = ({ kind }: PackedRow) => kind === 'message'
const isIncoming = ({ kind, direction }: PackedRow) => kind === 'message' && direction === 'in'
const isReceived = (row: PackedRow) => isIncoming(row) && row.state === 'received'
/** Messages and afterwords: what goes out. */
const isSaid = ({ kind }: PackedRow) => kind === 'message' || kind === 'afterword'
/** What is left of a deleted message that has not come is in no state. */
const isAwaited = ({ kind, direction, state }: PackedRow) =>
  direction !== null && kind === 'forgotten' && state === null
const isErased = (row: PackedRow) => isAwaited(row) || (row.direction === 'in' && row.kind === 'deleted')

/** The same rows, as they are looked for. They are replaced and never changed. */
function createIndex() {
  const rows = sorted()
  const ofPeer = new Map<string, Sorted<PackedRow>>()
  const byName = new Map<string, PackedRow>()
  const unsent = sorted()
  const mortal = sorted()
  const erased = sorted()
  /** when the first of them goes; null until somebody asks */
  let earliest: number | null = null

  function replaceIn(
    some: Sorted<PackedRow>,
    has: (row: PackedRow) => boolean,
    before: PackedRow | null,
    after: PackedRow | null,
  ) {
    some.replace(before && has(before) ? before : null, after && has(after) ? after : null)
  }

  return {
    rows,
    byName,
    unsent,
    mortal,
    erased,
    with: (peer: string): readonly PackedRow[] => ofPeer.get(peer)?.rows ?? [],
    /** What is with somebody after a row. */
    withAfter: (peer: string, row: number): readonly PackedRow[] => {
      const some = ofPeer.get(peer)
      return some ? some.rows.slice(some.placeAfter(row)) : []
    },
    earliest(): number {
      earliest ??= mortal.rows.reduce((first, { goesAt }) => Math.min(first, goesAt ?? Infinity), Infinity)
      return earliest
    },
    replace(before: PackedRow | null, after: PackedRow | null): void {
      const row = (before ?? after) as PackedRow
      rows.replace(before, after)
      if (row.peer !== null) {
        const some = ofPeer.get(row.peer) ?? sorted()
        ofPeer.set(row.peer, some)
        some.replace(before, after)
      }
      const name = nameIn(row)
      if (name !== null && after) byName.set(name, after)
      else if (name !== null) byName.delete(name)
      replaceIn(unsent, isUnsent, before, after)
      if (before?.goesAt !== after?.goesAt) earliest = null
      replaceIn(mortal, isMortal, before, after)
      replaceIn(erased, isErased, before, after)
    },
  }
}

/** People by the first of these rows. */
const peopleOf = (rows: readonly PackedRow[]) => [...new Set(rows.map(({ peer }) => String(peer)))]

export function historyTable(journal: Journal): HistoryTable {
  let index = createIndex()
  let last = 0
  /** names and devices that many rows share */
  const shared = new Map<string, string>()

  function share(name: string): string {
    const known = shared.get(name)
    if (known === undefined) shared.set(name, name)
    return known ?? name
  }

  const packed = (row: HistoryRow): PackedRow => ({
    row: row.row,
    kind: row.kind,
    peer: row.peer === null ? null : share(row.peer),
    direction: row.direction,
    author: row.author === null ? null : share(row.author),
    device: row.device === null ? null : share(nameOf(row.device)),
    id: row.id,
    sequence: row.sequence,
    sentAt: row.sentAt,
    recordedAt: row.recordedAt,
    state: row.state,
    epoch: row.epoch,
    lifetimeSeconds: row.lifetimeSeconds,
    goesAt: row.goesAt,
    text: nameOf(row.text),
    attachment: row.attachment && nameOf(row.attachment),
    confirmed: row.confirmed && nameOf(row.confirmed),
    about: row.about && nameOf(row.about),
  })

  function write(before: PackedRow | null, after: PackedRow | null): void {
    index.replace(before, after)
    journal.note(() => write(after, before))
  }

  function skipTo(next: number): void {
    const before = last
    if (next <= before) return
    last = next
    journal.note(() => void (last = before))
  }

  function update(row: number, changes: Partial<PackedRow>): void {
    const before = index.rows.get(row)
    if (before) write(before, { ...before, ...changes })
  }

  const one = (row: PackedRow | undefined) => (row ? unpacked(row) : null)
  const isWaiting = (row: PackedRow) => row.state === 'waiting'
  const waitingMessages = () =>
    index.unsent.rows.filter((row) => isWaiting(row) && isSaid(row) && row.direction === 'out')
  const unsentMessages = () => index.unsent.rows.filter(isSaid)
  /** Messages, and the marks of those that were deleted. */
  const told = (peer: string, id: string | null) =>
    index.with(peer).filter((row) => (isMessage(row) || row.kind === 'deleted') && (id === null || row.id === id))
  const due = (at: number) => index.mortal.rows.filter(({ goesAt }) => goesAt !== null && goesAt <= at)

  function forgetAll(rows: readonly PackedRow[], goesAt: number): number {
    const nothing = { text: '', attachment: null, confirmed: null, about: null }
    for (const { row } of rows) update(row, { kind: 'forgotten', ...nothing, goesAt })
    return rows.length
  }

  const isNamed = (author: string | null, id: string) => (row: PackedRow) =>
    row.direction === 'in' && row.id === id && row.author === author

  /** What a person is shown of a conversation. */
  const isShown = (row: PackedRow, peer: string | null) =>
    row.kind !== 'forgotten' && (peer === null || row.peer === null || row.peer === peer)

  return {
    all: () => index.rows.rows.map(unpacked),
    fill(rows) {
      for (const row of rows) {
        skipTo(row.row)
        write(null, packed(row))
      }
    },
    clear() {
      const before = index
      index = createIndex()
      journal.note(() => void (index = before))
    },
    last: () => last,
    skipTo,
    add(row) {
      const added = packed({ ...row, row: last + 1 })
      const name = nameIn(added)
      // as SQLite does, which has given the number away when it finds that the row is there already
      skipTo(added.row)
      if (name !== null && index.byName.has(name)) return null
      write(null, added)
      return added.row
    },
    get: (row) => one(index.rows.get(row)),
    lastRow: () => index.rows.rows.at(-1)?.row ?? 0,
    after(row, peer, limit) {
      const found: HistoryRow[] = []
      const { rows } = index.rows
      for (let i = index.rows.placeAfter(row); i < rows.length && found.length < limit; i++)
        if (isShown(rows[i] as PackedRow, peer)) found.push(unpacked(rows[i] as PackedRow))
      return found
    },
    before(row, peer, limit) {
      const found: HistoryRow[] = []
      const { rows } = index.rows
      for (let i = index.rows.placeAfter(row - 1) - 1; i >= 0 && found.length < limit; i--)
        if (isShown(rows[i] as PackedRow, peer)) found.push(unpacked(rows[i] as PackedRow))
      return found.toReversed()
    },
    outgoing: (peer, id) => one(index.byName.get(keyOf('out', peer, id))),
    incoming: (peer, id) => one(index.with(peer).find((row) => isIncoming(row) && row.id === id)),
    named: (peer, author, id) => index.with(peer).filter(isNamed(author, id)).map(unpacked),
    isErased: (peer, author, id) => index.erased.rows.some((row) => row.peer === peer && isNamed(author, id)(row)),
    awaited: (peer, direction, author) =>
      index.erased.rows.filter(
        (row) =>
          isAwaited(row) && row.peer === peer && row.direction === direction && (row.author ?? '') === (author ?? ''),
      ).length,
    received: (peer, after, upTo) =>
      index
        .withAfter(peer, after)
        .filter((row) => row.row <= upTo && isReceived(row))
        .map(({ row, author, id, lifetimeSeconds, goesAt }) => ({
          row,
          author,
          id: String(id),
          lifetimeSeconds,
          goesAt,
        })),
    summary(peer, after) {
      const news = index.withAfter(peer, after).filter(isReceived)
      return { last: index.with(peer).at(-1)?.row ?? null, count: news.length, first: news[0]?.row ?? null }
    },
    beginning: (prefix) =>
      index.rows.rows
        .filter((row) => (isMessage(row) || row.kind === 'deleted') && row.id?.startsWith(prefix))
        .map(({ row, direction, id, state }) => ({ row, direction, id, state })),
    withNobody: (limit) =>
      index.rows.rows
        .filter(({ direction, peer }) => direction === null && peer === null)
        .slice(-limit)
        .map(({ row }) => row),
    isWrittenTo: (peer) => index.with(peer).some(({ direction }) => direction === 'out'),
    lastLifetime: (peer) =>
      index
        .with(peer)
        .findLast(({ direction, kind, state }) => direction !== null && state !== null && kind !== 'afterword')
        ?.lifetimeSeconds ?? null,

    waiting: (peer, limit) =>
      waitingMessages()
        .filter((row) => row.peer === peer)
        .slice(0, limit)
        .map(unpacked),
    waitingRows: (peer) => index.unsent.rows.filter((row) => isWaiting(row) && row.peer === peer).map(({ row }) => row),
    waitingPeople: () => peopleOf(waitingMessages()),
    uploading: () => index.unsent.rows.filter((row) => row.state === 'uploading' && isMessage(row)).map(unpacked),
    attached: () => index.rows.rows.filter(({ attachment }) => attachment !== null).map(unpacked),
    unsent: (peer) => unsentMessages().filter((row) => row.peer === peer).length,
    unsentByPerson() {
      const rows = unsentMessages()
      return peopleOf(rows).map((peer) => [peer, rows.filter((row) => row.peer === peer).length])
    },

    standing(row) {
      const known = index.rows.get(row)
      if (!known) return null
      const { state, epoch, goesAt, lifetimeSeconds } = known
      return { state, epoch, goesAt, lifetimeSeconds }
    },
    change: (row, { state, epoch, goesAt }) => update(row, { state, epoch, goesAt }),
    setGoesAt: (row, goesAt) => update(row, { goesAt }),
    setText: (row, text) => update(row, { text: nameOf(text) }),
    setAttachment: (row, attachment) => update(row, { attachment: nameOf(attachment) }),
    setConfirmed: (row, confirmed) => update(row, { confirmed: nameOf(confirmed) }),
    setAbout: (row, about) => update(row, { about: nameOf(about) }),
    erase(row, text, about, goesAt) {
      const known = index.rows.get(row)
      if (known && isMessage(known))
        update(row, {
          kind: 'deleted',
          text: nameOf(text),
          attachment: null,
          confirmed: null,
          about: nameOf(about),
          goesAt,
          state: known.state === 'waiting' || known.state === 'uploading' ? 'failed' : known.state,
        })
    },
    waitAgain() {
      for (const { row } of index.unsent.rows.filter(({ state }) => state === 'sealed'))
        update(row, { state: 'waiting' })
    },

    countMessages: (peer, id) => told(peer, id).length,
    forget(peer, id, goesAt) {
      forgetAll(
        index.with(peer).filter((row) => row.kind === 'afterword' && (id === null || row.id === id)),
        goesAt,
      )
      return forgetAll(told(peer, id), goesAt)
    },
    isDue: (at) => index.earliest() <= at,
    forgetDue: (at, goesAt) => forgetAll(due(at), goesAt),
    removeForgotten(at) {
      for (const row of due(at)) if (row.kind === 'forgotten') write(row, null)
    },
  }
}
