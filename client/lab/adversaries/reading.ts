import type { Attachment } from '../../../crypto/attachment.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { hex } from '../../../crypto/bytes.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { forgingTrial } from './forging.ts'
import type { KeyRing } from '../simulation/operator.ts'
import type { Played } from '../simulation/played.ts'
import type { Truth } from '../simulation/truth.ts'

/** A message that was decrypted, and what was sent: the same, but for who encrypts first the same as what was said. */
export interface Opening {
  readonly recorded: RecordedEnvelope
  readonly said: Truth
  /** what it says of its file; null where it has none */
  readonly attachment: Attachment | null
}

export interface Reading {
  readonly openings: readonly Opening[]
  /** how often a reader was handed an envelope */
  readonly tried: number
  /** without the forgeries */
  readonly seconds: number
  /** whether a device took a forgery; null: there was nothing to begin with */
  readonly forged: boolean | null
}

interface Remembered {
  readonly envelopes: readonly RecordedEnvelope[]
  readonly secrets: string
  /** what forgeries are tried on */
  readonly mail: readonly RecordedEnvelope[]
  readonly reading: Reading
}

const remembered = new WeakMap<Played['truth'], Remembered[]>()

/**
 * What somebody opens who has these secrets and these envelopes, each held against the truth; and their forgeries. The same
 * hands are not asked twice: several adversaries differ only in how they came by them.
 * @throws Error for a reading that nobody sent: the measurement is void then
 */
export function readWithRings(
  played: Played,
  envelopes: readonly RecordedEnvelope[],
  rings: readonly KeyRing[],
): Reading {
  const { truth } = played
  const mail = played.breach.undelivered
  const secrets = rings.map((ring) => [ring.mode.id, ...ring.secrets.map(({ bytes }) => hex(bytes))].join()).join(' ')
  const known = remembered.get(truth) ?? []
  const same = known.find((one) => one.envelopes === envelopes && one.secrets === secrets && one.mail === mail)
  if (same) return same.reading
  const reading = readAnew(played, envelopes, rings)
  remembered.set(truth, [...known, { envelopes, secrets, mail, reading }])
  return reading
}

function readAnew(played: Played, envelopes: readonly RecordedEnvelope[], rings: readonly KeyRing[]): Reading {
  const readers = rings.map(({ mode, secrets }) => mode.reader(secrets.map(({ bytes }) => bytes)))
  const begun = performance.now()
  const trial = forgingTrial(played)
  const openings: Opening[] = []
  for (const recorded of readers.length > 0 ? envelopes : []) {
    const envelope = decodeEnvelope(recorded.bytes)
    for (const reader of readers) {
      const content = ifItOpens(() => reader.read(recorded, envelope))?.content
      trial.attempt(reader, recorded, envelope)
      if (content?.kind !== 'text' && content?.kind !== 'copy') continue
      const to = content.kind === 'copy' ? content.to : recorded.toUser
      const said = truthOf(played, content)
      if (said.from !== recorded.fromUser || said.to !== to) throw unsaid(content)
      openings.push({ recorded, said, attachment: content.attachment ?? null })
    }
  }
  return {
    openings,
    tried: readers.length * envelopes.length,
    seconds: (performance.now() - begun) / 1000 - trial.seconds(),
    forged: trial.accepted(),
  }
}

/** What was sent under that id. @throws Error when it was something else, or nothing */
export function truthOf({ truth }: Played, { id, text }: { readonly id: string; readonly text: string }): Truth {
  const said = truth.get(id)
  if (!said || said.sent !== text) throw unsaid({ id })
  return said
}

const unsaid = ({ id }: { readonly id: string }) => new Error(`a reading that nobody sent: ${id}`)

export function ifItOpens<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

/** Whether somebody read what was said, and not the ciphertext that it had been made before. */
export const isUnderstood = ({ said, sent }: Truth): boolean => said === sent
