import { armouredIn } from '../../../crypto/armour.ts'
import type { Device } from '../../device/device.ts'
import type { HistoryEntry, HistoryMessage, HistoryNotice, MessageState } from '../../device/history.ts'
import { noticeText } from '../../words/history-notices.ts'
import { visible, visibleLines } from '../../words/visible.ts'
import { isForSome, modeView, readerOf, titleOf } from './modes.ts'
import type { MessageView, NoticeView } from './protocol.ts'

/*
 * A message to everybody is one message to each, under one id: that it was for everybody is said by how the id begins, which stands
 * inside the encryption. To another program it is a message like any other.
 */
const prefix = 'everybody-'

export const isToEverybody = (id: string): boolean => id.startsWith(prefix)
export const idForEverybody = (unique: string): string => `${prefix}${unique}`

const shownMaximum = 200
const calm: ReadonlySet<HistoryNotice['kind']> = new Set(['lifetime', 'late'])

/** One person's conversation, oldest first. */
export const conversationWith = (device: Device, user: string): readonly (MessageView | NoticeView)[] =>
  device.history.before(Number.MAX_SAFE_INTEGER, user, shownMaximum).map((entry) => viewOf(device, entry))

/** What was written to everybody, by whomever, oldest first; and what concerns everybody. */
export function conversationOfAll(device: Device): readonly (MessageView | NoticeView)[] {
  const { store, history } = device
  const ours = store
    .all(
      `SELECT min(row) AS row, count(*) AS people, sum(state IN ('sent', 'delivered', 'read')) AS sent,
         sum(state IN ('delivered', 'read')) AS delivered, sum(state = 'read') AS seen,
         sum(state = 'failed') AS failed
       FROM history WHERE kind = 'message' AND direction = 'out' AND id LIKE '${prefix}%' GROUP BY id ORDER BY row DESC LIMIT ?`,
      shownMaximum,
    )
    .flatMap((row) => {
      const message = history.message(Number(row['row']))
      if (!message) return []
      const counts = {
        all: Number(row['people']),
        sent: Number(row['sent']),
        delivered: Number(row['delivered']),
        read: Number(row['seen']),
        failed: Number(row['failed']),
      }
      return [{ ...messageView(device, message), state: stateOf(counts), counts }]
    })
  const others = store
    .all(
      `SELECT row FROM history WHERE (kind = 'message' AND direction = 'in' AND id LIKE '${prefix}%')
         OR (direction IS NULL AND peer IS NULL) ORDER BY row DESC LIMIT ?`,
      shownMaximum,
    )
    .flatMap(({ row }) => history.after(Number(row) - 1, null, 1))
    .map((entry) => viewOf(device, entry))
  return [...ours, ...others].sort((one, other) => one.row - other.row).slice(-shownMaximum)
}

function stateOf({ all, sent, delivered, read }: NonNullable<MessageView['counts']>): MessageState {
  if (read === all) return 'read'
  if (delivered === all) return 'delivered'
  return sent === all ? 'sent' : 'sealed'
}

const viewOf = (device: Device, entry: HistoryEntry): MessageView | NoticeView =>
  entry.kind === 'message' ? messageView(device, entry) : noticeView(device, entry)

function messageView({ self, policies }: Device, message: HistoryMessage): MessageView {
  const isOurs = message.direction === 'out'
  const policy = message.epoch === null ? null : policies.at(message.epoch)
  return {
    kind: 'message',
    row: message.row,
    from: isOurs ? self.device.record.user : message.peer,
    isOurs,
    isToEverybody: isToEverybody(message.id),
    sentAt: message.sentAt,
    lines: visibleLines(message.text),
    state: message.state,
    counts: null,
    mode: policy === null || policy.policy.modeId === 'none' ? null : modeView(policy),
    isLocked: armouredIn(message.text) !== null,
  }
}

/** As in a terminal, but for commands and ids, which help nobody here. */
function wordsOf({ policies }: Device, entry: HistoryNotice): string {
  if (entry.kind === 'account-changed')
    return `${entry.peer}'s account key has changed. Nothing is sent until you have compared the new safety number.`
  if (entry.kind === 'not-sent' && entry.text === 'unknown-user')
    return `Not sent: the server knows nobody called ${entry.peer}.`
  if (entry.kind !== 'access') return noticeText(entry)
  if (entry.text === 'none')
    return 'The key has gone from under the mat: nothing that is sent from now on opens with it.'
  const reader = readerOf(entry.epoch === null ? null : policies.at(entry.epoch))
  const what = isForSome(entry.text) ? 'what some people here send and get' : 'what is sent'
  return `From now on, ${reader} can read ${what} (${visible(titleOf(entry.text))}).`
}

const noticeView = (device: Device, entry: HistoryNotice): NoticeView => ({
  kind: 'notice',
  row: entry.row,
  at: entry.recordedAt,
  text: wordsOf(device, entry),
  isWarning: entry.kind === 'access' ? entry.text !== 'none' : !calm.has(entry.kind),
})

/** Of what is unread from one person, how far only messages to everybody go: a private one among them has not been looked at. */
export function seenOfAll({ store }: Device, user: string): number | null {
  let seen: number | null = null
  for (const { row, id } of unreadFrom(store, user)) {
    if (!isToEverybody(id)) break
    seen = row
  }
  return seen
}

export const unreadToEverybody = ({ store }: Device): number =>
  Number(
    store.get(
      `SELECT count(*) AS count FROM history JOIN contact ON contact.user = history.peer
       WHERE kind = 'message' AND direction = 'in' AND row > read_row AND id LIKE '${prefix}%'`,
    )?.['count'],
  )

const unreadFrom = (store: Device['store'], user: string) =>
  store
    .all(
      `SELECT row, id FROM history JOIN contact ON contact.user = history.peer
       WHERE kind = 'message' AND direction = 'in' AND peer = ? AND row > read_row ORDER BY row`,
      user,
    )
    .map(({ row, id }) => ({ row: Number(row), id: String(id) }))
