import { readFileSync } from 'node:fs'
import type { Staged } from '../../server/disk/whole-file.ts'
import { type Attached, attachedFiles, attachedWords, isAttachedName } from './attached.ts'
import { jsonList, stagedFolder } from './staged-folder.ts'
import { asObject, asText, type TranscriptLine, whoseWord } from './transcript.ts'
import { type Transcript, transcriptPageParts } from './transcript-page.ts'

export interface StagedTranscript extends Staged {
  /** what became of the files of its messages, in sentences; null where none has one */
  readonly filesText: string | null
}

const isOurs = (name: string) => name.startsWith('transcript.') || isAttachedName(name)

/**
 * A transcript as text, as JSON and as a page, with the files of its messages: on disk, but without their names yet.
 * @param archive where the files are; null where there are only envelopes
 * @param mark says which run this is
 */
export function stageTranscript(
  folder: string,
  transcript: Omit<Transcript, 'files'>,
  archive: string | null,
  mark = String(process.pid),
): StagedTranscript {
  const { lines } = transcript
  const staged = stagedFolder(folder, isOurs, mark)
  try {
    const attached = attachedFiles(archive, staged)
    const of = new Map(lines.flatMap((line) => (line.attachment ? [[line, attached(line.attachment)] as const] : [])))
    const bytesOf = (path: string) => readFileSync(staged.stagedAt(path))
    staged.write('transcript.txt', textOf(lines, of))
    staged.write('transcript.json', jsonList(objectsOf(lines, of)))
    staged.write('transcript.html', transcriptPageParts({ ...transcript, files: { of, bytesOf } }))
    return { ...staged, filesText: attachedWords([...of.values()]) }
  } catch (error) {
    staged.discard()
    throw error
  }
}

type Files = ReadonlyMap<TranscriptLine, Attached>

function* textOf(lines: readonly TranscriptLine[], files: Files): Generator<string> {
  yield `${whoseWord}\n\n`
  for (const line of lines) yield `${asText(line)}\n${placeOf(files.get(line))}`
}

/** On a line of its own, where no text can stand that somebody has sent. */
function placeOf(file: Attached | undefined): string {
  if (file === undefined) return ''
  return 'path' in file ? `    its file: ${file.path}\n` : `    its file is missing: ${file.missing}\n`
}

function* objectsOf(lines: readonly TranscriptLine[], files: Files): Generator<object> {
  for (const line of lines) yield asObject(line, files.get(line))
}
