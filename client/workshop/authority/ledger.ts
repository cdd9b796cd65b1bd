import { existsSync } from 'node:fs'
import type { Reader } from '../../../crypto/access/mode.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { followArchive, type GrowingArchive } from '../../authority/evidence.ts'
import { createExposed, type Exposed } from '../../authority/order/extent.ts'
import { transcriber, type TranscriptLine } from '../../authority/transcript.ts'

export const binMs = 10_000

/** What the keys have opened so far of a growing archive. */
export interface OpenedSoFar {
  readonly lines: readonly TranscriptLine[]
  /** the ten seconds in which envelopes passed -> how many of them opened, of every kind */
  readonly opened: ReadonlyMap<number, number>
  /** of how many people the key of a mode opens messages */
  readonly peopleUnder: (mode: string) => number
  /** Reads what has come since. */
  more(): void
}

/** @param readers one for each mode that there is a key of; more may come */
export function openingOf(archivePath: string, readers: ReadonlyMap<string, Reader>): OpenedSoFar {
  const lines: TranscriptLine[] = []
  const opened = new Map<number, number>()
  const lineOf = transcriber()
  const exposed = new Map<string, Exposed>()
  let archive: GrowingArchive | null = null
  return {
    lines,
    opened,
    peopleUnder: (mode) => exposed.get(mode)?.people() ?? 0,
    more() {
      if (!existsSync(archivePath)) return
      archive ??= followArchive(archivePath)
      for (const recorded of archive.more()) {
        for (const reader of readers.values()) {
          try {
            const reading = reader.read(recorded, decodeEnvelope(recorded.bytes))
            if (!reading) continue
            // what somebody sends to devices of their own is no envelope between people
            if (recorded.fromUser !== recorded.toUser) {
              const bin = Math.floor(recorded.time / binMs) * binMs
              opened.set(bin, (opened.get(bin) ?? 0) + 1)
            }
            const ofMode = exposed.get(reading.modeId) ?? createExposed()
            exposed.set(reading.modeId, ofMode)
            ofMode.note(reading)
            const line = lineOf(reading)
            // a reaction or a deletion is no message to count or to show
            if (line && !line.afterword) lines.push(line)
          } catch (error) {
            // a stanza that this key does not open, or a broken envelope: it opens for nobody
            if (!(error instanceof CryptoError)) throw error
          }
        }
      }
    },
  }
}
