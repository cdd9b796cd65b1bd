import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modeCalled, modes } from '../../../crypto/access/index.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { emptyTally, openEvidence, readKeys, type Tally } from '../../authority/desk.ts'
import { archiveEvidence, type Evidence, storeEvidence } from '../../authority/evidence.ts'
import { writeKeyFiles } from '../../authority/key-file.ts'
import { asHtml, asText, byConversation, transcriber, type TranscriptLine } from '../../authority/transcript.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../terminal.ts'
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
      `the operator has a part in ${flags.mode}: doormat authority instrument --mode ${flags.mode} --key ${flags.out}`,
    )
}

const warningOf = (mode: string) =>
  modeCalled(mode).tapping
    ? 'Whoever has a copy of it reads what every tap of it has caught.'
    : 'Whoever has a copy of it reads everything sealed to it.'

export function open(flags: DeskFlags): void {
  report(
    each(flags, (line) => print(flags.json ? safeJson(line) : asText(line, visible))),
    flags.key.length,
  )
}

export function search(words: string, flags: DeskFlags): void {
  const wanted = words.toLocaleLowerCase('en')
  let found = 0
  const tally = each(flags, (line) => {
    if (!line.text.toLocaleLowerCase('en').includes(wanted)) return
    found += 1
    print(flags.json ? safeJson(line) : asText(line, visible))
  })
  tell(`${found} of ${tally.opened} opened messages hold ${JSON.stringify(visible(words))}`)
  report(tally, flags.key.length)
}

export function exportTranscript(flags: DeskFlags & { readonly out: string }): void {
  const lines: TranscriptLine[] = []
  const tally = each(flags, (line) => lines.push(line))
  mustBeEmpty(flags.out, 'doormat authority export --out ANOTHER')
  writeTranscript(flags.out, lines)
  const conversations = byConversation(lines).size
  print(`${plural(lines.length, 'message')} in ${plural(conversations, 'conversation')} written to ${flags.out}`)
  report(tally, flags.key.length)
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

/** Reads the evidence from front to end, with progress for long work. */
function each(flags: DeskFlags, use: (line: TranscriptLine) => void): Tally {
  const keys = readKeys(flags.key)
  const tally = emptyTally()
  const lineOf = transcriber()
  let progress = Date.now() + 2000
  for (const reading of openEvidence(evidenceIn(flags), keys, tally)) {
    const line = lineOf(reading)
    if (line && (flags.person === undefined || line.from === flags.person || line.to === flags.person)) use(line)
    if (Date.now() < progress) continue
    tell(`… ${tally.opened} of ${tally.envelopes} envelopes opened so far`)
    progress = Date.now() + 2000
  }
  return tally
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

export function report({ envelopes, opened, withoutStanza, notOurs, cutOffBytes }: Tally, keys: number): void {
  tell(
    `opened ${opened} of ${envelopes} envelopes; ${withoutStanza} hold nothing for this mode, ${notOurs} something that this key does not open`,
  )
  if (cutOffBytes > 0) tell(`the archive ends in the middle of a record: ${cutOffBytes} bytes left out`)
  if (opened === 0 && notOurs > 0)
    throw new Stop('secrets', keys === 1 ? 'this key opens none of it' : `these ${keys} keys open none of it together`)
}
