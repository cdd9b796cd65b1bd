import { type AccessMode, none } from '../../../crypto/access/mode.ts'
import { openCircle, orderedFrom } from '../adversaries/circle-reading.ts'
import { tryControl } from '../adversaries/control.ts'
import { type CirclePlayed, playCircle, type Stretch } from '../simulation/circle.ts'
import { backgroundNames } from '../world/background.ts'
import type { Experiment } from './experiment.ts'
import { modesIn, modesOf, most, range } from './figures.ts'
import { titles } from './titles.ts'
import { counted } from '../../words/counted.ts'
import { capital, listed, under } from './words.ts'

export interface GroupOrderRow {
  readonly mode: string
  /** texts said in the group while the mode was in force */
  readonly said: number
  /** of these, those that came to all others */
  readonly arrived: number
  /** texts that the order desk hands over, each once */
  readonly handed: number
  /** of these, what the person named wrote */
  readonly ofTarget: number
  /** people not named whose own words are among them */
  readonly others: number
  /** people exposed, as the order desk counts them */
  readonly people: number
  /** what the same keys open where nobody keeps to the order: texts of this stretch, of any other, and the envelopes that carry them */
  readonly possible: number
  readonly elsewhere: number
  readonly envelopes: number
}

export const circleSize = 20

/** One group, under one mode after the other; each has an order for the same member. */
export async function groupOrder(modes: readonly AccessMode[], seed: string, size = circleSize): Promise<Experiment> {
  const played = await playCircle(backgroundNames(size, `${seed} circle`), inOrder(modes), seed)
  const rows = played.stretches.map((stretch) => rowOf(played, stretch))
  return {
    id: 'group-order',
    title: titles['group-order'],
    claims: [1, 3],
    question: 'In a group, whom does an order for one member expose?',
    method: `A group of its own, not part of the world of the matrix: ${size} people with one device each, who talk through the messenger’s own server (seed “${seed}”). One of them founds the group and adds the others. The modes are then switched on one after the other, ${listed(rows.map(({ mode }) => under(mode)))}, each with new keys and an order for the same member, drawn from all but the founder. Under each of them everybody in the group says one thing, in an order that is drawn. A text counts once, by its id, although it travels in ${size - 1} envelopes. “Handed over” is what the code of the order desk reads within the order: envelopes from or to the person named, while the mode was in force. The last columns try the same keys on every envelope of the whole run. Everything that counts as read was decrypted and compared with what was sent. Those exposed are all who were in the group at that moment, as the order desk counts them. ${controlWords(played)}`,
    columns: [
      'mode',
      'texts said',
      'that came to all others',
      'texts handed over',
      'written by the person named',
      'others whose words were read',
      'people exposed',
      'texts that the same keys open',
      'and of those said under another mode',
      'envelopes opened',
    ],
    rows: rows.map((row) => [
      row.mode,
      row.said,
      row.arrived,
      row.handed,
      row.ofTarget,
      row.others,
      row.people,
      row.possible,
      row.elsewhere,
      row.envelopes,
    ]),
    verdict: groupOrderVerdict(rows, size),
    evidence: groupOrderEvidence(rows),
    figures: figuresOf(rows),
  }
}

/** Without an access mode first: that is the control, and the group is founded then. */
const inOrder = (modes: readonly AccessMode[]) => [none, ...modes.filter(({ id }) => id !== none.id)]

/** @throws Error where the kept key does not open exactly its own envelope */
function controlWords(played: CirclePlayed): string {
  const opened = tryControl(played)
  if (opened !== 1) throw new Error(`the kept key opens ${opened} envelopes and not its own alone`)
  return 'As a control, one envelope’s key was kept by a witness and tried on every envelope: it opened its own and no other.'
}

function rowOf(played: CirclePlayed, stretch: Stretch): GroupOrderRow {
  const { mode } = stretch
  const said = [...played.truth.values()].filter((one) => one.mode === mode.id)
  const { texts: handed, extent } = orderedFrom(played, stretch)
  const { texts: opened, envelopes } = openCircle(played, stretch)
  const authors = new Set(handed.map(({ from }) => from))
  const isHere = ({ mode: id }: { readonly mode: string }) => id === mode.id
  return {
    mode: mode.id,
    said: said.length,
    arrived: said.filter(({ arrived }) => arrived.length === played.people.length - 1).length,
    handed: handed.length,
    ofTarget: handed.filter(({ from }) => from === played.target).length,
    others: authors.size - (authors.has(played.target) ? 1 : 0),
    people: extent.people,
    possible: opened.filter(isHere).length,
    elsewhere: opened.filter((one) => !isHere(one)).length,
    envelopes,
  }
}

const accessOf = (rows: readonly GroupOrderRow[]) => rows.filter(({ mode }) => mode !== none.id)

const figuresOf = (rows: readonly GroupOrderRow[]): Readonly<Record<string, number>> => ({
  modes: accessOf(rows).length,
  exposing: accessOf(rows).filter(({ others }) => others > 0).length,
  others: most(accessOf(rows).map(({ others }) => others)),
  without: most(rows.filter(({ mode }) => mode === none.id).map(({ handed, possible }) => handed + possible)),
})

export function groupOrderVerdict(rows: readonly GroupOrderRow[], size: number): string {
  const access = accessOf(rows)
  if (access.length === 0) return 'No access mode was run, so no order could read anything of the group.'
  const exposing = access.filter(({ others }) => others > 0)
  return exposing.length === 0
    ? `An order for one of ${size} people in a group read nobody else’s words under any access mode.`
    : `In a group of ${size}, an order for one read the words of ${range(exposing.map(({ others }) => others))} others under ${modesIn(exposing, access)}.`
}

export function groupOrderEvidence(rows: readonly GroupOrderRow[]): string {
  const access = accessOf(rows)
  const control = rows.find(({ mode }) => mode === none.id)
  const baseline = !control
    ? ''
    : control.handed + control.possible === 0
      ? `With no access mode the same group said ${control.said} texts, and nothing of them opened. `
      : `With no access mode ${control.handed + control.possible} texts opened, which should not be. `
  const [exposing, silent] = [access.filter(({ handed }) => handed > 0), access.filter(({ handed }) => handed === 0)]
  const whole = exposing.filter(({ handed, possible, said }) => handed === said && possible === said)
  const all =
    whole.length > 0
      ? `Under ${modesOf(whole)} the order read everything that the group said: ${range(whole.map(({ handed }) => handed))} texts, of which the person named wrote ${range(whole.map(({ ofTarget }) => ofTarget))}. In a group the order is no limit, for every text is sent to its target too. `
      : ''
  const broken = silent.filter(({ arrived, said }) => arrived < said)
  const cut =
    broken.length === 0
      ? ''
      : `. ${capital(listed(broken.map(({ arrived, said }) => `${arrived === 0 ? 'none' : arrived} of the ${said} texts`)))} came to all others then: the group names the members’ true keys, and devices do not send to false ones`
  const unread = silent.length === 0 ? '' : `Under ${modesOf(silent)} the order read nothing${cut}. `
  const spread = access.filter(({ elsewhere }) => elsewhere > 0)
  const later =
    spread.length === 0
      ? ''
      : `The keys of ${modesOf(spread)} also opened ${listed(spread.map(({ elsewhere }) => counted(elsewhere, 'text')))} said under another mode. `
  return `${baseline}${all}${unread}${later}`.trim()
}
