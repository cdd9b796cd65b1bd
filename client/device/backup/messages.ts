import { decodeAttachment, encodeAttachment } from '../../../crypto/attachment.ts'
import { fromUtf8, utf8 } from '../../../crypto/bytes.ts'
import { type DeviceId, wipe } from '../../../crypto/keys.ts'
import type { Time } from '../../../server/running-time.ts'
import { attachmentPlace, textPlace } from '../history-entries.ts'
import type { MessageState } from '../history-kinds.ts'
import type { DeviceStore } from '../store.ts'
import type { HistoryRow } from '../tables/history.ts'
import type { KeptMessage, KeptState } from './records.ts'

/* Messages on their way into a backup and out of it. */

const kept: Partial<Record<MessageState, KeptState>> = {
  received: 'restored',
  restored: 'restored',
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
}

/**
 * @param ours the device that what was written here was written on
 * @returns null for what is no message, and for one that has not gone out: it goes out from this device, and from no other
 */
export function messageOf(
  { vault }: DeviceStore,
  row: HistoryRow,
  ours: DeviceId,
  { running }: Pick<Time, 'running'>,
): KeptMessage | null {
  const state = row.state && kept[row.state]
  if (row.kind !== 'message' || !state || row.direction === null) return null
  return {
    kind: 'message',
    peer: String(row.peer),
    direction: row.direction,
    author: row.author,
    device: row.device ?? ours,
    id: String(row.id),
    sentAt: Number(row.sentAt),
    recordedAt: row.recordedAt,
    state,
    epoch: row.epoch,
    lifetimeSeconds: row.lifetimeSeconds,
    leftMs: row.goesAt === null ? null : Math.max(0, Math.ceil(row.goesAt - running())),
    text: fromUtf8(vault.open(textPlace(row), row.text)),
    attachment: row.attachment && vault.open(attachmentPlace(row), row.attachment),
  }
}

/**
 * Writes one down that came out of a backup: it counts as read, so its lifetime has begun.
 * @param agoMs how long ago the backup was made
 * @returns false where it is there already or was until it was deleted, and where it has outlived its lifetime
 * @throws CryptoError `malformed` for an attachment that is none
 */
export function addKept(
  { vault, tables }: DeviceStore,
  message: KeptMessage,
  ours: DeviceId,
  agoMs: number,
  { running }: Pick<Time, 'running'>,
): boolean {
  const { kind, peer, direction, author, id, lifetimeSeconds, leftMs } = message
  const left = lifetimeSeconds > 0 ? (leftMs ?? lifetimeSeconds * 1000) - (leftMs === null ? 0 : agoMs) : null
  if (left !== null && left <= 0) return false
  if (direction === 'in' && tables.history.isErased(peer, author, id)) return false
  const named = { kind, peer, direction, author, id }
  const isOwn = direction === 'out' && message.device.every((byte, i) => byte === ours[i])
  const row = tables.history.add({
    ...named,
    device: isOwn ? null : message.device,
    sequence: null,
    sentAt: message.sentAt,
    recordedAt: message.recordedAt,
    state: message.state,
    epoch: message.epoch,
    lifetimeSeconds,
    goesAt: left === null ? null : running() + left,
    text: vault.seal(textPlace(named), utf8(message.text)),
    attachment: message.attachment && vault.seal(attachmentPlace(named), checked(message.attachment)),
    confirmed: null,
    about: null,
  })
  return row !== null
}

function checked(encoded: Uint8Array): Uint8Array {
  const attachment = decodeAttachment(encoded)
  const again = encodeAttachment(attachment)
  wipe(attachment.key)
  return again
}
