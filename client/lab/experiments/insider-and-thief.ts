import type { ModeRun } from '../runs/mode-run.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, type Experiment, hasSecrets, ofAll } from './experiment.ts'
import { modesOf, portion, withPercent } from './figures.ts'
import { listed } from './words.ts'

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
    title: 'An insider, and a thief',
    claims: [12, 14],
    question: 'What do an insider without an order and a thief read, can they write too, and could anybody notice?',
    method:
      "The runs of the matrix. An insider has the authority's secrets and every envelope, a thief the same secrets and an archive until the theft. Reading is done on copies, after the world was played: neither relay nor devices take part in it, so what the detectors find is the mode and the operator's part in it, and would be the same had nobody read. A log has an entry only of what is done through the desk, and nobody has to read at the desk: see the experiment of the clerk. Where there are several secrets, an insider is taken to have them all.",
    columns: [
      'mode',
      'read by the insider',
      'conversations',
      'read by an order without limits',
      'read by a thief',
      'read with one secret',
      'secrets',
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

export function insiderAndThiefVerdict(rows: readonly HandsRow[]): string {
  const [most] = [...rows].sort((one, other) => other.insider.read - one.insider.read)
  if (!most || most.insider.read === 0) return 'An insider read nothing, under any mode.'
  const reads = `An insider read most under ${modesOf(rows.filter(({ insider: { read } }) => read === most.insider.read))}: ${withPercent(most.insider)} of all that was said.`
  const otherwise = rows.filter(({ insider: { read }, possible }) => read !== possible.read)
  const same =
    otherwise.length === 0
      ? ' Under every mode that is what the order could have read: no order is needed to use the key.'
      : ` Under ${modesOf(otherwise)} an insider read something else than an order could have.`
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
      : ` Under ${modesOf(those)} ${what} could be found: ${listed(those.map(({ mode, suspicious }) => `${portion(suspicious)} people by ${suspicious.by} under ${mode}`))}.`
  const taps = found(
    open.filter(({ tapping }) => tapping),
    "the operator's part",
  )
  const others = found(
    open.filter(({ tapping }) => !tapping),
    'something',
  )
  return open.length === 0 ? '' : `${taps}${others} It would be found had nobody read, too.`
}

function ofOneSecret(rows: readonly HandsRow[]): string {
  const readers = rows.filter(({ insider: { read } }) => read > 0)
  const enough = readers.filter(({ insider, oneSecret }) => oneSecret.read === insider.read)
  const shut = readers.filter(({ oneSecret }) => oneSecret.read === 0)
  const partly = readers.filter((row) => !enough.includes(row) && !shut.includes(row))
  return [
    enough.length === 0 ? '' : ` One stolen secret was enough for all that the insider read under ${modesOf(enough)}.`,
    partly.length === 0
      ? ''
      : ` One stolen secret opened a part of it: ${listed(partly.map(({ mode, insider, oneSecret }) => `${oneSecret.read} of these ${insider.read} messages under ${mode}`))}.`,
    shut.length === 0
      ? ''
      : ` Under ${modesOf(shut)} one secret alone opened nothing: more than one holder has to be in it.`,
  ].join('')
}

/** A forgery is tried on mail that is on its way, and there may be none. */
function ofForging(rows: readonly HandsRow[]): string {
  const taken = rows.filter(({ forges }) => forges === true)
  const refused = rows.filter(({ forges }) => forges === false)
  if (taken.length > 0)
    return ` Under ${modesOf(taken)} they could also write: a device took a message that was never written.`
  return refused.length > 0
    ? ` No forgery was taken under ${modesOf(refused)}.`
    : ' Whether they could also write was not tried: there was nothing to try it on.'
}
