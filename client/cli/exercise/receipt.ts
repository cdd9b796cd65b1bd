import { z } from 'zod'
import about from '../../../package.json' with { type: 'json' }
import { base64url, concat, equal, fromBase64url, hex, textField, u32, u64, u8 } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { labels, sign, verify } from '../../../crypto/kdf.ts'
import { checkSigningKey, keySizeBytes, sized, type SigningKey, signingPairFrom } from '../../../crypto/keys.ts'
import { asciiJson } from '../../authority/order/json-file.ts'
import { folded } from '../../words/folded.ts'
import { Stop } from '../exit.ts'
import { partsOf, type Run } from './runs.ts'

/** What a student hands in of a run that was answered rightly. Times are milliseconds since 1970. */
export interface Receipt {
  /** the exercise and the number of the run: `wire-2` */
  readonly run: string
  readonly student: string
  /** the first right one, or what was given for it last */
  readonly answer: string
  readonly tries: number
  /** when the run was made */
  readonly started: number
  readonly solved: number
  /** what the run was made from; null where it was made by chance */
  readonly seed: string | null
  /** of the program that made the receipt */
  readonly version: string
  /** the run's own */
  readonly key: SigningKey
}

const format = 1
/** In characters. */
export const limits = { run: 40, student: 64, answer: 200, seed: 1000, version: 40 } as const
export const receiptMaximumBytes = 16_384
export const receiptEnding = '.receipt.json'

const text = (longest: number) => z.string().min(1).max(longest)
const moment = z.number().int().min(0).max(8.64e15)
const schema = z.strictObject({
  doormat: z.literal('exercise receipt'),
  run: text(limits.run).refine((name) => partsOf(name) !== null),
  student: text(limits.student),
  answer: text(limits.answer),
  tries: z.number().int().min(1).max(0xffffffff),
  started: moment,
  solved: moment,
  seed: text(limits.seed).nullable(),
  version: text(limits.version),
  key: z.string(),
  signature: z.string(),
})

/**
 * format (1), run, student, answer, tries (4), started (8), solved (8), 0 or 1 and the seed, version, key (32); each text
 * behind its length
 */
const encode = ({ run, student, answer, tries, started, solved, seed, version, key }: Receipt): Uint8Array =>
  concat(
    u8(format),
    ...[run, student, answer].map(textField),
    u32(tries),
    u64(started),
    u64(solved),
    ...(seed === null ? [u8(0)] : [u8(1), textField(seed)]),
    textField(version),
    key,
  )

/** A student's id as it stands in receipts. @throws Stop for one that nobody could see, or that is too long */
export function studentCalled(given: string): string {
  const id = given.trim()
  if (folded(id) === '' || id.length > limits.student || !id.isWellFormed())
    throw new Stop('user', `a student's id is a text of 1 to ${limits.student} characters`)
  return id
}

/** Where the receipt of a run is, within its folder: a name that no other run's has, so that a class can hand them in. */
export const receiptName = ({ name, record }: Run): string =>
  `${name}-${hex(signingPairFrom(fromBase64url(record.key)).public).slice(0, 8)}${receiptEnding}`

/**
 * The receipt of a run that is done, signed by the run's own key.
 * @returns null while it is not done, or nobody has said whose it is
 */
export function receiptOf({ name, record }: Run, answer: string): string | null {
  const { student, tries, started, done, seed } = record
  if (done === null || student === null) return null
  const pair = signingPairFrom(fromBase64url(record.key))
  const said = { run: name, student, answer, tries, started, solved: done, seed, version: about.version }
  const signature = sign(labels.receipt, pair.secret, encode({ ...said, key: pair.public }))
  const keys = { key: base64url(pair.public), signature: base64url(signature) }
  return `${asciiJson({ doormat: 'exercise receipt', ...said, ...keys }, 1)}\n`
}

/**
 * Takes a receipt from somebody: its form, and the signature.
 * @returns null for what is no receipt, `altered` where the run's key has not signed this
 */
export function openReceipt(given: string): Receipt | 'altered' | null {
  try {
    const { doormat: _kind, signature, ...said } = schema.parse(JSON.parse(given))
    const receipt = { ...said, key: checkSigningKey(sized<SigningKey>(fromBase64url(said.key), keySizeBytes)) }
    return isSigned(receipt, fromBase64url(signature)) ? receipt : 'altered'
  } catch (error) {
    const faults = [SyntaxError, z.ZodError, CryptoError, RangeError]
    if (faults.some((fault) => error instanceof fault)) return null
    throw error
  }
}

function isSigned(receipt: Receipt, signature: Uint8Array): boolean {
  try {
    verify(labels.receipt, receipt.key, encode(receipt), signature)
    return true
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

export const isSameReceipt = (one: Receipt, other: Receipt): boolean => equal(encode(one), encode(other))
