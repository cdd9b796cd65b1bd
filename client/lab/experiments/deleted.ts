import type { ModeRun } from '../runs/mode-run.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, type Experiment, saidDuring } from './experiment.ts'
import { modesOf, portion, range } from './figures.ts'
import { listed } from './words.ts'

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
    title: "The devices have deleted their keys, and the authority's are stolen a year later",
    claims: [17],
    question: 'What opens although no device could open it any more?',
    method:
      "The runs of the matrix. First the keys left on every device at the end try the whole archive, by the messenger's own inbox; the histories of the devices are put aside, and hold what their owners have read. Mail that was still to come must open, or the trial is worth nothing. Then somebody with all the authority's secrets and the same archive tries. An order is active here from the moment the mode is on. The year is in words only: nothing of what is tried grows old, as long as the secrets and the archive are kept.",
    columns: [
      'mode',
      'opened again by the keys left on devices',
      'still to come, opened by them',
      'said before the mode',
      'opened by the secrets',
      'said while it was on',
      'opened by the secrets',
      'of that, said where nobody had an order',
      'opened by the secrets',
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
  const kept = rows.filter(({ readAgain }) => readAgain > 0)
  const devices =
    kept.length === 0
      ? 'The keys left on all devices, their histories put aside, opened nothing again that had been read, under any mode.'
      : `The keys left on devices opened again what had been read under ${listed(
          kept.map(({ mode, readAgain }) => `${mode} (${readAgain})`),
        )}: keys are kept that should be gone.`
  const untried = rows.filter(({ stillToCome }) => stillToCome.read < stillToCome.of || stillToCome.of === 0)
  const control =
    untried.length === 0
      ? ''
      : ` The trial is weak under ${modesOf(untried)}: its positive control did not open everything, or there was none.`
  const opened = rows.filter(({ during }) => during.read > 0)
  const secrets =
    opened.length === 0
      ? "The authority's secrets opened nothing either."
      : `The authority's secrets and an archive opened ${range(opened.map(({ during }) => during.read))} of ${range(opened.map(({ during }) => during.of))} messages said while the mode was on, under ${modesOf(opened)}: deleting keys on devices did not put those out of reach.`
  return `${devices}${control} ${secrets}${ofUnordered(opened)}`
}

/** What the secrets opened of people for whom there was no order; where nobody else spoke, that was not tried. */
function ofUnordered(opened: readonly DeletedRow[]): string {
  const tried = opened.filter(({ unordered }) => unordered.of > 0)
  const wide = tried.filter(({ unordered }) => unordered.read > 0)
  const limited = tried.filter(({ tapping, before, unordered }) => tapping && before.read === 0 && unordered.read === 0)
  if (opened.length > 0 && tried.length === 0)
    return ' Nobody spoke for whom there was no order, so what opens of such people was not tried.'
  const widely =
    wide.length === 0
      ? ''
      : ` ${wide.length === opened.length ? 'In each of these modes' : `Under ${modesOf(wide)}`} that includes people for whom there was no order.`
  const ofBefore = limited.every(({ before }) => before.of > 0) ? 'of before, or ' : ''
  const partial =
    limited.length === 0
      ? ''
      : ` The partial counter-example: under ${modesOf(limited)} nothing opened ${ofBefore}of people for whom there was no order; what the order did cover still opens.`
  return `${widely}${partial}`
}
