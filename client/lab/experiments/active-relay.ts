import type { ModeRun } from '../runs/mode-run.ts'
import { pair } from '../world/pair.ts'
import type { Truth } from '../simulation/truth.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, type Experiment } from './experiment.ts'
import { modesOf, portion, withPercent } from './figures.ts'
import { openAll, pairsIn } from './opened.ts'
import { listed } from './words.ts'

export interface ActiveRelayRow {
  readonly mode: string
  /** messages read: between pairs who compared safety numbers before they wrote, and between all others */
  readonly messages: { readonly compared: Share; readonly others: Share }
  /** conversations of which something was read, of the same */
  readonly compared: Share
  readonly others: Share
  /** messages that pairs who compared meant to send, and those they did send */
  readonly sentByCompared: Share
  readonly forges: boolean | null
  /** people who noticed in this run, by what they or their clients did: by the one detector that reached most */
  readonly noticed: Share
  /** people who could have, and by which detector most */
  readonly could: Share & { readonly by: string | null }
}

/** Detectors that did run: the others are what somebody could have done. */
const ran: ReadonlySet<string> = new Set(['changed key', 'compared first'])

/** Of the table, for who needs the number elsewhere. */
export const comparedColumn = 'pairs who compare'

export function activeRelay(runs: readonly ModeRun[]): Experiment {
  const rows = runs.map(rowOf)
  return {
    id: 'active-relay',
    title: 'A relay that answers as it likes',
    claims: [14, 20],
    question: 'What does a relay read that lies about keys, and who notices?',
    method:
      "The runs of the matrix with a relay that puts an impostor between any two who begin to write to each other, from the first day, under every mode. Pairs who compare safety numbers do so before they first write, and do not write where the numbers differ: their messages are kept from being read by not being sent. Nobody else compares: who does is the world's assumption. Noticed is what clients said by themselves or what people found who compared, whichever reached more; could have is one detector more, run by everybody at the end.",
    columns: [
      'mode',
      'messages read, numbers compared',
      'messages read, not compared',
      'conversations read, numbers compared',
      'conversations read, not compared',
      'messages sent of those who compared',
      'can forge',
      'noticed',
      'could have noticed',
      'by',
      comparedColumn,
    ],
    rows: rows.map((row) => [
      row.mode,
      portion(row.messages.compared),
      portion(row.messages.others),
      portion(row.compared),
      portion(row.others),
      portion(row.sentByCompared),
      row.forges === null ? 'not tried' : row.forges ? 'yes' : 'no',
      portion(row.noticed),
      portion(row.could),
      row.could.by ?? 'nothing',
      row.compared.of,
    ]),
    verdict: activeRelayVerdict(rows),
  }
}

function rowOf(run: ModeRun): ActiveRelayRow {
  const cell = cellOf(run, 'active relay')
  const { truth, world } = run.turned
  const verified = new Set(world.verified.map(([one, other]) => pair(one, other)))
  const detections = run.result.detections.activeRelay.filter(({ id }) => id !== 'announcement')
  const most = (those: typeof detections) =>
    [...those].sort((one, other) => other.noticed.read - one.noticed.read)[0] ?? null
  const [noticed, could] = [true, false].map((didRun) => most(detections.filter(({ id }) => ran.has(id) === didRun)))
  const nobody: Share = { read: 0, of: world.people.length }
  const isCompared = ({ from, to }: Truth) => verified.has(pair(from, to))
  const sayings = [...truth.values()]
  const opened = openAll(run.turned, run.turned.holdings.activeRelay).map(({ said }) => said)
  const [meant, overheard] = [sayings.filter(isCompared), opened.filter(isCompared)]
  const rest = (one: Truth) => !isCompared(one)
  const [pairs, heard] = [pairsIn(sayings), pairsIn(opened)]
  const compared: Share = { read: pairsIn(overheard).size, of: pairsIn(meant).size }
  return {
    mode: run.result.id,
    messages: {
      compared: { read: overheard.length, of: meant.length },
      others: { read: opened.filter(rest).length, of: sayings.filter(rest).length },
    },
    compared,
    others: { read: heard.size - compared.read, of: pairs.size - compared.of },
    sentByCompared: { read: meant.filter(({ sent }) => sent !== null).length, of: meant.length },
    forges: cell.forged,
    noticed: noticed?.noticed ?? nobody,
    could: { ...(could?.noticed ?? nobody), by: could && could.noticed.read > 0 ? could.id : null },
  }
}

export function activeRelayVerdict(rows: readonly ActiveRelayRow[]): string {
  const baseline = rows.find(({ mode }) => mode === 'none')
  const alone = !baseline
    ? 'The mode none was not run, so nothing can be said of encryption by itself.'
    : baseline.others.read + baseline.compared.read === 0
      ? 'Without any mode an active relay read nothing.'
      : `Without any mode an active relay read ${withPercent(baseline.messages.others)} messages of people who had not compared safety numbers, in ${portion(baseline.others)} conversations${baseline.compared.of === 0 ? '' : `, and ${portion(baseline.messages.compared)} of people who had`}. End-to-end encryption alone does not keep such a relay out.`
  const silenced = baseline?.sentByCompared
  const price =
    !baseline || baseline.compared.of === 0 || !silenced
      ? ''
      : baseline.compared.read > 0
        ? ' Comparing did not keep it out either.'
        : silenced.read < silenced.of
          ? ` Comparing kept it out, and kept people apart: they sent ${portion(silenced)} messages.`
          : ' Comparing kept it out, and cost them no message.'
  const noticing = !baseline
    ? ''
    : ` ${baseline.noticed.read} of ${baseline.noticed.of} people noticed${baseline.could.by ? `, and ${baseline.could.read} could have by ${baseline.could.by}` : ''}.`
  const lying = rows.filter(({ mode, compared }) => mode !== 'none' && compared.read > 0)
  const lies =
    lying.length === 0
      ? ''
      : ` Under ${modesOf(lying)} comparing numbers does not help: ${listed(
          lying.map(
            ({ compared, could }) =>
              `${portion(compared)} such conversations were read, and ${could.by ? `${portion(could)} people could have noticed by ${could.by}` : 'nobody could have noticed'}`,
          ),
        )}.`
  return `${alone}${price}${noticing}${lies}`
}
