import type { Attachment } from '../../crypto/attachment.ts'
import type { Device } from '../device/device.ts'
import { isGroup } from '../device/groups/peers.ts'
import type { HistoryEntry, HistoryMessage } from '../device/history-entries.ts'
import type { MessageState } from '../device/history-kinds.ts'
import { afterwordText, answerText, deletedText, type Quote, quoteFrom } from '../words/afterword.ts'
import { noticeText, toneOf } from '../words/history-notices.ts'
import { linesWithAttachment } from '../words/attachment.ts'
import { peerName } from '../words/peer-name.ts'
import { visible } from '../words/visible.ts'
import { clockTime, exposed, paint } from './terminal.ts'

const unsent: Partial<Record<MessageState, string>> = {
  uploading: ' (sending the file)',
  waiting: ' (waiting)',
  sealed: ' (waiting)',
  failed: ' (not sent)',
}

const tones = {
  exposed,
  calm: (text: string) => paint('dim', text),
  warning: (text: string) => paint('yellow', text),
}

/** Who looks at entries, and what they call others and their groups: harmless. */
export interface Viewer {
  readonly self: string
  readonly nameOf: (peer: string) => string
  readonly quote: Quote
}

export const viewerOf = (device: Device): Viewer => ({
  self: device.self.device.record.user,
  nameOf: (peer) => peerName(device, peer),
  quote: quoteFrom(device),
})

/** So much of an id `--ids` shows. */
export const shownOfIds = 8
/** Its sender has chosen it, and can have made it longer. */
export const shortId = (id: string): string => visible(id.slice(0, shownOfIds))

/** An entry as one or more lines for a person. */
export function linesOf(entry: HistoryEntry, viewer: Viewer, now: number, withIds = false): string[] {
  const { self, nameOf, quote } = viewer
  const inGroup = entry.peer !== null && isGroup(entry.peer) ? `${paint('dim', `[${nameOf(entry.peer)}]`)} ` : ''
  const time = paint('dim', clockTime('sentAt' in entry ? entry.sentAt : entry.recordedAt, now))
  if (entry.kind === 'afterword')
    return [
      `${time} ${inGroup}${tones.calm(`* ${afterwordText(entry, quote)}`)}${paint('dim', unsent[entry.state] ?? '')}`,
    ]
  if (entry.kind !== 'message') return [`${time} ${inGroup}${tones[toneOf(entry)](`* ${noticeText(entry)}`)}`]
  const who = entry.direction === 'in' ? paint('cyan', entry.author ?? entry.peer) : paint('green', self)
  const state = entry.direction === 'in' || entry.deletedAt !== null ? '' : paint('dim', unsent[entry.state] ?? '')
  const [first = '', ...rest] = linesSaid(entry, viewer, now)
  const id = withIds ? `${paint('dim', `[${shortId(entry.id)}]`)} ` : ''
  return [`${time} ${inGroup}${id}${who}: ${first}${state}`, ...rest.map((line) => `      ${line}`)]
}

function linesSaid({ peer, text, attachment, answers, deletedAt }: HistoryMessage, viewer: Viewer, now: number) {
  if (deletedAt !== null) return [deletedText(clockTime(deletedAt, now))]
  const said = linesWithAttachment(text, attachment)
  return answers ? [answerText(peer, answers, viewer.self, viewer.quote), ...said] : said
}

/** Without its key: whoever has that has the file. */
const describe = ({ name, type, sizeBytes, voiceMs }: Attachment) => ({
  name,
  type,
  sizeBytes,
  ...(voiceMs !== undefined && { voiceMs }),
})

/** An entry as docs/cli.md describes it: `sequence` counts this device's history. */
export function jsonOf(entry: HistoryEntry): Record<string, unknown> {
  const { row, sequence, ...rest } = entry
  if (rest.kind === 'afterword') {
    const { text: _empty, ...afterword } = rest
    return { sequence: row, ...afterword, number: sequence }
  }
  if (rest.kind !== 'message') return { sequence: row, ...rest, number: sequence }
  const { attachment, confirmed, ...message } = rest
  return { sequence: row, ...message, attachment: attachment && describe(attachment), confirmed, number: sequence }
}
