import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modeCalled, modes } from '../../../crypto/access/index.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { emptyTally, neededOf, openEvidence, readKeys, type Tally } from '../../authority/desk.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { archiveEvidence, type Evidence, storeEvidence } from '../../authority/evidence.ts'
import { type SecretKeyFile, writeKeyFiles } from '../../authority/key-file.ts'
import { asHtml, asText, byConversation, transcriber, type TranscriptLine } from '../../authority/transcript.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../output.ts'
import { safeJson, visible } from '../visible.ts'

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
  conclude(each(flags, (line) => print(flags.json ? safeJson(line) : asText(line, visible))))
}

export function search(words: string, flags: DeskFlags): void {
  const wanted = words.toLocaleLowerCase('en')
  let found = 0
  const read = each(flags, (line) => {
    if (!line.text.toLocaleLowerCase('en').includes(wanted)) return
    found += 1
    print(flags.json ? safeJson(line) : asText(line, visible))
  })
  tell(`${found} of ${read.tally.opened} opened messages hold ${JSON.stringify(visible(words))}`)
  conclude(read)
}

/** Writes what could be read, also where the evidence breaks off; and nothing at all where nothing could be opened. */
export function exportTranscript(flags: DeskFlags & { readonly out: string }): void {
  mustBeEmpty(flags.out, 'doormat authority export --out ANOTHER')
  const lines: TranscriptLine[] = []
  const read = each(flags, (line) => lines.push(line))
  if (lines.length > 0 || !read.fault) {
    writeTranscript(flags.out, lines)
    const conversations = byConversation(lines).size
    print(`${plural(lines.length, 'message')} in ${plural(conversations, 'conversation')} written to ${flags.out}`)
  }
  conclude(read)
}

export function mustBeEmpty(folder: string, hint: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Stop('user', `there is something in ${folder} already`, hint)
}

export function writeTranscript(folder: string, lines: readonly TranscriptLine[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  write('transcript.txt', lines.map((line) => `${asText(line, visible)}\n`).join(''))
  write('transcript.json', `[\n${lines.map((line) => safeJson(line)).join(',\n')}\n]\n`)
  write('transcript.html', asHtml(lines, visible))
}

/** What came of it, and what has to be said of it once everything that could be read has been used. */
interface Read {
  readonly tally: Tally
  readonly fault: Error | null
}

/** Reads the evidence from front to end, with progress for long work. */
function each(flags: DeskFlags, use: (line: TranscriptLine) => void): Read {
  const keys = hinting(readAgain(flags, { key: 'ANOTHER' }), () => readKeys(flags.key))
  const tally = emptyTally()
  const lineOf = transcriber()
  let progress = Date.now() + 2000
  const damage = damageIn(tally, readAgain(flags, { evidence: 'ANOTHER' }), () => {
    for (const reading of openEvidence(evidenceIn(flags), keys, tally)) {
      const line = lineOf(reading)
      if (line && (flags.person === undefined || line.from === flags.person || line.to === flags.person)) use(line)
      if (Date.now() < progress) continue
      tell(`… ${tally.opened} of ${tally.envelopes} envelopes opened so far`)
      progress = Date.now() + 2000
    }
  })
  return { tally, fault: damage ?? lackOf(tally, keys, flags) }
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

export const plural = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`

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
  if (cutOffBytes > 0) tell(`the archive ends in the middle of a record: its last ${cutOffBytes} bytes are left out`)
}
