import { concat, decode, field, fromUtf8, type Reader, textField, u32, u64, u8, utf8 } from '../../../crypto/bytes.ts'
import { textMaximumBytes } from '../../../crypto/content.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { deviceListMaximumBytes, isName, nameMaximumBytes } from '../../../crypto/identity.ts'
import { type AccountKey, type DeviceId, keySizeBytes } from '../../../crypto/keys.ts'
import { changeMaximumBytes } from '../../../crypto/membership.ts'
import { isMessageId, messageIdMaximumBytes } from '../../../crypto/message-name.ts'

/* What stands in a backup (docs/protocol.md, section 10f): a record each, the owner first. */

/** How far a message had come; `restored`: it had been received. */
export const keptStates = ['restored', 'sent', 'delivered', 'read', 'failed'] as const
export type KeptState = (typeof keptStates)[number]

export interface KeptMessage {
  readonly kind: 'message'
  /** a person, or a group */
  readonly peer: string
  readonly direction: 'in' | 'out'
  /** who has written it, where it came in a group; null otherwise */
  readonly author: string | null
  /** on which it was written */
  readonly device: DeviceId
  readonly id: string
  readonly sentAt: number
  readonly recordedAt: number
  readonly state: KeptState
  readonly epoch: number | null
  /** 0: for good */
  readonly lifetimeSeconds: number
  /** of its lifetime, when the backup was made; null where that had not begun */
  readonly leftMs: number | null
  readonly text: string
  /** as a message says it, see crypto/attachment.ts */
  readonly attachment: Uint8Array | null
}

export type BackupRecord =
  | {
      readonly kind: 'owner'
      readonly user: string
      readonly accountKey: AccountKey
      /** milliseconds since 1970 */
      readonly madeAt: number
      readonly refusesAccess: boolean
      readonly receipts: boolean
    }
  | {
      readonly kind: 'person'
      readonly user: string
      readonly list: Uint8Array
      readonly changedList: Uint8Array | null
      readonly verified: boolean
      readonly accepted: boolean
      readonly blocked: boolean
      readonly lifetimeSeconds: number
    }
  /** blocked, and no contact */
  | { readonly kind: 'stranger'; readonly user: string }
  | { readonly kind: 'group'; readonly peer: string; readonly isAccepted: boolean }
  /** of the group before */
  | { readonly kind: 'list'; readonly signedList: Uint8Array }
  | { readonly kind: 'change'; readonly signed: Uint8Array }
  /** milliseconds since 1970; null until it is unmuted */
  | { readonly kind: 'muted'; readonly peer: string; readonly until: number | null }
  | KeptMessage

const numbers = { owner: 1, person: 2, stranger: 3, group: 4, list: 5, change: 6, muted: 7, message: 8 } as const

const flag = (value: boolean) => u8(value ? 1 : 0)
/** Whether there is something, and then that. */
const orNull = <T>(value: T | null, encode: (value: T) => Uint8Array) =>
  value === null ? flag(false) : concat(flag(true), encode(value))

export const encodeRecord = (record: BackupRecord): Uint8Array => concat(u8(numbers[record.kind]), bodyOf(record))

function bodyOf(record: BackupRecord): Uint8Array {
  switch (record.kind) {
    case 'owner':
      return concat(
        textField(record.user),
        record.accountKey,
        u64(record.madeAt),
        flag(record.refusesAccess),
        flag(record.receipts),
      )
    case 'person':
      return concat(
        textField(record.user),
        field(record.list),
        orNull(record.changedList, field),
        flag(record.verified),
        flag(record.accepted),
        flag(record.blocked),
        u32(record.lifetimeSeconds),
      )
    case 'stranger':
      return textField(record.user)
    case 'group':
      return concat(textField(record.peer), flag(record.isAccepted))
    case 'list':
      return field(record.signedList)
    case 'change':
      return field(record.signed)
    case 'muted':
      return concat(textField(record.peer), orNull(record.until, u64))
    case 'message':
      return concat(
        textField(record.peer),
        flag(record.direction === 'out'),
        orNull(record.author, textField),
        record.device,
        textField(record.id),
        u64(record.sentAt),
        u64(record.recordedAt),
        u8(keptStates.indexOf(record.state)),
        orNull(record.epoch, u32),
        u32(record.lifetimeSeconds),
        orNull(record.leftMs, u64),
        field(utf8(record.text)),
        orNull(record.attachment, field),
      )
  }
}

