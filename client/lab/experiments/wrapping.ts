import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { splitEscrow } from '../../../crypto/access/split-escrow.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import { createAccount } from '../../../crypto/identity.ts'
import {
  type ChainKey,
  type Digest,
  type EncryptionKey,
  type HeaderKey,
  keySizeBytes,
  type StanzaSeed,
} from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import type { StanzaInput } from '../../../crypto/seams.ts'
import { currentSuite } from '../../../crypto/suites.ts'
import type { ModeRun } from '../runs/mode-run.ts'
import { seededRandom } from '../simulation/random.ts'
import { grouped } from '../../words/counted.ts'
import type { Experiment } from './experiment.ts'
import { titles } from './titles.ts'
import { capital, nameOf } from './words.ts'

export interface WrappingRow {
  readonly mode: string
  /** that the stanza adds to a message */
  readonly bytes: number
  /** to make it once; the median of several rounds */
  readonly microseconds: number
}

const rounds = 9
const sealingsARound = 20

/** What splitting the key costs each message. Null unless both modes were run. */
export function wrapping(runs: readonly ModeRun[], seed: string): Experiment | null {
  const measured = [messageKeyEscrow, splitEscrow].flatMap((mode) => runs.filter(({ result }) => result.id === mode.id))
  const [plain, split] = timed(measured, seed)
  if (!plain || !split) return null
  return {
    id: 'custodians-cost',
    title: titles['custodians-cost'],
    claims: [18],
    question: 'Does it cost more to use a key that is split among custodians than one that is not?',
    method: `The bytes are those of the stanzas that passed in the matrix. The two modes seal with different ciphers, so the difference in bytes is theirs and not the price of splitting. Times are in the report of a run only, not in docs/findings.md, because they are one machine’s: ${rounds} rounds of ${sealingsARound} sealings for each mode in turn, of which the median round counts. A sender seals each message once, and a complying recipient seals it once more to compare.`,
    columns: ['mode', 'bytes a message', 'ms to seal (this machine)', 'times the ms of the first (this machine)'],
    rows: [plain, split].map(({ mode, bytes, microseconds }) => [
      mode,
      bytes,
      Math.round(microseconds) / 1000,
      Math.round((100 * microseconds) / plain.microseconds) / 100,
    ]),
    verdict: wrappingVerdict(plain, split),
    evidence: wrappingEvidence(plain, split),
    figures: { plain: plain.bytes, split: split.bytes },
  }
}

/** Of bytes alone, which are the same on every machine. */
export function wrappingVerdict(plain: WrappingRow, split: WrappingRow): string {
  const both = `${nameOf(split.mode)} adds ${grouped(split.bytes)} bytes to each message, ${nameOf(plain.mode)} ${grouped(plain.bytes)}`
  if (split.bytes === plain.bytes) return `Splitting the key costs nothing in bytes: ${both}.`
  if (split.bytes > plain.bytes) return `Splitting the key makes each message larger: ${both}.`
  return `Here splitting does not make messages larger, but the ciphers differ: ${both}.`
}

export const wrappingEvidence = (plain: WrappingRow, split: WrappingRow): string =>
  split.bytes < plain.bytes
    ? `${capital(nameOf(split.mode))} is smaller because it seals on an elliptic curve alone, without a part that would withstand a quantum computer (docs/access-modes.md).`
    : 'Both modes seal one key for each message.'

function timed(runs: readonly ModeRun[], seed: string): readonly WrappingRow[] {
  const random = seededRandom(`${seed} wrapping`)
  const sealers = runs.map(({ within }) => {
    const seams = within.mode.join(within.mode.setup(random).parameters)
    const inputs = Array.from({ length: sealingsARound }, () => someInput(random))
    const chainKey = random(keySizeBytes) as ChainKey
    return () => inputs.forEach((input) => seams.outgoing(() => input, chainKey))
  })
  const times = runs.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, seal] of sealers.entries()) {
      const begun = performance.now()
      seal()
      times[i]?.push(((performance.now() - begun) * 1000) / sealingsARound)
    }
  return runs.map(({ result, within }, i) => ({
    mode: result.id,
    bytes: within.archive.reduce((most, { bytes }) => Math.max(most, stanzaBytes(bytes)), 0),
    microseconds: median(times[i] ?? []),
  }))
}

const stanzaBytes = (envelope: Uint8Array) =>
  decodeEnvelope(envelope).stanzas.reduce((sum, { payload }) => sum + payload.length, 0)

const median = (figures: readonly number[]) =>
  [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] ?? 0

/** A message as a seam is told of one. */
function someInput(random: Random): StanzaInput {
  const bytes = () => random(keySizeBytes)
  return {
    encryptionKey: bytes() as EncryptionKey,
    seed: bytes() as StanzaSeed,
    context: bytes() as Digest,
    policy: { epoch: 1, digest: bytes() as Digest },
    sender: createAccount('ann', random).device.record,
    recipient: createAccount('ben', random).device.record,
    chain: {
      suite: currentSuite.number,
      transcript: bytes() as Digest,
      direction: 'initiator to responder',
      headerKey: bytes() as HeaderKey,
      index: 0,
      begins: () => true,
    },
  }
}
