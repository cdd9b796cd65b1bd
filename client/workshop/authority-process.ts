import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Reader } from '../../crypto/access/mode.ts'
import { modeCalled } from '../../crypto/access/index.ts'
import { base64url } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { systemRandom } from '../../crypto/random.ts'
import { privateFolder } from '../../server/disk/private.ts'
import { readerOf } from '../authority/reading.ts'
import { followArchive, type GrowingArchive } from '../authority/evidence.ts'
import { readPublicKey, readSecretKey, writeKeyFiles } from '../authority/key-file.ts'
import { transcriber, type TranscriptLine } from '../authority/transcript.ts'
import { type Answer, type Ask, askSchema } from './desk-words.ts'
import { summarise } from './summary.ts'

/*
 * The authority of a workshop, in a process of its own: it makes the keys, and they stay in its folder. It is given the archive to read, as
 * an authority would be, and says how much opens; texts leave it only for those who have agreed to that.
 * Arguments: its folder, the archive, and `keep` where the folder is to outlast it.
 */

const [, , folder = '', archivePath = '', keep = ''] = process.argv

privateFolder(folder)
/** one for each mode that there is a key of */
const readers = new Map<string, Reader>()
const lines: TranscriptLine[] = []
const lineOf = transcriber()
let archive: GrowingArchive | null = null

const keyPath = (mode: string) => join(folder, `${mode}.key`)
/** `MODE.key`, or `MODE.1.key` and on where a mode has several secrets, for several holders */
const secretsOf = (mode: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${mode}.`) && name.endsWith('.key'))
    .sort()
    .map((name) => join(folder, name))

function beginReading(mode: string): void {
  readers.set(mode, readerOf(secretsOf(mode).map(readSecretKey)))
}

/** @returns the public half, base64url */
function keyFor(mode: string): string {
  if (!existsSync(`${keyPath(mode)}.pub`)) {
    const { parameters, secrets } = modeCalled(mode).setup(systemRandom)
    writeKeyFiles(
      keyPath(mode),
      mode,
      secrets.map(({ bytes }) => bytes),
      parameters,
    )
  }
  if (!readers.has(mode)) beginReading(mode)
  return base64url(readPublicKey(`${keyPath(mode)}.pub`).parameters)
}

function readOn(): void {
  if (!existsSync(archivePath)) return
  archive ??= followArchive(archivePath)
  for (const recorded of archive.more()) {
    for (const reader of readers.values()) {
      try {
        const reading = reader.read(recorded, decodeEnvelope(recorded.bytes))
        const line = reading && lineOf(reading)
        if (line) lines.push(line)
      } catch (error) {
        // a stanza that this key does not open, or a broken envelope: it opens for nobody
        if (!(error instanceof CryptoError)) throw error
      }
    }
  }
}

function copyTo(into: string): readonly string[] {
  mkdirSync(into, { recursive: true, mode: 0o700 })
  const keys = [...readers.keys()].flatMap(secretsOf)
  const files = [...keys, archivePath]
  for (const path of files) copyFileSync(path, join(into, basename(path)))
  return files.map((path) => basename(path))
}

function answerTo(ask: Ask): Answer {
  const { ref } = ask
  try {
    if (ask.do === 'key') return { ref, parameters: keyFor(ask.mode) }
    if (ask.do === 'copy') return { ref, files: [...copyTo(ask.into)] }
    readOn()
    return { ref, read: summarise(lines, new Set(ask.mayShow)) }
  } catch (error) {
    return { ref, fault: error instanceof Error ? error.message : String(error) }
  }
}

/** Whoever asked is gone: nothing is left to do, and no key is left behind. */
function leave(): void {
  if (keep !== 'keep') rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}

for (const name of readdirSync(folder)) if (name.endsWith('.key.pub')) beginReading(name.slice(0, -'.key.pub'.length))
// Ctrl-C is for the workshop, which ends this process in its own time
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', leave)
process.on('message', (message) => {
  const ask = askSchema.safeParse(message)
  // whoever asked may have gone meanwhile: `disconnect` says so
  if (ask.success) process.send?.(answerTo(ask.data), undefined, undefined, () => undefined)
})
