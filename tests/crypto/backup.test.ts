import { describe, expect, it } from 'vitest'
import {
  backupHeadSizeBytes,
  backupPieceSizeBytes,
  backupRecordMaximumBytes,
  openBackup,
  type OpenedBackup,
  sealBackup,
  sealedBackupPieceSizeBytes,
} from '../../crypto/backup.ts'
import { concat, hex } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('backups')
const passphrase = 'correct horse battery staple'

const sealed = (...records: readonly Uint8Array[]) => concat(...sealBackup(passphrase, records, random))

/** By head: Argon2id takes its time. */
const known = new Map<string, OpenedBackup>()

function opened(file: Uint8Array): readonly Uint8Array[] {
  const head = file.subarray(0, backupHeadSizeBytes)
  const backup = known.get(hex(head)) ?? openBackup(head, passphrase)
  known.set(hex(head), backup)
  const body = file.subarray(backupHeadSizeBytes)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < body.length; at += sealedBackupPieceSizeBytes)
    pieces.push(body.subarray(at, at + sealedBackupPieceSizeBytes))
  return [...backup.records(pieces, pieces.length)]
}

function fault(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof CryptoError) return error.code
    throw error
  }
  return 'none'
}

describe('a backup', () => {
  const records = [random(1), random(backupRecordMaximumBytes), random(100), random(70_000)]
  const file = sealed(...records)
  const pieceAt = (i: number) => backupHeadSizeBytes + i * sealedBackupPieceSizeBytes

  it('gives back its records, in order', () => {
    expect(opened(file)).toEqual(records)
    expect(file.length).toBe(pieceAt(3) + sealedBackupPieceSizeBytes)
  })

  it('has one piece even with nothing in it, and says no more of its size than how many pieces it has', () => {
    expect(opened(sealed())).toEqual([])
    expect(sealed().length).toBe(sealed(random(1000)).length)
  })

  it.each([0, 3, 4])('holds where a record ends %i bytes before the end of a piece', (left) => {
    const all = [random(backupPieceSizeBytes - 4 - left), random(7)]
    expect(opened(sealed(...all))).toEqual(all)
    expect(opened(sealed(all[0] as Uint8Array))).toEqual(all.slice(0, 1))
  })

  it('opens under no other passphrase', () => {
    expect(fault(() => openBackup(file.subarray(0, backupHeadSizeBytes), 'correct horse battery stable'))).toBe(
      'wrong-passphrase',
    )
  })

  it('is refused with a piece taken off its end, off its beginning, or out of its middle', () => {
    const without = (i: number) => concat(file.subarray(0, pieceAt(i)), file.subarray(pieceAt(i + 1)))
    expect([0, 1, 2, 3].map((i) => fault(() => opened(without(i))))).toEqual(Array(4).fill('not-authentic'))
    expect(fault(() => opened(file.subarray(0, backupHeadSizeBytes)))).toBe('malformed')
    expect(fault(() => openBackup(file.subarray(0, 100), passphrase))).toBe('malformed')
  })

  it('is refused with a piece twice, two in another order, half a piece, and something behind it', () => {
    const piece = (i: number) => file.subarray(pieceAt(i), pieceAt(i + 1))
    const made = (...pieces: readonly Uint8Array[]) => concat(file.subarray(0, backupHeadSizeBytes), ...pieces)
    const bad = [
      made(piece(0), piece(0), piece(1), piece(2), piece(3)),
      made(piece(1), piece(0), piece(2), piece(3)),
      made(piece(0), piece(1), piece(2), piece(3), piece(3)),
      file.subarray(0, -1),
      concat(file, new Uint8Array(1)),
    ]
    expect(bad.map((one) => fault(() => opened(one)))).toEqual(Array(5).fill('not-authentic'))
  })

  it('is refused with a byte turned, wherever it is', () => {
    const turned = (at: number) => file.with(at, (file[at] as number) ^ 1)
    const label = 4
    const inLock = [4 + 16 + 4 + 18 + 8, backupHeadSizeBytes - 1]
    expect([label, ...inLock].map((at) => fault(() => opened(turned(at))))).toEqual([
      'malformed',
      'wrong-passphrase',
      'wrong-passphrase',
    ])
    const inPieces = [pieceAt(0), pieceAt(1) - 1, pieceAt(2) + 5, file.length - 1]
    expect(inPieces.map((at) => fault(() => opened(turned(at))))).toEqual(Array(4).fill('not-authentic'))
  })

  it('takes no record that a reader would not read', () => {
    for (const size of [0, backupRecordMaximumBytes + 1]) expect(() => sealed(new Uint8Array(size))).toThrow(RangeError)
  })

  it('of the same records is never the same file', () => {
    expect(sealed(records[2] as Uint8Array)).not.toEqual(sealed(records[2] as Uint8Array))
  })
})
