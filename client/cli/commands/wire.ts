import { modes } from '../../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { base64url, hex } from '../../../crypto/bytes.ts'
import { decodeEnvelope, type Envelope } from '../../../crypto/envelope.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { archiveEvidence, incompleteness, noting } from '../../authority/evidence.ts'
import { counted, grouped } from '../../words/counted.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { Stop } from '../exit.ts'
import { type Column, paragraph, table } from '../layout.ts'
import { print, tell } from '../output.ts'
import { checkPerson } from '../person.ts'

export interface WireFlags {
  readonly person?: string
  readonly sort: string
  readonly json?: boolean
}

/** One envelope as anybody on the way sees it: no key is needed for any of this. */
interface Row {
  /** from 1, in the order in which they passed */
  readonly number: number
  /** the relay's clock, milliseconds since 1970 */
  readonly time: number
  readonly from: string
  /** a device's id, in hex */
  readonly fromDevice: string
  readonly to: string
  readonly toDevice: string
  /** of the whole envelope */
  readonly bytes: number
  /** of the policy under which it was made; null where the bytes are no envelope, here and below */
  readonly epoch: number | null
  /** ids of the access modes whose stanzas it carries, as its sender named them */
  readonly modes: readonly string[] | null
  /** of all stanzas; 0 without */
  readonly stanzaBytes: number | null
  /** of the handshake that begins a session; 0 without */
  readonly handshakeBytes: number | null
}

/** Shows an archive as a table of envelopes; what stands before a damage is shown, and then told. */
export function wire(path: string, { person, sort, json }: WireFlags): void {
  if (person !== undefined) checkPerson(person)
  if (sort !== 'size' && sort !== 'time')
    throw new Stop(
      'user',
      `envelopes are sorted by size or by time, and not by ${visible(sort)}`,
      `doormat wire ${path}`,
    )
  const all: Row[] = []
  const envelopes: string[] = []
  const fault = read(path, (row, bytes) => {
    all.push(row)
    if (json) envelopes.push(base64url(bytes))
  })
  const rows = all.filter(({ from, to }) => person === undefined || from === person || to === person)
  if (sort === 'size') rows.sort((a, b) => b.bytes - a.bytes)
  if (json) for (const row of rows) print(safeJson({ ...row, envelope: envelopes[row.number - 1] }))
  else show(rows, all, path, person)
  if (fault) throw fault
}

const progressMs = 2_000

/** @returns how the archive ended where it is damaged; what never began is thrown */
function read(path: string, take: (row: Row, bytes: Uint8Array) => void): AuthorityError | null {
  let number = 0
  let progress = Date.now() + progressMs
  const evidence = noting(archiveEvidence(path), (ending) => {
    const incomplete = incompleteness(ending)
    if (incomplete !== null) tell(incomplete)
  })
  try {
    for (const recorded of evidence) {
      take(rowOf(recorded, ++number), recorded.bytes)
      if (Date.now() < progress) continue
      tell(`… ${grouped(number)} envelopes read so far`)
      progress = Date.now() + progressMs
    }
    return null
  } catch (error) {
    if (!(error instanceof AuthorityError)) throw error
    const hinted = new AuthorityError(error.code, error.message, 'doormat wire ANOTHER')
    if (number > 0) return hinted
    throw hinted
  }
}

function rowOf({ time, fromUser, fromDevice, toUser, toDevice, bytes }: RecordedEnvelope, number: number): Row {
  const envelope = envelopeIn(bytes)
  return {
    number,
    time,
    from: fromUser,
    fromDevice: hex(fromDevice),
    to: toUser,
    toDevice: hex(toDevice),
    bytes: bytes.length,
    epoch: envelope && envelope.policy.epoch,
    modes: envelope && [...new Set(envelope.stanzas.map(({ modeId }) => modeId))],
    stanzaBytes: envelope && envelope.stanzas.reduce((sum, { payload }) => sum + payload.length, 0),
    handshakeBytes: envelope && (envelope.handshake?.length ?? 0),
  }
}

