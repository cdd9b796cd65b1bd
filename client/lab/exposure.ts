import type { ModeSecret, RecordedEnvelope } from '../../crypto/access/mode.ts'
import { decodeContent } from '../../crypto/content.ts'
import { encryptAead, tagSizeBytes } from '../../crypto/aead.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { EncryptionKey } from '../../crypto/keys.ts'
import { unpad } from '../../crypto/padding.ts'
import { type Phase, phases, type Played, type Truth } from './play.ts'

/** All that an adversary has: nothing else reaches `measure`. */
export interface Hands {
  readonly envelopes: readonly RecordedEnvelope[]
  readonly secrets: readonly ModeSecret[]
}

export interface Adversary {
  readonly id: string
  readonly holds: string
  /** null: this mode has nothing that this adversary could hold */
  hands(played: Played): Hands | null
}

export interface Share {
  readonly read: number
  readonly of: number
}

/** What one adversary read of one run, every reading compared with the truth. */
export interface Cell {
  readonly mode: string
  readonly adversary: string
  readonly status: 'measured' | 'not applicable'
  readonly messages: Readonly<Record<Phase, Share>>
  readonly conversations: Share
  /** who wrote or got something that was read: the order's target, those who talk with them, everybody else */
  readonly people: { readonly target: Share; readonly partners: Share; readonly strangers: Share }
  /** opened, and still a ciphertext: somebody had encrypted first */
  readonly stillSealed: number
  readonly seconds: number
}

/**
 * Lets an adversary read what their hands open.
 * @throws Error for a reading that was never said so: the measurement is void then
 */
export function measure(played: Played, adversary: Adversary): Cell {
  const hands = adversary.hands(played)
  const begun = performance.now()
  const read = hands ? readAll(played, hands) : new Map<string, Truth>()
  const understood = [...read.values()].filter(({ said, sent }) => said === sent)
  const sayings = [...played.truth.values()]
  const inPhase = (all: readonly Truth[], phase: Phase) => all.filter((one) => one.phase === phase).length
  const messages = Object.fromEntries(
    phases.map((phase) => [phase, { read: inPhase(understood, phase), of: inPhase(sayings, phase) }]),
  ) as Record<Phase, Share>
  return {
    mode: played.mode.id,
    adversary: adversary.id,
    status: hands ? 'measured' : 'not applicable',
    messages,
    conversations: { read: pairsOf(understood).size, of: pairsOf(sayings).size },
    people: peopleOf(played, understood),
    stillSealed: read.size - understood.length,
    seconds: (performance.now() - begun) / 1000,
  }
}

function readAll({ mode, truth }: Played, { envelopes, secrets }: Hands): Map<string, Truth> {
  const reader = mode.reader(secrets.map(({ bytes }) => bytes))
  const read = new Map<string, Truth>()
  for (const recorded of envelopes) {
    const content = ifItOpens(() => reader.read(recorded, decodeEnvelope(recorded.bytes)))?.content
    if (content?.kind !== 'text' && content?.kind !== 'copy') continue
    const to = content.kind === 'copy' ? content.to : recorded.toUser
    const said = truth.get(content.id)
    if (!said || said.sent !== content.text || said.from !== recorded.fromUser || said.to !== to)
      throw new Error(`a reading that nobody sent: ${content.id}`)
    read.set(content.id, said)
  }
  return read
}

function ifItOpens<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

const pairOf = ({ from, to }: Truth) => [from, to].sort().join(' ')
const pairsOf = (all: readonly Truth[]) => new Set(all.map(pairOf))

function peopleOf({ world: { target, people, messages } }: Played, understood: readonly Truth[]): Cell['people'] {
  const partners = new Set(messages.flatMap(({ from, to }) => (from === target ? [to] : to === target ? [from] : [])))
  const touched = new Set(understood.flatMap(({ from, to }) => [from, to]))
  const share = (those: readonly string[]): Share => ({
    read: those.filter((name) => touched.has(name)).length,
    of: those.length,
  })
  const others = people.map(({ name }) => name).filter((name) => name !== target && !partners.has(name))
  return { target: share([target]), partners: share([...partners]), strangers: share(others) }
}

/**
 * The positive control of every zero: the one encryption key that a witness kept, tried on every envelope as somebody
 * would who has it and nothing else. It must open its own message, and no other.
 * @returns how many it opened
 * @throws Error when it opens anything else, or not what was sent
 */
export function tryControl({ archive, control, truth }: Played): number {
  let opened = 0
  for (const { bytes } of archive) {
    const content = ifItOpens(() => openBody(control.encryptionKey, bytes))
    if (!content) continue
    if (content.id !== control.id || content.text !== truth.get(control.id)?.sent)
      throw new Error('the kept key opens a message that it was not kept for')
    opened += 1
  }
  return opened
}

/** Without associated data, and so without the tag: encrypting zeros gives the keystream, and a body shows by its form. */
function openBody(encryptionKey: EncryptionKey, bytes: Uint8Array) {
  const { nonce, ciphertext } = decodeEnvelope(bytes)
  const zeros = new Uint8Array(ciphertext.length - tagSizeBytes)
  const stream = encryptAead(encryptionKey, nonce, zeros)
  return decodeContent(unpad(ciphertext.subarray(0, zeros.length).map((byte, i) => byte ^ (stream[i] ?? 0))))
}
