import { armouredIn } from '../../../crypto/armour.ts'
import type { MessageName } from '../../../crypto/message-name.ts'
import type { Device } from '../../device/device.ts'
import type { HistoryAfterword, HistoryEntry, HistoryMessage, HistoryNotice } from '../../device/history-entries.ts'
import type { MessageState } from '../../device/history-kinds.ts'
import { latestEntries } from '../../device/latest.ts'
import { reactionsIn } from '../../device/reactions.ts'
import type { ContactRow } from '../../device/tables/people.ts'
import type { TableSet } from '../../device/tables/tables.ts'
import { afterwordText, answerText, type Quote, quoteFrom } from '../../words/afterword.ts'
import { noticeText } from '../../words/history-notices.ts'
import { attachmentWords } from '../../words/attachment.ts'
import { visible, visibleLines } from '../../words/visible.ts'
import { isForSome, modeView, readerOf, titleOf } from './modes.ts'
import { fileMaximumBytes, type MessageView, type NoticeView } from './protocol.ts'

/*
 * A message to everybody is one message to each, under one id: that it was for everybody is said by how the id begins, which stands
 * inside the encryption. To another program it is a message like any other.
 */
const prefix = 'everybody-'

export const isToEverybody = (id: string): boolean => id.startsWith(prefix)
export const idForEverybody = (unique: string): string => `${prefix}${unique}`

const shownMaximum = 200
const calm: ReadonlySet<HistoryNotice['kind']> = new Set(['lifetime', 'late', 'group'])

/** One person's conversation, oldest first. */
export function conversationWith(device: Device, user: string): readonly (MessageView | NoticeView)[] {
  const entries = latestEntries(device.history, user, shownMaximum)
  const self = device.self.device.record.user
  const reactions = reactionsIn(entries, self)
  const shown = new Set(
    entries.flatMap((entry) => (entry.kind === 'message' ? keyOf(device.afterwords.nameOf(entry)) : [])),
  )
  return entries.flatMap((entry) => {
    if (entry.kind === 'afterword' && namesOf(entry, self).every((name) => shown.has(keyOf(name)))) return []
    return [viewOf(device, entry, reactions)]
  })
}

const keyOf = ({ author, id }: MessageName) => `${author} ${id}`

/** Which messages an afterword is about. */
const namesOf = ({ said, direction, author, peer }: HistoryAfterword, self: string): readonly MessageName[] =>
  said.kind === 'reaction'
    ? [said.of]
    : said.ids.map((id) => ({ author: direction === 'out' ? self : (author ?? peer), id }))

/** Deleted or not. */
function messageIn(history: Device['history'], row: number): HistoryMessage | null {
  const [entry] = history.after(row - 1, null, 1)
  return entry?.kind === 'message' && entry.row === row ? entry : null
}

type Said = ReturnType<TableSet['history']['beginning']>[number]

/** What was written to everybody, by whomever, oldest first; and what concerns everybody. */
export function conversationOfAll(device: Device): readonly (MessageView | NoticeView)[] {
  const { store, history } = device
  const said = store.tables.history.beginning(prefix)
  const sent = new Map<string | null, Said[]>()
  for (const copy of said) if (copy.direction === 'out') sent.set(copy.id, [...(sent.get(copy.id) ?? []), copy])
  const ours = [...sent.values()].slice(-shownMaximum).flatMap((copies) => {
    const message = messageIn(history, copies[0]?.row ?? 0)
    const count = (...states: readonly MessageState[]) =>
      copies.filter(({ state }) => state !== null && states.includes(state)).length
    if (!message) return []
    const counts = {
      all: copies.length,
      sent: count('sent', 'delivered', 'read'),
      delivered: count('delivered', 'read'),
      read: count('read'),
      failed: count('failed'),
    }
    return [{ ...messageView(device, message), state: stateOf(counts), counts }]
  })
  const received = said.filter(({ direction }) => direction === 'in').map(({ row }) => row)
  const others = [...received, ...store.tables.history.withNobody(shownMaximum)]
    .sort((one, other) => one - other)
    .slice(-shownMaximum)
    .flatMap((row) => history.after(row - 1, null, 1))
    .map((entry) => viewOf(device, entry))
  return [...ours, ...others].sort((one, other) => one.row - other.row).slice(-shownMaximum)
}

