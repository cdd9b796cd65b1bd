import { decodeEnvelope } from '../../../crypto/envelope.ts'
import type { SecretKeyFile } from '../../authority/key-file.ts'
import { contentWithin } from '../../authority/order/execute.ts'
import type { Evidence } from '../../authority/evidence.ts'
import type { Extent } from '../../authority/order/extent.ts'
import type { CirclePlayed, CircleTruth, Stretch } from '../simulation/circle.ts'
import { isOpened } from './files.ts'
import { ifItOpens } from './reading.ts'

/** What somebody has opened of a group. */
export interface CircleReading {
  /** each text once, however many envelopes carry it */
  readonly texts: readonly CircleTruth[]
  /** that opened, and carry these texts */
  readonly envelopes: number
}

/**
 * Everything that the secrets of one stretch open of everything that passed, each reading held against the truth.
 * @throws Error for a reading that nobody sent: the measurement is void then
 */
export function openCircle(played: CirclePlayed, { ring: { mode, secrets } }: Stretch): CircleReading {
  const texts = new Map<string, CircleTruth>()
  let envelopes = 0
  if (secrets.length === 0) return { texts: [], envelopes }
  const reader = mode.reader(secrets.map(({ bytes }) => bytes))
  for (const recorded of played.archive) {
    const content = ifItOpens(() => reader.read(recorded, decodeEnvelope(recorded.bytes)))?.content
    if (content?.kind !== 'group') continue
    envelopes += 1
    texts.set(content.id, heldAgainst(played, { ...content, from: recorded.fromUser }))
  }
  return { texts: [...texts.values()], envelopes }
}

/** What the order desk hands over for an order for the target, in the days of a stretch, and of which of it the file opens; held against the truth as well. */
export function orderedFrom(
  played: CirclePlayed,
  { mode, ring, window }: Stretch,
): { readonly texts: readonly CircleTruth[]; readonly files: readonly CircleTruth[]; readonly extent: Extent } {
  const keys = ring.secrets.map(({ bytes }): SecretKeyFile => ({ mode: mode.id, secret: bytes }))
  if (keys.length === 0) return { texts: [], files: [], extent: { messages: 0, people: 0 } }
  const { lines, extent } = contentWithin({ person: played.target, window }, evidenceOf(played), keys)
  const texts = lines.map((line) => heldAgainst(played, line))
  const files = texts.filter((said, i) => {
    const attachment = lines[i]?.attachment
    return attachment ? isOpened(played, said, attachment) : false
  })
  return { texts, files, extent }
}

function* evidenceOf({ archive }: CirclePlayed): Evidence {
  yield* archive
  return { cutOffBytes: 0 }
}

interface Claim {
  readonly id: string
  readonly from: string
  readonly text: string
}

function heldAgainst({ truth }: CirclePlayed, { id, from, text }: Claim): CircleTruth {
  const said = truth.get(id)
  if (!said || said.from !== from || said.sent !== text) throw new Error(`a reading that nobody sent: ${id}`)
  return said
}
