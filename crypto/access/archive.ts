import { concat, decode, field, textField, u64, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { checkName } from '../identity.ts'
import { envelopeMaximumBytes } from '../envelope.ts'
import { digest, labels } from '../kdf.ts'
import { type DeviceId, type Digest, keySizeBytes } from '../keys.ts'
import type { RecordedEnvelope } from './mode.ts'

/** How an archive begins; after it come records, each behind its length of 4 bytes. */
export const archiveMagic: Uint8Array = utf8('doormat archive 1\n')

const nameMaximumBytes = 32
const recordMaximumBytes = 8 + 2 * (4 + nameMaximumBytes + keySizeBytes) + 4 + envelopeMaximumBytes

/** length (4 bytes); time in milliseconds (8); sender's name and device id; recipient's; envelope behind its length */
export const encodeRecord = (recorded: RecordedEnvelope): Uint8Array =>
  field(
    concat(
      u64(recorded.time),
      textField(recorded.fromUser),
      recorded.fromDevice,
      textField(recorded.toUser),
      recorded.toDevice,
      field(recorded.bytes),
    ),
  )

/** @param bytes one record, without its own length. @throws CryptoError `malformed` */
export const decodeRecord = (bytes: Uint8Array): RecordedEnvelope =>
  decode(bytes, (reader) => ({
    time: reader.u64(),
    fromUser: checkName(reader.text(nameMaximumBytes)),
    fromDevice: reader.take(keySizeBytes) as DeviceId,
    toUser: checkName(reader.text(nameMaximumBytes)),
    toDevice: reader.take(keySizeBytes) as DeviceId,
    bytes: reader.field(envelopeMaximumBytes),
  }))

/**
 * Names a record: 32 bytes over both ends and the envelope, without the time. An envelope alone names nothing, for whoever
 * has seen one can hand the same bytes in as their own, and would have the genuine record passed over.
 */
export const recordName = ({ fromUser, fromDevice, toUser, toDevice, bytes }: RecordedEnvelope): Digest =>
  digest(labels.record, utf8(fromUser), fromDevice, utf8(toUser), toDevice, bytes)

/**
 * Takes whole records from the front of a piece of an archive.
 * @param bytes what follows the magic, or what was left over last time
 * @returns the records' bytes, and how many bytes they took: the rest is the beginning of another
 * @throws CryptoError `malformed` for a length no record has
 */
export function splitRecords(bytes: Uint8Array): { records: readonly Uint8Array[]; usedBytes: number } {
  const records: Uint8Array[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let offset = 0
  while (offset + 4 <= bytes.length) {
    const size = view.getUint32(offset)
    if (size > recordMaximumBytes && records.length > 0) break
    if (size > recordMaximumBytes)
      throw new CryptoError('malformed', 'the archive is damaged: a record has an impossible length')
    if (offset + 4 + size > bytes.length) break
    records.push(bytes.subarray(offset + 4, offset + 4 + size))
    offset += 4 + size
  }
  return { records, usedBytes: offset }
}