/** A relay passes on what it cannot read, so anything may stand in an archive. */
function envelopeIn(bytes: Uint8Array): Envelope | null {
  try {
    return decodeEnvelope(bytes)
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

const right = { align: 'right' } as const

function show(rows: readonly Row[], all: readonly Row[], path: string, person: string | undefined): void {
  const said = (text: string) => paragraph(visible(text), { first: '' }).forEach(print)
  if (all.length === 0) return said(`${path} holds no envelopes: nothing had passed the relay yet.`)
  if (rows.length === 0)
    return said(`Nobody called ${person} sent or got any of the ${counted(all.length, 'envelope')}.`)
  const years = new Set(rows.map(({ time }) => instantOf(time).slice(0, 4)))
  const [year] = years
  const sameYear = years.size === 1 && year !== undefined && /^\d{4}$/.test(year)
  const devices = devicesIn(all)
  const heads: readonly Column[] = [
    { heading: 'no', ...right },
    { heading: sameYear ? `${year}, UTC` : 'UTC' },
    { heading: 'from' },
    { heading: 'to' },
    { heading: 'bytes', ...right },
    { heading: 'epoch', ...right },
    { heading: 'stanza', ...right },
    { heading: 'handshake', ...right },
  ]
  const cells = rows.map((row) => [
    grouped(row.number),
    sameYear ? instantOf(row.time).slice(5) : instantOf(row.time),
    devices.nameOf(row.from, row.fromDevice),
    devices.nameOf(row.to, row.toDevice),
    grouped(row.bytes),
    row.epoch === null ? '?' : grouped(row.epoch),
    sizeOrNone(row.stanzaBytes),
    sizeOrNone(row.handshakeBytes),
  ])
  table(heads, cells).forEach(print)
  print('')
  said(summary(rows, all, person))
  for (const line of [...stanzaLines(rows), ...devices.lines(rows)]) said(line)
}

/** In UTC, to the minute; a record's time is the relay's word, and may be no date at all. */
function instantOf(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString().slice(0, 16).replace('T', ' ')
}

const sizeOrNone = (bytes: number | null) => (bytes === null ? '?' : bytes === 0 ? '-' : grouped(bytes))

function summary(rows: readonly Row[], all: readonly Row[], person: string | undefined): string {
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  if (person === undefined) {
    const people = new Set(rows.flatMap(({ from, to }) => [from, to])).size
    return `${counted(rows.length, 'envelope')} between ${counted(people, 'person', 'people')}, ${counted(bytes, 'byte')}.`
  }
  const own = rows.filter(({ from, to }) => from === to).length
  const sent = rows.filter(({ from }) => from === person).length - own
  const parts = [`${grouped(sent)} sent`, `${grouped(rows.length - sent - own)} received`]
  if (own > 0) parts.push(`${grouped(own)} from ${person} to ${person}`)
  return `${grouped(rows.length)} of ${counted(all.length, 'envelope')} have ${person} at one end: ${parts.join(', ')}.`
}

/** Which modes' stanzas there are, by epoch: the epoch alone does not say which mode was in force. */
function stanzaLines(rows: readonly Row[]): readonly string[] {
  const epochs = new Map<number, Set<string>>()
  for (const { epoch, modes: ids } of rows) {
    if (epoch === null || !ids || ids.length === 0) continue
    const known = epochs.get(epoch) ?? new Set()
    epochs.set(epoch, known)
    for (const id of ids) known.add(titleOf(id))
  }
  return [...epochs]
    .sort(([a], [b]) => a - b)
    .map(([epoch, titles]) => `The stanzas of epoch ${grouped(epoch)} are for ${[...titles].join(', ')}.`)
}

const titleOf = (id: string) => modes.find((mode) => mode.id === id)?.title.toLowerCase() ?? id

/** Tells the devices of those apart who have several here, by as few characters of their ids as that takes: four or more. */
function devicesIn(all: readonly Row[]) {
  const devices = new Map<string, Set<string>>()
  for (const { from, fromDevice, to, toDevice } of all)
    for (const [user, device] of [
      [from, fromDevice],
      [to, toDevice],
    ] as const) {
      const known = devices.get(user)
      if (known) known.add(device)
      else devices.set(user, new Set([device]))
    }
  const lengths = new Map<string, number>()
  for (const [user, ids] of devices) {
    let length = 4
    while (new Set([...ids].map((id) => id.slice(0, length))).size < ids.size) length += 2
    lengths.set(user, length)
  }
  const short = (user: string, id: string) => id.slice(0, lengths.get(user))
  const several = (user: string) => (devices.get(user)?.size ?? 0) > 1
  return {
    nameOf: (user: string, id: string) => (several(user) ? `${user}/${short(user, id)}` : user),
    lines: (rows: readonly Row[]) =>
      [...new Set(rows.flatMap(({ from, to }) => [from, to]))].filter(several).map((user) => {
        const ids = [...(devices.get(user) ?? [])].map((id) => short(user, id))
        return `${user} has ${ids.length} devices here: ${ids.join(', ')}.`
      }),
  }
}
