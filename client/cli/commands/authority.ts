import { existsSync, readdirSync } from 'node:fs'
import { modeCalled, modes } from '../../../crypto/access/index.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { isUnfinished, stageFolder, type Staged } from '../../../server/disk/whole-file.ts'
import { emptyTally, neededOf, openEvidence, readKeys, type Tally } from '../../authority/reading.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { archiveEvidence, type Evidence, incompleteness, storeEvidence } from '../../authority/evidence.ts'
import { type SecretKeyFile, writeKeyFiles } from '../../authority/key-file.ts'
import {
  asHtml,
  asObject,
  asText,
  byConversation,
  countOf,
  isAbout,
  transcriber,
  type TranscriptLine,
  whoseWord,
  withoutEchoes,
} from '../../authority/transcript.ts'
import { folded } from '../../words/folded.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../output.ts'
import { checkPerson } from '../person.ts'
import { counted } from '../../words/counted.ts'
import { safeJson, visible } from '../../words/visible.ts'

export interface DeskFlags {
  readonly key: readonly string[]
  readonly archive?: string
  readonly store?: string
  readonly person?: string
  readonly json?: boolean
}

export function init(flags: { readonly mode: string; readonly out: string }): void {
  const known = modes.map(({ id }) => id)
  if (!known.includes(flags.mode))
    throw new Stop('user', `there is no access mode ${flags.mode}; there is ${known.join(', ')}`)
  const { parameters, secrets } = modeCalled(flags.mode).setup(systemRandom)
  if (secrets.length === 0) throw new Stop('user', `${flags.mode} has no key to keep`)
  const bytes = secrets.map((secret) => secret.bytes)
  const { paths, publicPath } = writeKeyFiles(flags.out, flags.mode, bytes, parameters)
  const [only, ...others] = secrets
  if (only && others.length === 0) print(`${flags.out}: the ${only.name}. ${warningOf(flags.mode)}`)
  else
    for (const [i, { name, holder, jurisdiction }] of secrets.entries())
      print(`${paths[i]}: ${name}, for ${holder}, ${jurisdiction}`)
  print(
    `${publicPath}: the public half, for the operator: doormat access on ${flags.mode} --authority-key ${publicPath}`,
  )
  if (modeCalled(flags.mode).tapping)
    print(
      `the operator has a part in ${flags.mode}: doormat authority instrument --mode ${flags.mode} --key ${flags.out} --person NAME`,
    )
}

const warningOf = (mode: string) =>
  modeCalled(mode).tapping
    ? 'Whoever has a copy of it reads what every tap of it has caught.'
    : 'Whoever has a copy of it reads everything sealed to it.'

export function open(flags: DeskFlags): void {
  conclude(each(flags, (line) => printLine(line, flags)))
}

const printLine = (line: TranscriptLine, { json }: DeskFlags) =>
  print(json ? safeJson(asObject(line)) : asText(line, visible))

export function search(words: string, flags: DeskFlags): void {
  const wanted = folded(words)
  if (wanted === '')
    throw new Stop('user', 'there is nothing to look for in these words', 'doormat authority search tuesday')
  let found = 0
  const read = each(flags, (line) => {
    if (!folded(line.text).includes(wanted)) return
    found += 1
    printLine(line, flags)
  })
  tell(`${found} of ${read.tally.opened} opened messages hold ${JSON.stringify(visible(words))}`)
  conclude(read)
}

/** Writes what could be read, also where the evidence breaks off; and nothing at all where nothing could be opened. */
export function exportTranscript(flags: DeskFlags & { readonly out: string }): void {
  mustBeEmpty(flags.out, 'doormat authority export --out ANOTHER')
  const all: TranscriptLine[] = []
  const read = each(flags, (line) => all.push(line))
  const lines = withoutEchoes(all)
  if (lines.length > 0 || !read.fault) {
    stageTranscript(flags.out, lines, incompleteness(read.tally)).commit()
    const conversations = byConversation(lines).size
    print(`${countOf(lines)} in ${counted(conversations, 'conversation')} written to ${flags.out}`)
  }
  conclude(read)
}

export function mustBeEmpty(folder: string, hint: string): void {
  if (existsSync(folder) && readdirSync(folder).some((name) => !isUnfinished(name)))
    throw new Stop('user', `there is something in ${folder} already`, hint)
}

export function stageTranscript(
  folder: string,
  lines: readonly TranscriptLine[],
  incomplete: string | null,
  mark?: string,
): Staged {
  const contents = {
    'transcript.txt': `${whoseWord}\n\n${lines.map((line) => `${asText(line, visible)}\n`).join('')}`,
    'transcript.json': `[\n${lines.map((line) => safeJson(asObject(line))).join(',\n')}\n]\n`,
    'transcript.html': asHtml(lines, visible, incomplete),
  }
  return stageFolder(folder, contents, forItsOwner, mark)
}

