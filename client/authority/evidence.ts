import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { archiveMagic, decodeRecord, recordName, splitRecords } from '../../crypto/access/archive.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { base64url, concat, equal } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { checkName } from '../../crypto/identity.ts'
import { type DeviceId, keySizeBytes, sized } from '../../crypto/keys.ts'
import { openReadOnly } from '../../server/sqlite.ts'
import { AuthorityError } from './errors.ts'

/** What somebody on the way has recorded, in the order in which it passed. */
export type Evidence = Generator<RecordedEnvelope, { readonly cutOffBytes: number }>

const pieceSizeBytes = 1024 * 1024
/** A relay whose commit failed may have written an envelope down twice, within what one device had under way. */
const recentlySeen = 4096

/**
 * Reads an archive piece by piece, whatever its size. An envelope that stands there twice between the same two devices is
 * given once.
 * @throws AuthorityError `bad-evidence`
 */
export function* archiveEvidence(path: string): Evidence {
  if (!existsSync(path)) throw new AuthorityError('bad-evidence', `there is no ${path}`)
  const file = openSync(path, 'r')
  try {
    const magic = read(file, archiveMagic.length)
    if (!equal(magic, archiveMagic)) throw new AuthorityError('bad-evidence', `${path} is not an archive of doormat`)
    const seen = new Set<string>()
    let rest: Uint8Array = new Uint8Array()
    let position = archiveMagic.length
    for (;;) {
      const piece = read(file, pieceSizeBytes)
      if (piece.length === 0) {
        splitAt(rest, path, position)
        return { cutOffBytes: rest.length }
      }
      const bytes = concat(rest, piece)
      const { records, usedBytes } = splitAt(bytes, path, position)
      let start = position
      for (const record of records) {
        const recorded = decodeAt(record, path, start)
        start += 4 + record.length
        if (remember(seen, base64url(recordName(recorded)))) yield recorded
      }
      rest = bytes.slice(usedBytes)
      position += usedBytes
    }
  } finally {
    closeSync(file)
  }
}

/** @returns whether it is new */
function remember(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false
  seen.add(key)
  const [oldest] = seen
  if (seen.size > recentlySeen && oldest !== undefined) seen.delete(oldest)
  return true
}

/**
 * Reads a copy of a relay's store: the mail that nobody has collected yet.
 * @throws AuthorityError `bad-evidence`
 */
export function* storeEvidence(path: string): Evidence {
  if (!existsSync(path)) throw new AuthorityError('bad-evidence', `there is no ${path}`)
  const database = openReadOnly(path)
  try {
    const rows = database
      .prepare(
        `SELECT mail.time, sender.user AS fromUser, sender.id AS fromDevice, recipient.user AS toUser, recipient.id AS toDevice, envelope
         FROM mail JOIN device AS sender ON sender.row = mail.sender JOIN device AS recipient ON recipient.row = mail.device ORDER BY mail.rowid`,
      )
      .iterate()
    for (const row of rows as Iterable<Record<string, unknown>>) {
      yield {
        time: Number(row['time']),
        fromUser: checkName(String(row['fromUser'])),
        fromDevice: sized<DeviceId>(blob(row['fromDevice']), keySizeBytes),
        toUser: checkName(String(row['toUser'])),
        toDevice: sized<DeviceId>(blob(row['toDevice']), keySizeBytes),
        bytes: blob(row['envelope']),
      }
    }
    return { cutOffBytes: 0 }
  } catch (error) {
    if (error instanceof AuthorityError) throw error
    throw new AuthorityError('bad-evidence', `${path} is not the store of a doormat relay`)
  } finally {
    database.close()
  }
}

/** A number in its place would be taken for a size, and as much memory made. */
function blob(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new CryptoError('malformed', 'not bytes')
  return new Uint8Array(value)
}

function read(file: number, sizeBytes: number): Uint8Array {
  const piece = new Uint8Array(sizeBytes)
  return piece.subarray(0, readSync(file, piece, 0, sizeBytes, null))
}

const splitAt = (bytes: Uint8Array, path: string, position: number) =>
  orDamaged(() => splitRecords(bytes), path, position)
const decodeAt = (record: Uint8Array, path: string, position: number) =>
  orDamaged(() => decodeRecord(record), path, position)

function orDamaged<T>(work: () => T, path: string, position: number): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError)
      throw new AuthorityError(
        'bad-evidence',
        `${path} is damaged at byte ${position}; what stands before it can be read`,
      )
    throw error
  }
}
