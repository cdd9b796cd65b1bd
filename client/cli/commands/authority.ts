import { existsSync, readdirSync } from 'node:fs'
import { modeCalled, modes } from '../../../crypto/access/index.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { isUnfinished } from '../../../server/disk/whole-file.ts'
import { endsOf, type Filter, filterWords, isAskedFor } from '../../authority/filter.ts'
import { emptyTally, neededOf, openEvidence, readKeys, type Tally } from '../../authority/reading.ts'
import { type Count, countsText, createCount, summaryOf } from '../../authority/summary.ts'
import { stageTranscript } from '../../authority/transcript-folder.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { archiveEvidence, type Evidence, incompleteness, storeEvidence } from '../../authority/evidence.ts'
import { type SecretKeyFile, writeKeyFiles } from '../../authority/key-file.ts'
import {
  asObject,
  asText,
  byConversation,
  countOf,
  transcriber,
  type TranscriptLine,
  withoutEchoes,
} from '../../authority/transcript.ts'
import { folded } from '../../words/folded.ts'
import { Stop } from '../exit.ts'
import { modeName } from '../mode-words.ts'
import { timeIn } from '../instant.ts'
import { print, tell } from '../output.ts'
import { checkPerson } from '../person.ts'
import { onScreen } from '../layout.ts'
import { counted, grouped } from '../../words/counted.ts'
import { safeJson, visible } from '../../words/visible.ts'

