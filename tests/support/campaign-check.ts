import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { nonceSizeBytes } from '../../crypto/aead.ts'
import { archiveEvidence } from '../../client/authority/evidence.ts'
import type { Letters, Person } from './campaign.ts'
import type { Entry } from './history.ts'

const repeated = <T>(list: readonly T[]): T[] => list.filter((one, i) => list.indexOf(one) !== i)

const messages = ({ history }: Person, peer: string, direction: 'in' | 'out') =>
  history.filter((entry) => entry.kind === 'message' && entry.peer === peer && entry.direction === direction)

/** of one's own messages; whatever else one is said to be, the relay has it, or had it */
const notAtRelay = new Set(['waiting', 'sealed', 'failed'])

function personCalled(name: string, people: readonly Person[]): Person {
  const person = people.find((one) => one.name === name)
  if (!person) throw new Error(`nobody is called ${name}`)
  return person
}

/** What came of one person's messages to another: each fault in words, none where the promise is kept. */
export function lettersFaults(letters: Letters, people: readonly Person[]): string[] {
  const { from, to, written, acknowledged } = letters
  const out = messages(personCalled(from, people), to, 'out')
  const incoming = messages(personCalled(to, people), from, 'in')
  const [sent, got] = [
    out.filter(({ state = '' }) => !notAtRelay.has(state)).map(({ id }) => id),
    incoming.map(({ id }) => id),
  ]
  const lost = sent.filter((id) => !got.includes(id))
  const shownMissing = missingNumbers(personCalled(to, people).history, from)
  return [
    ...written.filter((id) => !acknowledged.has(id)).map((id) => `${id} was never acknowledged`),
    ...[...acknowledged]
      .filter((id) => !sent.includes(id))
      .map((id) => `${id} was acknowledged, and is not sent in the history`),
    ...repeated(sent).map((id) => `${id} is twice in the history of ${from}`),
    ...repeated(got).map((id) => `${id} is twice in the history of ${to}`),
    ...got.filter((id) => !written.includes(id ?? '')).map((id) => `${id} was never written`),
    ...(lost.length === shownMissing
      ? []
      : [`${lost.length} are lost, and gaps show ${shownMissing}: ${lost.join(', ')}`]),
    ...orderFaults(personCalled(to, people).history, from, written),
  ]
}

/** How many of somebody's messages the notices of gaps say are missing, without those that came late. */
function missingNumbers(history: readonly Entry[], peer: string): number {
  const of = (kind: string) => history.filter((entry) => entry.kind === kind && entry.peer === peer)
  return of('gap').reduce((sum, { number }) => sum + (number ?? 0), 0) - of('late').length
}

/** What is out of the order of writing without a notice before it that says so. */
function orderFaults(history: readonly Entry[], peer: string, written: readonly string[]): string[] {
  const faults: string[] = []
  let last = -1
  let late = false
  for (const { kind, id } of history.filter((entry) => entry.peer === peer && entry.direction !== 'out')) {
    if (kind === 'late') late = true
    if (kind !== 'message') continue
    const place = written.indexOf(id ?? '')
    if (place < last && !late) faults.push(`${id} came after ${written[last]}`)
    last = Math.max(last, place)
    late = false
  }
  return faults
}

/** Whether `listen`, over all its lives, printed each entry once that the history holds for it, up to the last it came to. */
export function listenerFaults({ name, history, heard }: Person): string[] {
  const printed = heard.map(({ sequence }) => sequence)
  const wanted = history
    .filter(({ kind, direction }) => kind !== 'message' || direction === 'in')
    .map(({ sequence }) => sequence)
    .filter((sequence) => sequence <= Math.max(...printed))
  if (printed.join() === wanted.join()) return []
  return [`listen printed ${printed.join()} of ${name}, and the history holds ${wanted.join()}`]
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** At most one of a thing for each name; who is second is told of. */
class Ledger {
  readonly reused: string[] = []
  readonly #owners = new Map<string, string>()

  enter(name: string, owner: string): void {
    const known = this.#owners.get(name)
    if (known === undefined) this.#owners.set(name, owner)
    else if (known !== owner) this.reused.push(name)
  }
}

/**
 * Reads all envelopes there have been, and what the devices wrote down of their encrypting.
 * @param keys the path of what preload-keys.mjs wrote
 */
export function readEnvelopes(
  submitted: readonly Uint8Array[],
  delivered: readonly Uint8Array[],
  archive: string,
  keys: string,
) {
  const archived = [...archiveEvidence(archive)].map(({ bytes }) => bytes)
  const ledger = new Ledger()
  const keyOf = new Map<string, string>()
  for (const line of readFileSync(keys, 'utf8').split('\n').filter(Boolean)) {
    const [key = '', nonce = '', ciphertext = ''] = line.split(' ')
    ledger.enter(`key and nonce ${key} ${nonce}`, ciphertext)
    keyOf.set(ciphertext, key)
  }
  const all = new Map([...archived, ...submitted, ...delivered].map((bytes) => [digestOf(bytes), bytes]))
  let unknown = 0
  for (const [envelope, bytes] of all) {
    const { nonce, ciphertext, encryptedHeader } = decodeEnvelope(bytes)
    const messageKey = keyOf.get(digestOf(ciphertext))
    const headerKey = keyOf.get(digestOf(encryptedHeader.subarray(nonceSizeBytes)))
    if (messageKey === undefined || headerKey === undefined) unknown += 1
    else ledger.enter(`message key ${messageKey}`, envelope)
    for (const one of [nonce, encryptedHeader.subarray(0, nonceSizeBytes)])
      ledger.enter(`nonce ${hexOf(one)}`, envelope)
  }
  const kept = new Set(archived.map(digestOf))
  return {
    count: all.size,
    /** keys and nonces under which two different things were encrypted */
    reused: ledger.reused,
    /** envelopes of which no device wrote down that it made them */
    unknown,
    /** envelopes that the relay delivered and that its archive does not have */
    unarchived: delivered.filter((bytes) => !kept.has(digestOf(bytes))).length,
  }
}
