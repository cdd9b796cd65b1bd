import type { ModeRun } from '../runs/mode-run.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, type Experiment, hasSecrets, ofAll } from './experiment.ts'
import { modesOf, most, portion, withPercent } from './figures.ts'
import { titles } from './titles.ts'
import { listed, nameOf } from './words.ts'

export interface HandsRow {
  readonly mode: string
  /** whether the operator has a part in the mode */
  readonly tapping: boolean
  readonly insider: Share
  readonly conversations: Share
  /** by the order, when nobody keeps to it */
  readonly possible: Share
  /** with an archive that ends at the theft */
  readonly thief: Share
  /** with one of the secrets, and the whole archive */
  readonly oneSecret: Share
  readonly secrets: number
  readonly forges: boolean | null
  /** people who are told that the mode is on */
  readonly announced: Share
  /** people who could notice something more, by the detector that finds most */
  readonly suspicious: Share & { readonly by: string | null }
}

export function insiderAndThief(runs: readonly ModeRun[]): Experiment {
  const rows = runs.filter(hasSecrets).map(rowOf)
  return {
    id: 'insider-and-thief',
    title: titles['insider-and-thief'],
    claims: [12, 14],
    question: 'What can an insider without an order read, and a thief? Can they write too, and could anybody notice?',
    method:
      'The runs of the matrix. An insider has the authority’s keys and every envelope; a thief has the same keys and a recording up to the theft. Both read copies after the fact, without the server and the devices. What a detector finds is therefore the mode and the operator’s part in it, and it would find the same if nobody read. A log records only what is done through the order desk, and nobody has to use the desk to read: see “A clerk without an order”. Where a mode has several keys, the insider is assumed to have them all: under split escrow that is no clerk, but five institutions that collude.',
    columns: [
      'mode',
      'insider read',
      'conversations',
      'order could read',
      'thief read',
      'one key reads',
      'keys',
      'can forge',
      'told that the mode is on',
      'could notice more',
      'by',
    ],
    rows: rows.map((row) => [
      row.mode,
      portion(row.insider),
      portion(row.conversations),
      portion(row.possible),
      portion(row.thief),
      portion(row.oneSecret),
      row.secrets,
      row.forges === null ? 'not tried' : row.forges ? 'yes' : 'no',
      portion(row.announced),
      portion(row.suspicious),
      row.suspicious.by ?? 'nothing',
    ]),
    verdict: insiderAndThiefVerdict(rows),
    evidence: insiderAndThiefEvidence(rows),
    figures: {
      insider: most(rows.map(({ insider }) => insider.read)),
      modes: rows.length,
      oneKey: rows.filter(({ oneSecret }) => oneSecret.read > 0).length,
    },
  }
}

function rowOf(run: ModeRun): HandsRow {
  const cell = cellOf(run, 'insider')
  const detections = run.result.detections.order
  const [most] = detections
    .filter(({ id, noticed }) => id !== 'announcement' && noticed.read > 0)
    .sort((one, other) => other.noticed.read - one.noticed.read)
  const announced = detections.find(({ id }) => id === 'announcement')?.noticed ?? { read: 0, of: 0 }
  return {
    mode: run.result.id,
    tapping: run.within.mode.tapping !== undefined,
    insider: ofAll(cell),
    conversations: cell.conversations,
    possible: ofAll(cellOf(run, 'order, as possible')),
    thief: ofAll(cellOf(run, 'key thief and archive')),
    oneSecret: ofAll(cellOf(run, 'one secret and archive')),
    secrets: run.result.secrets.length,
    forges: cell.forged,
    announced,
    suspicious: { ...(most?.noticed ?? { read: 0, of: announced.of }), by: most?.id ?? null },
  }
}

/** Under which an insider reads most. */
const worstOf = (rows: readonly HandsRow[]): HandsRow | null => {
  const [worst] = [...rows].sort((one, other) => other.insider.read - one.insider.read)
  return worst && worst.insider.read > 0 ? worst : null
}

const nothingRead = 'An insider read nothing, under any mode.'

export function insiderAndThiefVerdict(rows: readonly HandsRow[]): string {
  const worst = worstOf(rows)
  return worst
    ? `An insider needs no order: under ${nameOf(worst.mode)} the keys read ${portion(worst.insider)} messages of the whole time.`
    : nothingRead
}

export function insiderAndThiefEvidence(rows: readonly HandsRow[]): string {
  const worst = worstOf(rows)
  if (!worst) return nothingRead
  const reads = `An insider read most under ${modesOf(rows.filter(({ insider: { read } }) => read === worst.insider.read))}: ${withPercent(worst.insider)} of all messages.`
  const otherwise = rows.filter(({ insider: { read }, possible }) => read !== possible.read)
  const same =
    otherwise.length === 0
      ? ' Under every mode that is exactly what the order could have read: the key works without one.'
      : ` Under ${modesOf(otherwise)} an insider read something other than an order could have.`
  const silent = rows.filter(({ insider: { read }, suspicious }) => read > 0 && suspicious.read === 0)
  const noticing =
    silent.length === 0 ? '' : ` Under ${modesOf(silent)} no detector found anything but the announced mode.`
  return `${reads}${same}${ofOneSecret(rows)}${ofForging(rows)}${noticing}${ofNoticing(rows)}`
}

/** What is noticed is the mode, or what the operator does for it: reading leaves nothing. */
function ofNoticing(rows: readonly HandsRow[]): string {
  const open = rows.filter(({ insider: { read }, suspicious }) => read > 0 && suspicious.read > 0)
  const found = (those: readonly HandsRow[], what: string) =>
    those.length === 0
      ? ''
      : ` Under ${modesOf(those)} people could have found ${what}: ${listed(those.map(({ mode, suspicious }) => `${portion(suspicious)} by ${suspicious.by} under ${nameOf(mode)}`))}.`
  const taps = found(
    open.filter(({ tapping }) => tapping),
    'the operator’s part',
  )
  const others = found(
    open.filter(({ tapping }) => !tapping),
    'something',
  )
  return open.length === 0 ? '' : `${taps}${others} They would have found it even if nobody had read anything.`
}

function ofOneSecret(rows: readonly HandsRow[]): string {
  const readers = rows.filter(({ insider: { read } }) => read > 0)
  const enough = readers.filter(({ insider, oneSecret }) => oneSecret.read === insider.read)
  const shut = readers.filter(({ oneSecret }) => oneSecret.read === 0)
  const partly = readers.filter((row) => !enough.includes(row) && !shut.includes(row))
  return [
    enough.length === 0
      ? ''
      : ` One stolen key was enough for everything that the insider read under ${modesOf(enough)}.`,
    partly.length === 0
      ? ''
      : ` One stolen key opened a part of it: ${listed(partly.map(({ mode, insider, oneSecret }) => `${oneSecret.read} of these ${insider.read} messages under ${nameOf(mode)}`))}.`,
    shut.length === 0 ? '' : ` Under ${modesOf(shut)} one key alone opened nothing: it takes more than one holder.`,
  ].join('')
}

/** A forgery is tried on mail that is on its way, and there may be none. */
function ofForging(rows: readonly HandsRow[]): string {
  const taken = rows.filter(({ forges }) => forges === true)
  const refused = rows.filter(({ forges }) => forges === false)
  if (taken.length > 0)
    return ` Under ${modesOf(taken)} they could also write: a device accepted a message that nobody had written.`
  return refused.length > 0
    ? ` No device accepted a forgery under ${modesOf(refused)}.`
    : ' Whether they could also write was not tried: no mail was on its way to try it on.'
}