export interface ReadingFlags {
  readonly key: readonly string[]
  readonly archive?: string
  readonly store?: string
  readonly person?: string
  readonly conversation?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

export function init(flags: { readonly mode: string; readonly out: string }): void {
  const known = modes.map(({ id }) => id)
  if (!known.includes(flags.mode))
    throw new Stop(
      'user',
      `there is no access mode ${visible(flags.mode)}; the modes are ${known.join(', ')}`,
      'doormat access modes',
    )
  const { parameters, secrets } = modeCalled(flags.mode).setup(systemRandom)
  if (secrets.length === 0)
    throw new Stop('user', `${flags.mode} has no key: nobody but the two ends can read`, 'doormat access modes')
  const bytes = secrets.map((secret) => secret.bytes)
  const { paths, publicPath } = writeKeyFiles(flags.out, flags.mode, bytes, parameters)
  const [only, ...others] = secrets
  say(`For ${modeName(flags.mode)}; doormat access modes lists the others.`)
  if (only && others.length === 0) say(`${flags.out}: the ${only.name}. ${warningOf(flags.mode)}`)
  else
    for (const [i, { name, holder, jurisdiction }] of secrets.entries())
      say(`${paths[i]}: ${name}, for ${holder}, ${jurisdiction}`)
  say(`${publicPath}: the public half, for the operator: doormat access on ${flags.mode} --authority-key ${publicPath}`)
  if (modeCalled(flags.mode).tapping)
    say(
      `The relay has to be told whom to tap: doormat authority instrument --mode ${flags.mode} --key ${flags.out} --person NAME`,
    )
}

const hanging = '  '

/** To whoever reads the result; a transcript is made harmless before it comes here. */
const say = (line: string) => onScreen(line, process.stdout, hanging).forEach(print)

const warningOf = (mode: string) =>
  modeCalled(mode).tapping
    ? 'Whoever has a copy of it can read what every tap of it has caught.'
    : 'Whoever has a copy of it can read everything sealed to it.'

export function open(flags: ReadingFlags): void {
  conclude(each(flags, (line) => printLine(line, flags)))
}

const printLine = (line: TranscriptLine, { json }: ReadingFlags) =>
  json ? print(safeJson(asObject(line))) : say(asText(line))

export function search(words: string, flags: ReadingFlags & { readonly exact?: boolean }): void {
  const form = flags.exact ? (text: string) => text : folded
  const wanted = form(words)
  if (folded(words) === '')
    throw new Stop('user', 'these words have nothing in them to look for', readAgain('search tuesday', flags, {}))
  let found = 0
  const read = each(flags, (line) => {
    if (![line.text, line.attachment?.name ?? ''].some((text) => form(text).includes(wanted))) return
    found += 1
    printLine(line, flags)
  })
  const { messages, copies } = read.count.all
  const holds = found === 1 ? 'contains' : 'contain'
  tell(`${found} of ${counted(messages + copies, 'message')} ${holds} ${JSON.stringify(visible(words))}.`)
  conclude(read)
}

/** Writes what could be read, also where the evidence breaks off; and nothing at all where nothing could be opened. */
export function exportTranscript(flags: ReadingFlags & { readonly out: string }): void {
  mustBeEmpty(flags.out, readAgain('export --out ANOTHER', flags, {}))
  const all: TranscriptLine[] = []
  const read = each(flags, (line) => all.push(line))
  const lines = withoutEchoes(all)
  if (lines.length > 0 || !read.fault) {
    const [incomplete, limits] = [incompleteness(read.tally), filterWords(read.filter)]
    const staged = stageTranscript(flags.out, { lines, incomplete, limits }, flags.archive ?? null)
    staged.commit()
    const conversations = byConversation(lines).size
    say(`Wrote ${countOf(lines)} in ${counted(conversations, 'conversation')} to ${flags.out}.`)
    if (staged.filesText !== null) say(staged.filesText)
  }
  conclude(read)
}

export function mustBeEmpty(folder: string, hint: string): void {
  if (existsSync(folder) && readdirSync(folder).some((name) => !isUnfinished(name)))
    throw new Stop('user', `there is something in ${folder} already`, hint)
}

/** What came of it, and what has to be said of it once everything that could be read has been used. */
interface Read {
  readonly tally: Tally
  readonly count: Count
  readonly keys: readonly SecretKeyFile[]
  readonly filter: Filter
  readonly fault: Error | null
}

/** Reads the evidence from front to end, with progress for long work. */
function each(flags: ReadingFlags, use: (line: TranscriptLine) => void): Read {
  const filter = filterIn(flags)
  const otherEvidence = readAgain('open', flags, { evidence: 'ANOTHER' })
  const keys = hinting(readAgain('open', flags, { key: 'ANOTHER' }), () => readKeys(flags.key))
  const [tally, count] = [emptyTally(), createCount()]
  const lineOf = transcriber()
  let progress = Date.now() + 2000
  const damage = damageIn(tally, otherEvidence, () => {
    for (const reading of openEvidence(evidenceIn(flags), keys, tally)) {
      const isAsked = isAskedFor(filter, endsOf(reading), reading.recorded.time)
      // whatever is asked for, it says what groups are called
      const line = isAsked || reading.content.kind === 'news' ? lineOf(reading) : null
      if (isAsked) {
        count.add(reading, line !== null)
        if (line) use(line)
      }
      if (Date.now() < progress) continue
      tell(`… opened ${grouped(tally.opened)} of ${counted(tally.envelopes, 'envelope')} so far`)
      progress = Date.now() + 2000
    }
  })
  const { lacks } = tally
  const incomplete = lacks === undefined ? null : new AuthorityError('bad-evidence', lacks, otherEvidence)
  return { tally, count, keys, filter, fault: damage ?? lackOf(tally, keys, flags) ?? incomplete }
}

/** @throws Stop for what names nobody, no two people, or no time */
function filterIn({ person, conversation, from, to }: ReadingFlags): Filter {
  const [one, other, ...more] = conversation ?? []
  if (conversation && (one === undefined || other === undefined || more.length > 0 || one === other))
    throw new Stop('user', '--conversation takes the names of two people')
  for (const name of [person, one, other]) if (name !== undefined) checkPerson(name)
  const window = { ...(from && { from: timeIn('from', from) }), ...(to && { to: timeIn('to', to) }) }
  if (window.from !== undefined && window.to !== undefined && window.from >= window.to)
    throw new Stop('user', `nothing lies between --from ${from} and --to ${to}: the first has to be earlier`)
  return {
    ...(person !== undefined && { person }),
    ...(one !== undefined && other !== undefined && { conversation: [one, other] as const }),
    ...window,
  }
}

function conclude({ tally, count, keys, fault }: Read): void {
  report(tally, count, keys)
  if (fault) throw fault
}

/** The command to try with something else in the place of what was wrong. */
function readAgain(
  verb: string,
  { key, archive, store }: Evident,
  instead: { readonly key?: string; readonly evidence?: string },
): string {
  const keys = instead.key ?? key.join(' ')
  const [option, file] = store === undefined ? ['--archive', archive] : ['--store', store]
  return `doormat authority ${verb} ${option} ${instead.evidence ?? file ?? 'passed.archive'} --key ${keys}`
}

type Evident = Pick<ReadingFlags, 'key' | 'archive' | 'store'>

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
    const { given, needed } = neededOf(keys)
    return given < needed
      ? new Stop(
          'secrets',
          `only ${given} of the ${needed} shares that are needed: ${files}`,
          readAgain('open', flags, { key: `${files} MORE` }),
        )
      : new Stop(
          'secrets',
          keys.length === 1 ? 'this key opens none of it' : 'these keys open none of it',
          readAgain('open', flags, { key: 'ANOTHER' }),
        )
  }
  const others = [...tally.otherModes].join(', ')
  const mode = `${files}: for ${key.mode}, and what is sealed here is for ${others}`
  return others === '' ? null : new Stop('secrets', mode, readAgain('open', flags, { key: 'ANOTHER' }))
}

export function evidenceIn(
  { archive, store }: Pick<ReadingFlags, 'archive' | 'store'>,
  hint = 'doormat authority open --key escrow.key --archive passed.archive',
): Evidence {
  if (archive !== undefined && store === undefined) return archiveEvidence(archive)
  if (store !== undefined && archive === undefined) return storeEvidence(store)
  throw new Stop('user', "say what to read: an archive, or a copy of a relay's store", hint)
}

const conversationsShown = 20

/** In sentences, and then by conversation. */
export function report(tally: Tally, count: Count, keys: readonly SecretKeyFile[]): void {
  const note = (line: string, rest = '') => onScreen(line, process.stderr, rest).forEach(tell)
  note(summaryOf(tally, count, keys).join(' '))
  const conversations = [...count.byConversation].map(([name, counts]) => [name, countsText(counts)] as const)
  const read = conversations.filter(([, text]) => text !== '').toSorted(([a], [b]) => a.localeCompare(b, 'en'))
  for (const [name, text] of read.slice(0, conversationsShown)) note(`  ${name}: ${text}`, '    ')
  if (read.length > conversationsShown) tell(`  and ${counted(read.length - conversationsShown, 'more conversation')}`)
  const cutOff = incompleteness({ cutOffBytes: tally.cutOffBytes })
  if (cutOff !== null) note(cutOff)
}
