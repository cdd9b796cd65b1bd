import type { Attachment } from '../../crypto/attachment.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import type { Time } from '../../server/running-time.ts'
import { entryWith, type HistoryMessage, sealAbout, textPlace } from './history-entries.ts'
import type { DeviceStore } from './store.ts'
import type { HistoryRow } from './tables/history.ts'

/** So many deleted messages of one author are known of in a conversation that have not come; the next are shown if they do. */
const awaitedMaximum = 256
/** So long such a message could still come: twice as long as mail may wait. */
const rememberMs = 60 * 24 * 3600 * 1000

/** Whose messages are erased: this account's own, or another's, named where the peer is a group. */
export type Erased = { readonly direction: 'out' } | { readonly direction: 'in'; readonly author: string | null }

/** @param at by its author's clock; @param device null for this one */
export interface Deletion {
  readonly ids: readonly string[]
  readonly at: number
  readonly device: DeviceId | null
}

/** Takes away what messages say, and leaves a mark. */
export type Erase = (peer: string, by: Erased, deletion: Deletion) => readonly Attachment[]

export function createErase({ vault, tables, transaction }: DeviceStore, { clock, running }: Time): Erase {
  const { history } = tables

  /** @returns what it said of its file */
  function eraseRow(row: HistoryRow, at: number): readonly Attachment[] {
    if (row.kind !== 'message') return []
    const { attachment } = entryWith(row, vault) as HistoryMessage
    const named = { ...row, kind: 'deleted' } as const
    history.erase(
      row.row,
      vault.seal(textPlace(named), new Uint8Array()),
      sealAbout(vault, named, (to) => to.u64(at)),
      // the mark goes as the message would have, also where nobody has looked at that
      row.goesAt ?? (row.lifetimeSeconds > 0 ? running() + row.lifetimeSeconds * 1000 : null),
    )
    return attachment ? [attachment] : []
  }

  /** In the place of a message that has not come, so that it is not taken for a new one. */
  function awaitErased(
    place: Pick<HistoryRow, 'direction' | 'author' | 'device'> & { readonly peer: string },
    id: string,
  ) {
    history.add({
      ...place,
      kind: 'forgotten',
      id,
      sequence: null,
      sentAt: null,
      recordedAt: clock(),
      state: null,
      epoch: null,
      lifetimeSeconds: 0,
      goesAt: running() + rememberMs,
      text: new Uint8Array(),
      attachment: null,
      confirmed: null,
      about: null,
    })
  }

  return (peer, by, { ids, at, device }) =>
    transaction(() => {
      const author = by.direction === 'in' ? by.author : null
      let room = awaitedMaximum - history.awaited(peer, by.direction, author)
      return ids.flatMap((id) => {
        const rows =
          by.direction === 'in'
            ? history.named(peer, author, id)
            : [history.outgoing(peer, id)].filter((row) => row !== null)
        if (rows.length === 0 && room-- > 0) awaitErased({ peer, direction: by.direction, author, device }, id)
        return rows.flatMap((row) => eraseRow(row, at))
      })
    })
}
