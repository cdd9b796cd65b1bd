import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import type { Attachment } from '../../../crypto/attachment.ts'
import { concat } from '../../../crypto/bytes.ts'
import { attachedFiles } from '../../authority/attached.ts'
import type { Evidence } from '../../authority/evidence.ts'
import type { SecretKeyFile } from '../../authority/key-file.ts'
import { emptyTally, openEvidence } from '../../authority/reading.ts'
import type { StagedFolder } from '../../authority/staged-folder.ts'
import { transcriber, type TranscriptLine, withoutEchoes } from '../../authority/transcript.ts'
import { temporaryFolder } from '../../node/temporary.ts'
import type { Actor } from '../simulation/actor.ts'
import type { RecordingRelay } from '../simulation/recording-relay.ts'

/** The files of all that has come to somebody from one person or group, in order. */
export const attachmentsOf = ({ device }: Actor, peer: string): readonly Attachment[] =>
  device.history
    .after(0, peer, 1_000)
    .flatMap((entry) => (entry.kind === 'message' && entry.direction === 'in' ? (entry.attachment ?? []) : []))

/** A message as the authority's export has it, and its file; null where the export has none. */
export interface Exported {
  readonly line: TranscriptLine
  readonly file: Uint8Array | null
}

/** What `doormat authority export` writes of an archive and the blobs beside it, by the same code; the folder is in memory. */
export function exportedFrom({ archive, blobs }: RecordingRelay, keys: readonly SecretKeyFile[]): readonly Exported[] {
  const { path, remove } = temporaryFolder()
  try {
    const beside = join(path, 'archive.blobs')
    mkdirSync(beside)
    for (const [name, bytes] of blobs) writeFileSync(join(beside, name), bytes)
    const files = new Map<string, Uint8Array>()
    const fileOf = attachedFiles(join(path, 'archive'), folderIn(files))
    const lineOf = transcriber()
    const lines = [...openEvidence(evidenceOf(archive), keys, emptyTally())].flatMap((reading) => lineOf(reading) ?? [])
    return withoutEchoes(lines).map((line) => {
      const attached = line.attachment && fileOf(line.attachment)
      return { line, file: attached && 'path' in attached ? (files.get(attached.path) ?? null) : null }
    })
  } finally {
    remove()
  }
}

const folderIn = (files: Map<string, Uint8Array>): StagedFolder => ({
  write: (name, pieces) => void files.set(name, concat(...Array.from(pieces, bytesOf))),
  stagedAt: (name) => name,
  commit: () => undefined,
  discard: () => files.clear(),
})

const bytesOf = (piece: string | Uint8Array) => (typeof piece === 'string' ? Buffer.from(piece) : piece.slice())

function* evidenceOf(archive: readonly RecordedEnvelope[]): Evidence {
  yield* archive
  return { cutOffBytes: 0 }
}
