import { decryptAead, encryptAead, nonceSizeBytes, tagSizeBytes } from './aead.ts'
import { concat, decode, field, textField, u32, unsignedAt, Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { derive, labels } from './kdf.ts'
import { keySizeBytes, type Secret, wipe } from './keys.ts'
import { lockWith, openLock, type StoreKey } from './lock.ts'
import type { Random } from './random.ts'

/*
 * Records of any number under a passphrase, for a file of one's own. The passphrase opens a lock (see lock.ts), the lock a key of this file
 * alone. Under that the records are encrypted in pieces by STREAM, as attachments are: each nonce says which piece it is, and whether it is
 * the last, so that no piece can be left out, moved or added, and none at the end. Records are only whole when the end has been reached.
 */

type BackupKey = Secret<'backup key'>

const label = 'doormat backup 1'
const lockSizeBytes = 114
/** The label, and the lock behind its length. */
export const backupHeadSizeBytes = 4 + label.length + 4 + lockSizeBytes
/** Of plaintext; all pieces are as long, so the size of a file says no more than how many there are. */
export const backupPieceSizeBytes = 65_536
export const sealedBackupPieceSizeBytes = backupPieceSizeBytes + tagSizeBytes
/** The largest record: more than any text, list or change of a group. A reader needs no more memory than for it and two pieces. */
export const backupRecordMaximumBytes = 128 * 1024

/** 19 zero bytes, index (4), and 1 for the last piece: no key ever seals anything else. */
function nonceOf(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(nonceSizeBytes)
  const to = new Writer(nonce, nonceSizeBytes - 5)
  to.u32(index)
  to.u8(isLast ? 1 : 0)
  return nonce
}

const encryptionKeyOf = (key: StoreKey, lock: Uint8Array): BackupKey =>
  derive<BackupKey>(labels.backupEncryption, key, [lock])

/**
 * Takes some 64 MiB and up to a second. The passphrase is not judged here.
 * @param records each 1 to 128 KiB long; taken one after the other
 * @returns the head, then one sealed piece after the other
 * @throws RangeError for a record of another size
 */
export function* sealBackup(passphrase: string, records: Iterable<Uint8Array>, random: Random): Generator<Uint8Array> {
  const fileKey = random(keySizeBytes) as StoreKey
  const lock = lockWith(passphrase, fileKey, random)
  const key = encryptionKeyOf(fileKey, lock)
  wipe(fileKey)
  try {
    yield concat(textField(label), field(lock))
    yield* sealedPieces(key, records)
  } finally {
    wipe(key)
  }
}

function* sealedPieces(key: BackupKey, records: Iterable<Uint8Array>): Generator<Uint8Array> {
  const piece = new Uint8Array(backupPieceSizeBytes)
  let [used, index] = [0, 0]
  /** A full one goes out as soon as there is more: whether it is the last is known by then. */
  function* add(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      if (used === piece.length) {
        yield encryptAead(key, nonceOf(index, false), piece)
        ;[used, index] = [0, index + 1]
      }
      const some = bytes.subarray(at, at + piece.length - used)
      piece.set(some, used)
      used += some.length
      at += some.length
    }
  }
  try {
    for (const record of records) {
      if (record.length === 0 || record.length > backupRecordMaximumBytes)
        throw new RangeError(`a record has 1 to ${backupRecordMaximumBytes} bytes`)
      yield* add(field(record))
    }
    yield* add(u32(0))
    piece.fill(0, used)
    yield encryptAead(key, nonceOf(index, true), piece)
  } finally {
    piece.fill(0)
  }
}

/** A backup that its passphrase has opened. */
export interface OpenedBackup {
  /**
   * What is in it, in order. Nothing of it may count before the last record has come without an error.
   * @param pieces as they stand in the file, each with its tag
   * @param count how many there are: with another one the last does not open
   * @throws CryptoError `not-authentic` | `malformed`
   */
  records(pieces: Iterable<Uint8Array>, count: number): Generator<Uint8Array>
  /** Wipes the key that it decrypts with. */
  close(): void
}

/**
 * @param head the first 138 bytes of the file
 * @throws CryptoError `wrong-passphrase`, `malformed` for what is no backup of this version
 */
export function openBackup(head: Uint8Array, passphrase: string): OpenedBackup {
  const lock = decode(head, (reader) => {
    if (reader.text(32) !== label) throw notABackup()
    return reader.field(lockSizeBytes)
  })
  const fileKey = keyIn(lock, passphrase)
  const key = encryptionKeyOf(fileKey, lock)
  wipe(fileKey)
  return {
    records: (pieces, count) => recordsIn(openedPieces(key, pieces, count)),
    close: () => wipe(key),
  }
}

/** Whether a file begins as one of this version does, before anybody is asked for its passphrase. */
export const isBackupHead = (head: Uint8Array): boolean => {
  const begins = textField(label)
  return head.length >= begins.length && begins.every((byte, i) => head[i] === byte)
}

const notABackup = () => new CryptoError('malformed', 'this is no backup of this version')

function keyIn(lock: Uint8Array, passphrase: string): StoreKey {
  try {
    return openLock(lock, passphrase)
  } catch (error) {
    if (!(error instanceof CryptoError) || error.code !== 'wrong-passphrase') throw error
    throw new CryptoError('wrong-passphrase', 'that is not the passphrase of this backup')
  }
}

function* openedPieces(key: BackupKey, pieces: Iterable<Uint8Array>, count: number): Generator<Uint8Array> {
  let index = 0
  for (const sealed of pieces) {
    const piece =
      sealed.length === sealedBackupPieceSizeBytes && decryptAead(key, nonceOf(index, index + 1 === count), sealed)
    if (!piece) throw new CryptoError('not-authentic', 'the backup has been changed, or a part of it is missing')
    yield piece
    piece.fill(0)
    index += 1
  }
  if (index !== count) throw new CryptoError('not-authentic', 'the backup has been changed, or a part of it is missing')
}

function* recordsIn(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array()
  let isOver = false
  for (const piece of pieces) {
    if (isOver) throw new CryptoError('malformed', 'the backup goes on behind its end')
    const all = concat(rest, piece)
    let at = 0
    while (!isOver && all.length - at >= 4) {
      const size = unsignedAt(all, at, 4)
      if (size > backupRecordMaximumBytes) throw new CryptoError('malformed', 'a record of the backup is too long')
      if (size === 0) isOver = true
      else if (all.length - at - 4 < size) break
      else yield all.slice(at + 4, at + 4 + size)
      at += 4 + size
    }
    rest = all.slice(at)
    all.fill(0)
    if (isOver && rest.some((byte) => byte !== 0)) throw new CryptoError('malformed', 'padding is not zero')
  }
  if (!isOver) throw new CryptoError('malformed', 'the backup ends too early')
}
