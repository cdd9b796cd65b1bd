import type { ModeRun } from '../runs/mode-run.ts'
import { evasionIn } from '../world/evasion.ts'
import { pair } from '../world/pair.ts'
import type { Truth } from '../simulation/truth.ts'
import type { Share } from '../simulation/share.ts'
import { cellOf, type Experiment } from './experiment.ts'
import { modesOf, portion, withPercent } from './figures.ts'
import { openAll, pairsIn } from './opened.ts'
import { titles } from './titles.ts'
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
  /** messages of pairs who comply and compared that were never sent while the mode was on */
  readonly silenced: number
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
    title: titles['active-relay'],
    claims: [14, 20],
    question: 'What can a server read that hands out false keys, and who notices?',
    method:
      'The runs of the matrix with a dishonest server: from the first day, and under every mode, it puts an impostor between any two people who begin to write to each other. Pairs who compare safety numbers do so before they first write, and do not write if the numbers differ: their messages are safe because they are never sent. Who compares is an assumption of the world. “Not compared” are all other pairs, also those who evade; of what these encrypt first the server opens a ciphertext and reads nothing, and a foreign client does not pass it. “Noticed” counts what clients reported by themselves, or what people found by comparing, whichever reached more people. “Could have noticed” adds the one detector that finds most, run by everybody at the end.',
    columns: [
      'mode',
      'messages read, numbers compared',
      'messages read, not compared',
      'conversations read, numbers compared',
      'conversations read, not compared',
      'messages sent by pairs who compared',
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
    evidence: activeRelayEvidence(rows),
    figures: activeRelayFigures(rows),
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
  const evasion = evasionIn(world)
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
    silenced: meant.filter(
      ({ from, to, sent, phase }) => sent === null && phase === 'during' && evasion(from, to) === null,
    ).length,
    forges: cell.forged,
    noticed: noticed?.noticed ?? nobody,
    could: { ...(could?.noticed ?? nobody), by: could && could.noticed.read > 0 ? could.id : null },
  }
}

const activeRelayFigures = (rows: readonly ActiveRelayRow[]): Readonly<Record<string, number>> => {
  const baseline = rows.find(({ mode }) => mode === 'none')
  return baseline
    ? {
        read: baseline.messages.others.read,
        of: baseline.messages.others.of,
        compared: baseline.messages.compared.read,
        silenced: baseline.silenced,
      }
    : {}
}

const notRun = 'The world was not played without an access mode, so nothing can be said of encryption alone.'

export function activeRelayVerdict(rows: readonly ActiveRelayRow[]): string {
  const baseline = rows.find(({ mode }) => mode === 'none')
  if (!baseline) return notRun
  const { compared, others } = baseline.messages
  return others.read + compared.read === 0
    ? 'With no access mode a dishonest server read nothing.'
    : `Even with no access mode a dishonest server read ${portion(others)} messages between people who had not compared safety numbers.`
}

export function activeRelayEvidence(rows: readonly ActiveRelayRow[]): string {
  const baseline = rows.find(({ mode }) => mode === 'none')
  const alone = !baseline
    ? notRun
    : baseline.others.read + baseline.compared.read === 0
      ? 'With no access mode a dishonest server read nothing.'
      : `With no access mode a dishonest server read ${withPercent(baseline.messages.others)} messages of people who had not compared safety numbers, in ${portion(baseline.others)} conversations${baseline.compared.of === 0 ? '' : `, and ${portion(baseline.messages.compared)} of people who had`}. End-to-end encryption alone does not keep such a server out.`
  const silenced = baseline?.sentByCompared
  const price =
    !baseline || baseline.compared.of === 0 || !silenced
      ? ''
      : baseline.compared.read > 0
        ? ' Comparing safety numbers did not keep it out either.'
        : silenced.read < silenced.of
          ? ` Comparing kept it out, at a price: those pairs sent ${portion(silenced)} messages.`
          : ' Comparing kept it out, and cost those pairs no message.'
  const noticing = !baseline
    ? ''
    : ` ${baseline.noticed.read} of ${baseline.noticed.of} people noticed${baseline.could.by ? `, and ${baseline.could.read} could have noticed by ${baseline.could.by}` : ''}.`
  const lying = rows.filter(({ mode, compared }) => mode !== 'none' && compared.read > 0)
  const lies =
    lying.length === 0
      ? ''
      : ` Under ${modesOf(lying)} comparing numbers did not help: ${listed(
          lying.map(
            ({ compared, could }) =>
              `the server read ${portion(compared)} such conversations, and ${could.by ? `${portion(could)} people could have noticed by ${could.by}` : 'nobody could have noticed'}`,
          ),
        )}.`
  return `${alone}${price}${noticing}${lies}`
}
