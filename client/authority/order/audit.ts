import { z } from 'zod'
import {
  base64url,
  concat,
  equal,
  fromBase64url,
  fromHex,
  hex,
  textField,
  u32,
  u64,
  u8,
} from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { digest, labels, sign, verify } from '../../../crypto/kdf.ts'
import { type Digest, keySizeBytes, type SigningKey, type SigningSecret, sized } from '../../../crypto/keys.ts'
import { AuthorityError } from '../errors.ts'
import { asciiJson } from './json-file.ts'
import type { Kind, Path } from './law.ts'

/** What is written down: of the desk and its issuers first, then of orders. */
export const auditEvents = [
  'opened',
  'trusted',
  'revoked',
  'received',
  'accepted',
  'narrowed',
  'refused',
  'executed',
] as const

export type AuditEvent = (typeof auditEvents)[number]

/** As much of an order as the public may know: neither the person nor the serial. */
export interface OrderFacts {
  readonly digest: Digest
  readonly path: Path
  readonly kind: Kind
  /** what of its window counts, in milliseconds since 1970 */
  readonly from: number
  readonly to: number
}

export interface AuditFacts {
  /** the desk's clock, milliseconds since 1970 */
  readonly time: number
  readonly what: AuditEvent
  /** the state that asks; of the desk or the issuer, where it is about one */
  readonly jurisdiction: string
  readonly order: OrderFacts | null
  /** handed over, where it was executed; else 0 */
  readonly messages: number
  readonly people: number
  readonly note: string
}

export interface AuditEntry extends AuditFacts {
  /** 1, 2, 3 and on */
  readonly sequence: number
  /** digest of the entry before; 32 zero bytes in the first */
  readonly previous: Digest
  readonly digest: Digest
}

const nothing = new Uint8Array(keySizeBytes) as Digest

/**
 * sequence (8), time (8), what, jurisdiction, 0 or 1; after 1 the order's digest (32), path, kind, from (8), to (8);
 * messages (4), people (4), note, previous (32); each text behind its length
 */
const encodeEntry = ({ sequence, previous, order, ...facts }: Omit<AuditEntry, 'digest'>): Uint8Array =>
  concat(
    u64(sequence),
    u64(facts.time),
    textField(facts.what),
    textField(facts.jurisdiction),
    ...(order
      ? [u8(1), order.digest, textField(order.path), textField(order.kind), u64(order.from), u64(order.to)]
      : [u8(0)]),
    u32(facts.messages),
    u32(facts.people),
    textField(facts.note),
    previous,
  )

/** @param head the last entry, null before the first */
export function nextEntry(
  head: AuditEntry | null,
  facts: AuditFacts,
  secret: SigningSecret,
): { readonly entry: AuditEntry; readonly line: string } {
  const unsigned = { ...facts, sequence: (head?.sequence ?? 0) + 1, previous: head?.digest ?? nothing }
  const body = encodeEntry(unsigned)
  const entry = { ...unsigned, digest: digest(labels.auditEntry, body) }
  return { entry, line: renderEntry(entry, sign(labels.auditEntry, secret, body)) }
}

/** One line, which has one form only. */
function renderEntry({ order, ...entry }: AuditEntry, signature: Uint8Array): string {
  return asciiJson({
    sequence: entry.sequence,
    time: entry.time,
    what: entry.what,
    jurisdiction: entry.jurisdiction,
    order: order && hex(order.digest),
    path: order && order.path,
    kind: order && order.kind,
    from: order && order.from,
    to: order && order.to,
    messages: entry.messages,
    people: entry.people,
    note: entry.note,
    previous: hex(entry.previous),
    signature: base64url(signature),
  })
}

const count = z.number().int().min(0)
const lineSchema = z.object({
  sequence: count,
  time: count,
  what: z.enum(auditEvents),
  jurisdiction: z.string(),
  order: z.string().nullable(),
  path: z.enum(['direct', 'government']).nullable(),
  kind: z.enum(['content', 'metadata']).nullable(),
  from: count.nullable(),
  to: count.nullable(),
  messages: count.max(0xffff_ffff),
  people: count.max(0xffff_ffff),
  note: z.string(),
  previous: z.string(),
  signature: z.string(),
})

const lineFeed = 0x0a

export interface AuditLog {
  readonly entries: readonly AuditEntry[]
  /** bytes behind the last line end: the beginning of an entry that nobody was told of */
  readonly unfinishedBytes: number
}

/**
 * Reads a whole log, and checks every entry and that each follows the one before. What was cut off at the end cannot be
 * missed here: only somebody who remembers an entry's digest can.
 * @param name of the file, for errors
 * @throws AuthorityError `bad-audit-log`, with the line
 */
export function readAuditLog(bytes: Uint8Array, key: SigningKey, name: string): AuditLog {
  const end = bytes.lastIndexOf(lineFeed) + 1
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).split('\n')
  const entries: AuditEntry[] = []
  for (const [i, line] of lines.slice(0, -1).entries()) {
    const at = `${name}, line ${i + 1}`
    const { entry, signature } = readLine(line, at)
    checkSignature(entry, signature, key, at)
    if (entry.sequence !== i + 1)
      throw new AuthorityError(
        'bad-audit-log',
        `${at}: entry ${entry.sequence} stands where entry ${i + 1} belongs: an entry was removed, inserted or moved`,
      )
    if (!equal(entry.previous, entries.at(-1)?.digest ?? nothing))
      throw new AuthorityError('bad-audit-log', `${at}: it does not follow line ${i}: one of the two was changed`)
    entries.push(entry)
  }
  return { entries, unfinishedBytes: bytes.length - end }
}

function readLine(line: string, at: string): { entry: AuditEntry; signature: Uint8Array } {
  try {
    const read = lineSchema.parse(JSON.parse(line))
    const { sequence, time, what, jurisdiction, messages, people, note } = read
    const previous = sized<Digest>(fromHex(read.previous), keySizeBytes)
    const unsigned = { sequence, time, what, jurisdiction, messages, people, note, previous, order: orderIn(read) }
    const entry = { ...unsigned, digest: digest(labels.auditEntry, encodeEntry(unsigned)) }
    const signature = fromBase64url(read.signature)
    if (renderEntry(entry, signature) === line) return { entry, signature }
  } catch (error) {
    const expected = [SyntaxError, z.ZodError, CryptoError, RangeError]
    if (!expected.some((kind) => error instanceof kind)) throw error
  }
  throw new AuthorityError('bad-audit-log', `${at}: it is not an entry that an order desk writes`)
}

function orderIn({ order, path, kind, from, to }: z.output<typeof lineSchema>): OrderFacts | null {
  if (order === null || path === null || kind === null || from === null || to === null) return null
  return { digest: sized<Digest>(fromHex(order), keySizeBytes), path, kind, from, to }
}

function checkSignature(entry: AuditEntry, signature: Uint8Array, key: SigningKey, at: string): void {
  try {
    verify(labels.auditEntry, key, encodeEntry(entry), signature)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw new AuthorityError(
      'bad-audit-log',
      `${at}: the order desk's signature does not match: the entry was changed, or somebody else wrote it`,
    )
  }
}