/** @throws CryptoError `malformed` */
export const decodeRecord = (bytes: Uint8Array): BackupRecord => decode(bytes, readRecord)

const groupPeer = /^\+[0-9a-f]{64}$/
const attachmentMaximumBytes = 1024

const malformed = (what: string) => new CryptoError('malformed', `the backup has ${what}`)

function readName(reader: Reader): string {
  const name = reader.text(nameMaximumBytes)
  if (!isName(name)) throw malformed('something that is no name')
  return name
}

function readGroup(reader: Reader): string {
  const peer = reader.text(1 + 2 * keySizeBytes)
  if (!groupPeer.test(peer)) throw malformed('something that is no group')
  return peer
}

function readPeer(reader: Reader): string {
  const peer = reader.text(1 + 2 * keySizeBytes)
  if (!groupPeer.test(peer) && !isName(peer)) throw malformed('something that is no name')
  return peer
}

/** What a clock can show. */
function readDate(reader: Reader): number {
  const ms = reader.u64()
  if (Number.isNaN(new Date(ms).getTime())) throw malformed('something that is no date')
  return ms
}

const ifAny = <T>(reader: Reader, read: () => T): T | null => (reader.flag() ? read() : null)

function readRecord(reader: Reader): BackupRecord {
  const number = reader.u8()
  switch (number) {
    case numbers.owner:
      return {
        kind: 'owner',
        user: readName(reader),
        accountKey: reader.take(keySizeBytes) as AccountKey,
        madeAt: readDate(reader),
        refusesAccess: reader.flag(),
        receipts: reader.flag(),
      }
    case numbers.person:
      return {
        kind: 'person',
        user: readName(reader),
        list: reader.field(deviceListMaximumBytes),
        changedList: ifAny(reader, () => reader.field(deviceListMaximumBytes)),
        verified: reader.flag(),
        accepted: reader.flag(),
        blocked: reader.flag(),
        lifetimeSeconds: reader.u32(),
      }
    case numbers.stranger:
      return { kind: 'stranger', user: readName(reader) }
    case numbers.group:
      return { kind: 'group', peer: readGroup(reader), isAccepted: reader.flag() }
    case numbers.list:
      return { kind: 'list', signedList: reader.field(deviceListMaximumBytes) }
    case numbers.change:
      return { kind: 'change', signed: reader.field(changeMaximumBytes) }
    case numbers.muted:
      return { kind: 'muted', peer: readPeer(reader), until: ifAny(reader, () => reader.u64()) }
    case numbers.message:
      return readMessage(reader)
  }
  throw malformed('a record that this version does not know')
}

function readMessage(reader: Reader): KeptMessage {
  const message = {
    kind: 'message',
    peer: readPeer(reader),
    direction: reader.flag() ? 'out' : 'in',
    author: ifAny(reader, () => readName(reader)),
    device: reader.take(keySizeBytes) as DeviceId,
    id: reader.text(messageIdMaximumBytes),
    sentAt: reader.u64(),
    recordedAt: reader.u64(),
    state: keptStates[reader.u8()] ?? null,
    epoch: ifAny(reader, () => reader.u32()),
    lifetimeSeconds: reader.u32(),
    leftMs: ifAny(reader, () => reader.u64()),
    text: fromUtf8(reader.lookField(textMaximumBytes)),
    attachment: ifAny(reader, () => reader.field(attachmentMaximumBytes)),
  } as const
  const { peer, direction, author, id, state } = message
  const hasAuthor = direction === 'in' && groupPeer.test(peer)
  if (state === null || (state === 'restored') !== (direction === 'in') || hasAuthor !== (author !== null))
    throw malformed('a message that cannot be')
  if (!isMessageId(id)) throw malformed('something that is no message id')
  return { ...message, state }
}
