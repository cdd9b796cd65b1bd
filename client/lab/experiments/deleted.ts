import type { ModeRun } from '../mode-run.ts'
import type { Share } from '../result.ts'
import { cellOf, type Experiment, saidDuring } from './experiment.ts'
import { modesOf, portion, range } from './figures.ts'
import { listed } from './words.ts'

export interface DeletedRow {
  readonly mode: string
  /** with all devices as they are at the end: messages opened once more that had been read before */
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
      "The runs of the matrix. First every device as it is at the end tries the whole archive, by the messenger's own inbox; mail that was still to come must open, or the trial is worth nothing. Then somebody with all the authority's secrets and the same archive tries. An order is active here from the moment the mode is on. The year is in words only: nothing of what is tried grows old, as long as the secrets and the archive are kept.",
    columns: [
      'mode',
      'opened again by devices',
      'still to come, opened by devices',
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
      ? 'No device could open again what it had read, under any mode.'
      : `Devices could open again what they had read under ${listed(
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
  const limited = opened.filter(({ before, unordered }) => before.read === 0 && unordered.read === 0)
  const partial =
    opened.length === 0
      ? ''
      : limited.length === 0
        ? ' In each of these modes that includes people for whom there was no order.'
        : ` The partial counter-example: under ${modesOf(limited)} nothing opened of before, or of people for whom there was no order; what the order did cover still opens.`
  return `${devices}${control} ${secrets}${partial}`
}
