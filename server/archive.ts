import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { archiveMagic, encodeRecord, splitRecords } from '../crypto/access/archive.ts'
import type { RecordedEnvelope } from '../crypto/access/mode.ts'
import { concat, equal } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import { StorageError } from './disk/storage.ts'
import { syncPath } from './disk/whole-file.ts'

/**
 * Keeps every envelope that passes. Records are on disk before the commit that accepts them, so that none is missing;
 * one whose commit then failed may stand twice, byte for byte, and readers count it once.
 */
export interface Archive {
  append(recorded: RecordedEnvelope): void
  /** All that was appended is on disk, or none of it. */
  flush(): void
  discard(): void
  close(): void
}

/** @throws StorageError when the file is something else, or damaged before its end */
export function openArchive(path: string): Archive {
  const file = openSync(path, 'a+', 0o600)
  let sizeBytes = mendEnd(file, path)
  let waiting: Uint8Array[] = []
  /** whether something may stand behind the last whole record: nothing is written before that is cut off */
  let isTorn = false

  function mend(): void {
    if (isTorn) ftruncateSync(file, sizeBytes)
    isTorn = false
  }

  /** On a full disk a part of a record can be written, and no other record may follow that. */
  function flush(): void {
    const bytes = concat(...waiting)
    waiting = []
    if (bytes.length === 0) return
    mend()
    try {
      isTorn = true
      writeWhole(file, bytes)
      fdatasyncSync(file)
      sizeBytes += bytes.length
      isTorn = false
    } catch (error) {
      tryTo(mend)
      throw error
    }
  }

  return {
    append: (recorded) => void waiting.push(encodeRecord(recorded)),
    flush,
    discard() {
      waiting = []
    },
    close: () => closeSync(file),
  }
}

/** What fails is owed, and the next flush begins with it. */
function tryTo(work: () => void): void {
  try {
    work()
  } catch {
    // whoever is told of something is told why the record was not written
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
}

/**
 * A relay that was killed in the middle of a record left a piece of it. Nothing must be written behind that piece.
 * @returns the size of the archive
 */
function mendEnd(file: number, path: string): number {
  const magic = readAt(file, 0, archiveMagic.length)
  if (!equal(magic, archiveMagic.subarray(0, magic.length)))
    throw new StorageError(`${path} is not an archive of doormat`)
  writeWhole(file, archiveMagic.subarray(magic.length))
  let end = archiveMagic.length
  for (;;) {
    const piece = readAt(file, end, 4 * 1024 * 1024)
    const usedBytes = wholeRecords(piece, path)
    end += usedBytes
    if (usedBytes > 0) continue
    ftruncateSync(file, end)
    fsyncSync(file)
    syncPath(dirname(path))
    return end
  }
}

function wholeRecords(piece: Uint8Array, path: string): number {
  try {
    return splitRecords(piece).usedBytes
  } catch (error) {
    if (error instanceof CryptoError) throw new StorageError(`${path} is damaged before its end`)
    throw error
  }
}

function readAt(file: number, offset: number, sizeBytes: number): Uint8Array {
  const piece = new Uint8Array(sizeBytes)
  return piece.subarray(0, readSync(file, piece, 0, sizeBytes, offset))
}
