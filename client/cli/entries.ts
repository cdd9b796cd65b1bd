import type { Attachment } from '../../crypto/attachment.ts'
import type { Device } from '../device/device.ts'
import { isGroup } from '../device/groups/peers.ts'
import type { HistoryEntry } from '../device/history.ts'
import type { MessageState } from '../device/history-kinds.ts'
import { noticeText, toneOf } from '../words/history-notices.ts'
import { linesWithAttachment } from '../words/attachment.ts'
import { peerName } from '../words/peer-name.ts'
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
}

export const viewerOf = (device: Device): Viewer => ({
  self: device.self.device.record.user,
  nameOf: (peer) => peerName(device, peer),
})

/** An entry as one or more lines for a person. */
export function linesOf(entry: HistoryEntry, { self, nameOf }: Viewer, now: number): string[] {
  const inGroup = entry.peer !== null && isGroup(entry.peer) ? `${paint('dim', `[${nameOf(entry.peer)}]`)} ` : ''
  const time = paint('dim', clockTime(entry.kind === 'message' ? entry.sentAt : entry.recordedAt, now))
  if (entry.kind !== 'message') return [`${time} ${inGroup}${tones[toneOf(entry)](`* ${noticeText(entry)}`)}`]
  const who = entry.direction === 'in' ? paint('cyan', entry.author ?? entry.peer) : paint('green', self)
  const state = entry.direction === 'in' ? '' : paint('dim', unsent[entry.state] ?? '')
  const [first = '', ...rest] = linesWithAttachment(entry.text, entry.attachment)
  return [`${time} ${inGroup}${who}: ${first}${state}`, ...rest.map((line) => `      ${line}`)]
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
  if (rest.kind !== 'message') return { sequence: row, ...rest, number: sequence }
  const { attachment, confirmed, ...message } = rest
  return { sequence: row, ...message, attachment: attachment && describe(attachment), confirmed, number: sequence }
}
