import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { base64url, concat, fromBase64url, hex, utf8 } from '../../../crypto/bytes.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import { readSecretKey } from '../../authority/key-file.ts'
import { tryEverything } from '../../authority/trial.ts'
import { finish } from '../running.ts'
import { controlEnvelope } from './control.ts'
import { conversations, target } from './people.ts'
import { expect, say, type Stage } from './stage.ts'

/** One message as `doormat authority open --json` printed it. */
export interface Read {
  readonly line: string
  readonly from: string
  readonly to: string
  readonly text: string
}

/** Everything that stands in the relay's hands: its folder and its archive. */
function relayBytes({ folder }: Stage): Uint8Array[] {
  const files = readdirSync(join(folder, 'relay')).map((name) => join(folder, 'relay', name))
  return [...files, join(folder, 'passed.archive')].map((path) => readFileSync(path))
}

/** A text inside something longer can begin at any of three places of a group; the letters at its edges depend on its neighbours. */
const base64urls = (text: string) =>
  [0, 1, 2].map((before) =>
    Buffer.from(base64url(concat(new Uint8Array(before), utf8(text))).slice(before === 0 ? 0 : before + 1, -2)),
  )

/** Looks for texts in everything the relay has, in four encodings; a name that must be there shows that looking works. */
export function searchFor(stage: Stage, texts: readonly string[]): void {
  const haystacks = relayBytes(stage).map((bytes) => Buffer.from(bytes))
  const forms = (text: string) => [
    Buffer.from(text),
    ...base64urls(text),
    Buffer.from(hex(utf8(text))),
    Buffer.from(text, 'utf16le'),
  ]
  const found = (text: string) => haystacks.some((haystack) => forms(text).some((form) => haystack.includes(form)))
  const hits = texts.filter(found).length
  const [name] = target
  expect(hits === 0, 'a text stands in what the relay has')
  expect(found(name), 'looking for what must be there found nothing')
  say(
    `Searched all files of the relay for the ${texts.length} texts, raw, base64url, hex and UTF-16: ${hits} found. The name "${name}" is found: who talks to whom it does see.`,
  )
}

/** Tries every secret that relay and authority hold on every envelope, with a control that must open. */
export function tryKeys(stage: Stage): void {
  const read = (name: string) => fromBase64url(readFileSync(join(stage.folder, 'relay', name), 'utf8').trim())
  const secrets = [readSecretKey(join(stage.folder, 'escrow.key')).secret, read('policy.key'), read('operator.token')]
  const control = controlEnvelope(systemRandom)
  const recorded = [...archiveEvidence(join(stage.folder, 'passed.archive'))]
  const tried = tryEverything(recorded, secrets)
  const controlled = tryEverything([...recorded, control.recorded], [...secrets, control.messageKey])
  expect(tried.opened === 0 && controlled.opened === 1, 'trying keys opened something, or did not open the control')
  say(
    `Tried the escrow key, the relay's policy key and its operator's token on ${tried.envelopes} envelopes, as mode secret, message key and encryption key: ${tried.opened} open.`,
  )
  say(
    `Control: with one more envelope whose message key was kept, the same trying opens ${controlled.opened} of ${controlled.envelopes}.`,
  )
}

export async function readAll(cwd: string): Promise<readonly Read[]> {
  const lines = await finish(
    'authority',
    ['authority', 'open', '--archive', 'passed.archive', '--key', 'escrow.key', '--json'],
    cwd,
  )
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => ({ ...(JSON.parse(line) as Omit<Read, 'line'>), line }))
}

/** Two files in an empty folder: nothing else is needed. */
export async function theft(stage: Stage): Promise<readonly Read[]> {
  const den = join(stage.folder, 'den')
  mkdirSync(den)
  for (const name of ['escrow.key', 'passed.archive']) copyFileSync(join(stage.folder, name), join(den, name))
  return readAll(den)
}

/** Who was read, conversation by conversation, counted from what the key opened. */
export function tableOf(readings: readonly Read[]): string[] {
  const rows = conversations.map(({ what, people }) => {
    const read = readings.filter(({ from }) => people.some((name) => name === from)).length
    const ordered = people === target
    return { what, people: people.join(', '), read, ordered }
  })
  const row = (what: string, people: string, read: string, ordered: string) =>
    `  ${what.padEnd(52)}${people.padEnd(14)}${read.padStart(6)}   ${ordered}`
  const opened = rows.filter(({ read }) => read > 0)
  const strangers = [...new Set(readings.flatMap(({ from, to }) => [from, to]))].filter(
    (name) => !target.some((one) => one === name),
  )
  return [
    row('conversation', 'people', 'read', 'under the order'),
    ...rows.map(({ what, people, read, ordered }) => row(what, people, String(read), ordered ? 'yes' : 'NO')),
    `  The key opens ${opened.length} of ${rows.length} conversations. People read who were never targets: ${strangers.length} (${strangers.sort().join(', ')}).`,
  ]
}
