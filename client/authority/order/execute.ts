import { modes } from '../../../crypto/access/index.ts'
import { emptyTally, openEvidence, type Tally } from '../reading.ts'
import type { Evidence } from '../evidence.ts'
import type { SecretKeyFile } from '../key-file.ts'
import { type Count, createCount } from '../summary.ts'
import { transcriber, type TranscriptLine, withoutEchoes } from '../transcript.ts'
import { createExposed, type Extent } from './extent.ts'
import { evidenceWithin, isWithin, type Scope } from './within.ts'

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
  readonly extent: Extent
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
  const exposed = createExposed()
  const read: TranscriptLine[] = []
  let openedBefore = 0
  for (const reading of openEvidence(evidenceWithin(needed, evidence), keys, tally)) {
    if (!isWithin(scope, reading.recorded)) {
      openedBefore += 1
      exposed.noteNews(reading)
      continue
    }
    exposed.note(reading)
    const line = lineOf(reading)
    count.add(reading, line !== null)
    if (line) read.push(line)
  }
  const lines = withoutEchoes(read)
  return { lines, tally, count, extent: { messages: messagesIn(lines), people: exposed.people() }, openedBefore }
}

/** What is said of a message is no message. */
const messagesIn = (lines: readonly TranscriptLine[]): number => lines.filter(({ afterword }) => !afterword).length

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
  const exposed = createExposed()
  const lineOf = transcriber()
  const lines = Array.from(openEvidence(evidence, keys, emptyTally()), (reading) => {
    exposed.note(reading)
    return lineOf(reading)
  }).filter((line) => line !== null)
  return { messages: messagesIn(withoutEchoes(lines)), people: exposed.people() }
}

/** Of how much the evidence shows the outside to whoever has it. */
export const possibleMetadata = (evidence: Evidence): Extent => outsideOf(evidenceEnds(evidence))

function* evidenceEnds(evidence: Evidence): Generator<Pick<MetadataLine, 'from' | 'to'>> {
  for (const { fromUser: from, toUser: to } of evidence) yield { from, to }
}

/** How many envelopes, and of how many people. */
export function outsideOf(lines: Iterable<Pick<MetadataLine, 'from' | 'to'>>): Extent {
  const people = new Set<string>()
  let messages = 0
  for (const { from, to } of lines) {
    messages += 1
    people.add(from).add(to)
  }
  return { messages, people: people.size }
}
