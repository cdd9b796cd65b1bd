import { equal } from '../../../crypto/bytes.ts'
import type { Random } from '../../../crypto/random.ts'
import { publicCounts } from '../../authority/order/counts.ts'
import { openDesk } from '../../authority/order/desk-folder.ts'
import { logOf } from '../../authority/order/desk-log.ts'
import { renderOrder } from '../../authority/order/order-file.ts'
import { draftOrder } from '../../authority/order/order.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { askedAt, atDesk, type Courts, requestIn } from './courts.ts'
import { handle } from './handled.ts'
import type { Opening } from '../adversaries/reading.ts'
import { isOf, openAll, peopleIn } from './opened.ts'
import { bystanderIn } from './roles.ts'
import { counted } from '../../words/counted.ts'
import { titles } from './titles.ts'
import { nameOf, timed } from './words.ts'

export interface InsiderRow {
  readonly what: string
  /** messages read in this step, and of how many people */
  readonly read: number
  readonly people: number
  /** what the log has more of after it, and what the public is told more of */
  readonly entries: number
  readonly counted: number
}

interface Shown {
  readonly entries: number
  readonly messages: number
  readonly head: Uint8Array | null
}

function shownBy(folder: string): Shown {
  const { entries } = logOf(openDesk(folder))
  const messages = publicCounts(entries).reduce((sum, one) => sum + one.messages, 0)
  return { entries: entries.length, messages, head: entries.at(-1)?.digest ?? null }
}

/** A good order is carried out; a clerk without one asks at the desk; then the clerk takes the key. */
export async function insiderRows(
  played: Played,
  courts: Courts,
  random: Random,
): Promise<{ readonly rows: readonly InsiderRow[]; readonly sameHead: boolean }> {
  const now = askedAt(played)
  const person = bystanderIn(played.world)
  return atDesk('us', [courts.uk], random, now, async (folder) => {
    const rows: InsiderRow[] = []
    let before = shownBy(folder)
    const add = (what: string, said: readonly { readonly from: string; readonly to: string }[]) => {
      const after = shownBy(folder)
      const more = { entries: after.entries - before.entries, counted: after.messages - before.messages }
      rows.push({ what, read: said.length, people: peopleIn(said).length, ...more })
      before = after
    }
    const ordered = await handle(folder, renderOrder(draftOrder(requestIn(played, 'good'), courts.uk)), played, now)
    add('a good order is carried out', ordered.content)
    const unsigned = { ...draftOrder(requestIn(played, 'none', { person }), courts.uk), signature: random(64) }
    add(
      'the clerk hands in an order that nobody signed',
      (await handle(folder, renderOrder(unsigned), played, now)).content,
    )
    const { head } = before
    const opened = openAll(played)
    add('the clerk uses the key on one person', saidBy(opened.filter(({ said }) => isOf(person, said))))
    add('the clerk uses the key on everybody', saidBy(opened))
    const last = shownBy(folder).head
    return { rows, sameHead: head !== null && last !== null && equal(head, last) }
  })
}

const saidBy = (opened: readonly Opening[]) => opened.map(({ said }) => said)

export function insiderVerdict(rows: readonly InsiderRow[], sameHead: boolean): string {
  const last = rows.at(-1)
  if (!last || last.read === 0) return 'A clerk without an order read nothing.'
  return sameHead && last.entries === 0 && last.counted === 0
    ? `A clerk without an order read ${counted(last.read, 'message')}, and neither the audit log nor the public counts changed.`
    : `A clerk without an order read ${counted(last.read, 'message')}, and the audit log shows it.`
}

export function insiderEvidence(rows: readonly InsiderRow[], sameHead: boolean): string {
  const [control, , , everybody] = rows
  if (!control || !everybody) throw new Error('the experiment has four steps')
  const seen = control.entries > 0 ? 'The log shows the good order' : 'The log does not even show the good order'
  if (everybody.read === 0) return `${seen}, and a clerk without one reads nothing.`
  const clerk = `a clerk without an order reads ${counted(everybody.read, 'message')} of ${counted(everybody.people, 'person', 'people')}`
  return sameHead && everybody.entries === 0 && everybody.counted === 0
    ? `${seen}. Then ${clerk}, and neither the log nor the public counts change by a bit: nobody can miss what was never written down.`
    : `${seen}. Then ${clerk}, and the log shows it, with ${counted(everybody.entries, 'new entry', 'new entries')}.`
}

export const insider = (played: Played, courts: Courts, random: Random): Promise<ExperimentResult> =>
  timed(async () => {
    const { rows, sameHead } = await insiderRows(played, courts, random)
    return {
      id: 'insider',
      title: titles.insider,
      claims: [3, 21],
      question: 'What can somebody who sits beside the key read without an order, and does the audit log show it?',
      method: `One order desk, one log, four steps under ${nameOf(played.mode.id)}. First a good order is carried out, to show that the log records. Then a clerk without an order hands in one that nobody signed. Then the clerk takes the recording and the key and does without the order desk, first for ${bystanderIn(played.world)} and then for everybody. After each step the whole log is read, checked and counted. The log is honest. A key kept in hardware that counts its uses would be another mode, and is not tried here.`,
      columns: ['step', 'messages read', 'people', 'new entries in the log', 'added to the public counts'],
      rows: rows.map((row) => [row.what, row.read, row.people, row.entries, row.counted]),
      verdict: insiderVerdict(rows, sameHead),
      evidence: insiderEvidence(rows, sameHead),
      figures: { read: rows.at(-1)?.read ?? 0, entries: rows.at(-1)?.entries ?? 0 },
    }
  })