function stateOf({ all, sent, delivered, read }: NonNullable<MessageView['counts']>): MessageState {
  if (read === all) return 'read'
  if (delivered === all) return 'delivered'
  return sent === all ? 'sent' : 'sealed'
}

type ReactionsOf = ReturnType<typeof reactionsIn>

function viewOf(device: Device, entry: HistoryEntry, reactions?: ReactionsOf): MessageView | NoticeView {
  if (entry.kind === 'message') return messageView(device, entry, reactions)
  return entry.kind === 'afterword' ? afterwordView(device, entry) : noticeView(device, entry)
}

/** What is said of a message that is not to be seen. */
const afterwordView = (device: Device, entry: HistoryAfterword): NoticeView => ({
  kind: 'notice',
  row: entry.row,
  at: entry.sentAt,
  text: afterwordText(entry, quoteIn(device)),
  isWarning: false,
})

/** A locked text is quoted as what it is. */
function quoteIn(device: Device): Quote {
  const quote = quoteFrom(device)
  return (peer, name) =>
    armouredIn(device.afterwords.message(peer, name)?.text ?? '') === null ? quote(peer, name) : 'a locked text'
}

function messageView(device: Device, message: HistoryMessage, reactions?: ReactionsOf): MessageView {
  const { self, policies, afterwords } = device
  const me = self.device.record.user
  const { peer, answers, deletedAt } = message
  const isOurs = message.direction === 'out'
  const policy = message.epoch === null ? null : policies.at(message.epoch)
  return {
    kind: 'message',
    row: message.row,
    from: isOurs ? me : (message.author ?? message.peer),
    isOurs,
    isToEverybody: isToEverybody(message.id),
    sentAt: message.sentAt,
    lines: deletedAt !== null || (message.text === '' && message.attachment) ? [] : visibleLines(message.text),
    file: message.attachment && {
      words: attachmentWords(message.attachment),
      isVoice: message.attachment.voiceMs !== undefined,
      isTooLarge: message.attachment.sizeBytes > fileMaximumBytes,
    },
    state: message.state,
    counts: countsOf(message),
    mode: policy === null || policy.policy.modeId === 'none' ? null : modeView(policy),
    isLocked: armouredIn(message.text) !== null,
    answers: answers && answerText(peer, answers, me, quoteIn(device)).slice('> '.length),
    deletedAt,
    reactions:
      (deletedAt === null ? reactions?.(afterwords.nameOf(message)) : null)?.map(({ emoji, people }) => ({
        emoji: visible(emoji),
        people: people.map((person) => (person === me ? 'You' : visible(person))),
        isOurs: people.includes(me),
      })) ?? [],
  }
}

/** Of a message to a group that has gone out to all; null of any other. */
function countsOf({ state, confirmed }: HistoryMessage): MessageView['counts'] {
  if (!confirmed || !['sent', 'delivered', 'read'].includes(state)) return null
  const read = confirmed.read.length
  const delivered = confirmed.delivered.length + read
  const all = confirmed.waiting.length + delivered
  return all === 0 ? null : { all, sent: all, delivered, read, failed: 0 }
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
  isWarning: isWarning(entry),
})

function isWarning({ kind, text }: HistoryNotice): boolean {
  if (kind === 'access') return text !== 'none'
  return !calm.has(kind) || (kind === 'group' && text.startsWith('differs '))
}

/** Of what is unread from one person, how far only messages to everybody go: a private one among them has not been looked at. */
export function seenOfAll({ store: { tables } }: Device, user: string): number | null {
  const contact = tables.contacts.get(user)
  let seen: number | null = null
  for (const { row, id } of contact ? unreadFrom(tables, contact) : []) {
    if (!isToEverybody(id)) break
    seen = row
  }
  return seen
}

export const unreadToEverybody = ({ store: { tables } }: Device): number =>
  tables.contacts
    .all()
    .flatMap((contact) => unreadFrom(tables, contact))
    .filter(({ id }) => isToEverybody(id)).length

const unreadFrom = ({ history }: TableSet, { user, readRow }: ContactRow) =>
  history.received(user, readRow, Number.MAX_SAFE_INTEGER)