/** What is read with a key is for nobody else. */
export const forItsOwner = { folder: 0o700, file: 0o600 } as const

/** What came of it, and what has to be said of it once everything that could be read has been used. */
interface Read {
  readonly tally: Tally
  readonly fault: Error | null
}

/** Reads the evidence from front to end, with progress for long work. */
function each(flags: DeskFlags, use: (line: TranscriptLine) => void): Read {
  if (flags.person !== undefined) checkPerson(flags.person)
  const keys = hinting(readAgain(flags, { key: 'ANOTHER' }), () => readKeys(flags.key))
  const tally = emptyTally()
  const lineOf = transcriber()
  let progress = Date.now() + 2000
  const damage = damageIn(tally, readAgain(flags, { evidence: 'ANOTHER' }), () => {
    for (const reading of openEvidence(evidenceIn(flags), keys, tally)) {
      const line = lineOf(reading)
      if (line && (flags.person === undefined || isAbout(line, flags.person))) use(line)
      if (Date.now() < progress) continue
      tell(`… ${tally.opened} of ${tally.envelopes} envelopes opened so far`)
      progress = Date.now() + 2000
    }
  })
  const { lacks } = tally
  const incomplete =
    lacks === undefined ? null : new AuthorityError('bad-evidence', lacks, readAgain(flags, { evidence: 'ANOTHER' }))
  return { tally, fault: damage ?? lackOf(tally, keys, flags) ?? incomplete }
}

function conclude({ tally, fault }: Read): void {
  report(tally)
  if (fault) throw fault
}

/** The command to try with something else in the place of what was wrong. */
function readAgain({ key, archive, store }: Evident, instead: { readonly key?: string; readonly evidence?: string }) {
  const keys = instead.key ?? key.join(' ')
  return store === undefined
    ? `doormat authority open --archive ${instead.evidence ?? archive} --key ${keys}`
    : `doormat authority open --store ${instead.evidence ?? store} --key ${keys}`
}

type Evident = Pick<DeskFlags, 'key' | 'archive' | 'store'>

/** Adds the next command, where an error has none. */
export function hinting<T>(hint: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof AuthorityError) throw new AuthorityError(error.code, error.message, error.hint ?? hint)
    throw error
  }
}

/** @returns how the evidence ended; what never began is thrown */
function damageIn(tally: Tally, hint: string, work: () => void): AuthorityError | null {
  try {
    hinting(hint, work)
    return null
  } catch (error) {
    if (error instanceof AuthorityError && tally.envelopes > 0) return error
    throw error
  }
}

/** Why these keys open none of it, where there is something to be opened. */
export function lackOf(tally: Tally, keys: readonly SecretKeyFile[], flags: Evident): Stop | null {
  const [key] = keys
  if (tally.opened > 0 || !key) return null
  const files = flags.key.join(' ')
  if (tally.notOurs > 0) {
    const [needed, different] = [neededOf(key), new Set(keys.map(({ secret }) => secret.join())).size]
    return different < needed
      ? new Stop(
          'secrets',
          `only ${different} of the ${needed} keys that are needed: ${files}`,
          readAgain(flags, { key: `${files} MORE` }),
        )
      : new Stop(
          'secrets',
          keys.length === 1 ? 'this key opens none of it' : 'these keys open none of it',
          readAgain(flags, { key: 'ANOTHER' }),
        )
  }
  const others = [...tally.otherModes].join(', ')
  const mode = `${files}: for ${key.mode}, and what is sealed here is for ${others}`
  return others === '' ? null : new Stop('secrets', mode, readAgain(flags, { key: 'ANOTHER' }))
}

export function evidenceIn(
  { archive, store }: Pick<DeskFlags, 'archive' | 'store'>,
  hint = 'doormat authority open --key escrow.key --archive passed.archive',
): Evidence {
  if (archive !== undefined && store === undefined) return archiveEvidence(archive)
  if (store !== undefined && archive === undefined) return storeEvidence(store)
  throw new Stop('user', "give an archive, or a copy of a relay's store", hint)
}

export function report({ envelopes, opened, withoutStanza, notOurs, cutOffBytes }: Tally): void {
  tell(
    `opened ${opened} of ${envelopes} envelopes; ${withoutStanza} hold nothing for this mode, ${notOurs} something that this key does not open`,
  )
  const cutOff = incompleteness({ cutOffBytes })
  if (cutOff !== null) tell(cutOff)
}
