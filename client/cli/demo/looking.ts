import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { base64url, concat, fromBase64url, hex, utf8 } from '../../../crypto/bytes.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import { readSecretKey } from '../../authority/key-file.ts'
import { tryEverything } from '../../authority/trial.ts'
import { finish } from '../running.ts'
import { controlEnvelope } from './control.ts'
import { target } from './people.ts'
import { command, expect, holds, type Stage } from './stage.ts'

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
  stage.narrator.say(
    `The relay keeps every envelope that passes. A search of all its files finds ${hits} of the ${texts.length} texts, in any of four encodings. It does find the name "${name}": a relay sees who writes to whom, and when.`,
  )
}

/** Tries every secret that relay and authority hold on every envelope, with a control that must open. */
export function tryKeys({ folder, narrator }: Stage): void {
  const read = (name: string) => fromBase64url(readFileSync(join(folder, 'relay', name), 'utf8').trim())
  const secrets = [readSecretKey(join(folder, 'escrow.key')).secret, read('policy.key'), read('operator.token')]
  const control = controlEnvelope(systemRandom)
  const recorded = [...archiveEvidence(join(folder, 'passed.archive'))]
  const tried = tryEverything(recorded, secrets)
  const controlled = tryEverything([...recorded, control.recorded], [...secrets, control.messageKey])
  expect(tried.opened === 0 && controlled.opened === 1, 'trying keys opened something, or did not open the control')
  narrator.say(
    `An authority makes an escrow key, which nothing is sealed to yet. That key and the relay's own secrets, tried on the ${tried.envelopes} envelopes, open ${tried.opened}. The same attempt opens ${controlled.opened} control message whose key was kept.`,
  )
}

export const open = ['authority', 'open', '--archive', 'passed.archive']

export async function readAll(cwd: string): Promise<readonly Read[]> {
  const lines = await finish('authority', [...open, '--json'], cwd)
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => ({ ...(JSON.parse(line) as Omit<Read, 'line'>), line }))
}

/** Everything that the key opens: as it is printed for a person, and as it can be compared. */
export async function openAll(stage: Stage, who = 'authority') {
  const printed = await command(stage, who, open)
  return { printed, readings: await readAll(stage.folder) }
}

/** How many of the texts were read. */
export const countRead = (readings: readonly Read[], texts: readonly string[]): number =>
  readings.filter(({ text }) => texts.includes(text)).length

/** The lines that a process printed of what these people said, in order. */
export const linesOf = (printed: readonly string[], readings: readonly Read[], people: readonly string[]): string[] => {
  const said = readings.filter(({ from }) => people.includes(from))
  return printed.filter((line) => said.some(({ text }) => holds(line, text)))
}
