import { modes } from '../../../crypto/access/index.ts'
import { emptyTally, openEvidence, type Tally } from '../reading.ts'
import type { Evidence } from '../evidence.ts'
import type { SecretKeyFile } from '../key-file.ts'
import { type Count, createCount } from '../summary.ts'
import { transcriber, type TranscriptLine, withoutEchoes } from '../transcript.ts'
import { evidenceWithin, isWithin, type Scope } from './within.ts'

/** How much was read, and of how many people. */
export interface Extent {
  readonly messages: number
  readonly people: number
}

/** One envelope from outside: what a metadata order gives. */
export interface MetadataLine {
  /** the relay's clock, milliseconds since 1970 */
  readonly time: number
  readonly from: string
  readonly to: string
  /** of the envelope */
  readonly sizeBytes: number
}

export interface Content {
  readonly lines: readonly TranscriptLine[]
  readonly tally: Tally
  readonly count: Count
  /** messages of the person from before the window that had to be opened to read those in it */
  readonly openedBefore: number
}

/**
 * What a content order gives: messages of its person in its window, decrypted. No key is tried on anything else, but for
 * what the mode needs of the same person from before.
 */
export function contentWithin(scope: Scope, evidence: Evidence, keys: readonly SecretKeyFile[]): Content {
  const fromTheBeginning = { ...scope, window: { ...scope.window, from: 0 } }
  const needed = keys.some(({ mode }) => modes.find(({ id }) => id === mode)?.remembers) ? fromTheBeginning : scope
  const tally = emptyTally()
  const count = createCount()
  const lineOf = transcriber()
  const read: TranscriptLine[] = []
  let openedBefore = 0
  for (const reading of openEvidence(evidenceWithin(needed, evidence), keys, tally)) {
    if (!isWithin(scope, reading.recorded)) {
      openedBefore += 1
      continue
    }
    const line = lineOf(reading)
    count.add(reading, line !== null)
    if (line) read.push(line)
  }
  return { lines: withoutEchoes(read), tally, count, openedBefore }
}

/** What a metadata order gives, without any key. An envelope to each device of a person counts. */
export const metadataWithin = (scope: Scope, evidence: Evidence): readonly MetadataLine[] =>
  Array.from(evidenceWithin(scope, evidence), ({ time, fromUser: from, toUser: to, bytes }) => ({
    time,
    from,
    to,
    sizeBytes: bytes.length,
  }))

/** How much the same keys open of the same evidence where nobody keeps to an order: decrypted, counted, and forgotten. */
export function possibleContent(evidence: Evidence, keys: readonly SecretKeyFile[]): Extent {
  const readings = openEvidence(evidence, keys, emptyTally())
  const lines = Array.from(readings, transcriber()).filter((line) => line !== null)
  return extentOf(withoutEchoes(lines))
}

/** Of how much the evidence shows the outside to whoever has it. */
export function possibleMetadata(evidence: Evidence): Extent {
  const seen = counter()
  for (const { fromUser: from, toUser: to } of evidence) seen.add({ from, to })
  return seen.extent()
}

/** Whoever is named in it counts, also by a copy that says it was sent to them. */
type Correspondence = Pick<MetadataLine, 'from' | 'to'> & Partial<Pick<TranscriptLine, 'saysSentTo'>>

export function extentOf(lines: readonly Correspondence[]): Extent {
  const seen = counter()
  for (const line of lines) seen.add(line)
  return seen.extent()
}

function counter() {
  const people = new Set<string>()
  let messages = 0
  return {
    add({ from, to, saysSentTo }: Correspondence): void {
      messages += 1
      people.add(from).add(saysSentTo ?? to)
    },
    extent: (): Extent => ({ messages, people: people.size }),
  }
}
