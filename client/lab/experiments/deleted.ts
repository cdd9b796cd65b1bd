import type { ModeRun } from '../runs/mode-run.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, type Experiment, saidDuring } from './experiment.ts'
import { modesOf, most, portion, range } from './figures.ts'
import { titles } from './titles.ts'
import { listed, nameOf } from './words.ts'

export interface DeletedRow {
  readonly mode: string
  /** whether the operator has a part in the mode, for people by name */
  readonly tapping: boolean
  /** with the keys left on all devices at the end, their histories put aside: messages opened once more that had been read before */
  readonly readAgain: number
  /** the positive control of that */
  readonly stillToCome: Share
  /** with the authority's secrets and the archive, of what was said before the mode and while it was on */
  readonly before: Share
  readonly during: Share
  /** of what was said while the mode was on by and to people for whom there was no order */
  readonly unordered: Share
}

export function deleted(runs: readonly ModeRun[]): Experiment {
  const rows = runs.map(rowOf)
  return {
    id: 'deleted',
    title: titles.deleted,
    claims: [17],
    question: 'What can still be opened once no device can open it any more?',
    method:
      'The runs of the matrix. First the keys left on every device at the end are tried on the whole recording, through the messenger’s own inbox. The devices’ histories are put aside: they hold what their owners have read. Mail that had not arrived yet must open, or the attempt would prove nothing. Then somebody with all the authority’s keys tries the same recording. The order is in force from the moment the mode is on. The year is only a manner of speaking: keys and recordings do not age as long as somebody keeps them.',
    columns: [
      'mode',
      'opened again by keys left on devices',
      'not arrived yet, opened by them',
      'sent before the mode',
      'opened by the authority’s keys',
      'sent while it was on',
      'opened by the authority’s keys',
      'of that, sent by and to people whom no order named',
      'opened by the authority’s keys',
    ],
    rows: rows.map(({ mode, readAgain, stillToCome, before, during, unordered }) => [
      mode,
      readAgain,
      portion(stillToCome),
      before.of,
      before.read,
      during.of,
      during.read,
      unordered.of,
      unordered.read,
    ]),
    verdict: deletedVerdict(rows),
    evidence: deletedEvidence(rows),
    figures: {
      opened: most(rows.map(({ during }) => during.read)),
      of: most(rows.map(({ during }) => during.of)),
      limited: rows.filter(isLimited).length,
      wide: rows.filter(({ unordered }) => unordered.read > 0).length,
    },
  }
}

function rowOf(run: ModeRun): DeletedRow {
  const { before, during } = cellOf(run, 'insider').messages
  const ordered = cellOf(run, 'order, as used').messages.during.read
  return {
    mode: run.result.id,
    tapping: run.within.mode.tapping !== undefined,
    readAgain: run.result.lastStates.readBefore,
    stillToCome: run.result.lastStates.stillToCome,
    before,
    during,
    unordered: {
      read: during.read - ordered,
      of: during.of - saidDuring(run.within, run.within.world.target).length,
    },
  }
}

export function deletedVerdict(rows: readonly DeletedRow[]): string {
  const [worst] = [...rows].sort((one, other) => other.during.read - one.during.read)
  return worst && worst.during.read > 0
    ? `Keys stolen from the authority later opened up to ${portion(worst.during)} messages whose own keys the devices had long deleted.`
    : 'Once the devices had deleted their keys, not even the authority’s keys opened anything.'
}

/** The order reached whom it named, and nobody else. */
const isLimited = ({ tapping, before, during, unordered }: DeletedRow): boolean =>
  tapping && during.read > 0 && before.read === 0 && unordered.of > 0 && unordered.read === 0

export function deletedEvidence(rows: readonly DeletedRow[]): string {
  const kept = rows.filter(({ readAgain }) => readAgain > 0)
  const devices =
    kept.length === 0
      ? 'Under no mode did the keys left on the devices open a message that had been read before.'
      : `The keys left on the devices opened messages that had been read before, under ${listed(
          kept.map(({ mode, readAgain }) => `${nameOf(mode)} (${readAgain})`),
        )}: keys were kept that should have been deleted.`
  const untried = rows.filter(({ stillToCome }) => stillToCome.read < stillToCome.of || stillToCome.of === 0)
  const control =
    untried.length === 0
      ? ''
      : ` The attempt proves little under ${modesOf(untried)}: the mail that had not arrived yet did not all open, or there was none.`
  const opened = rows.filter(({ during }) => during.read > 0)
  const secrets =
    opened.length === 0
      ? 'The authority’s keys opened nothing either.'
      : `The authority’s keys and a recording opened ${range(opened.map(({ during }) => during.read))} of ${range(opened.map(({ during }) => during.of))} messages sent while the mode was on, under ${modesOf(opened)}. Deleting keys on the devices did not put those out of reach.`
  return `${devices}${control} ${secrets}${ofUnordered(opened)}`
}

/** What the secrets opened of people for whom there was no order; where nobody else spoke, that was not tried. */
function ofUnordered(opened: readonly DeletedRow[]): string {
  const tried = opened.filter(({ unordered }) => unordered.of > 0)
  const wide = tried.filter(({ unordered }) => unordered.read > 0)
  const limited = tried.filter(isLimited)
  if (opened.length > 0 && tried.length === 0)
    return ' Only people named in the order wrote anything, so nothing can be said of others.'
  const widely =
    wide.length === 0
      ? ''
      : ` ${wide.length === opened.length ? 'Under each of these modes' : `Under ${modesOf(wide)}`} that includes people whom no order named.`
  const ofBefore = limited.every(({ before }) => before.of > 0) ? 'from before the mode was on, or ' : ''
  const partial =
    limited.length === 0
      ? ''
      : ` There is a partial counter-example: under ${modesOf(limited)} nothing opened ${ofBefore}from people whom no order named. What the order covered still opens.`
  return `${widely}${partial}`
}
