import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import type { Share } from '../simulation/share.ts'
import { plain } from './markdown.ts'
import { cellOf, orderRows, withoutAccess } from './pick.ts'
import { counted, grouped } from '../../words/counted.ts'
import { listed, lowerFirst, othersOf, outOf } from './words.ts'
import { moreForEverybody, yieldOf } from './yield.ts'

interface Found {
  readonly mode: ModeResult
  readonly cell: Cell
}

const measured = (modes: readonly ModeResult[], adversary: string): readonly Found[] =>
  modes.flatMap((mode) => {
    const cell = cellOf(mode, adversary)
    return cell?.status === 'measured' ? [{ mode, cell }] : []
  })

const named = (found: readonly Found[], figure: (one: Found) => string = () => ''): string =>
  listed(found.map((one) => `${plain(lowerFirst(one.mode.title))}${figure(one)}`))

/** A sentence about those of which it is true; nothing where it is true of none. */
const ifAny = (found: readonly Found[], sentence: (found: readonly Found[]) => string): readonly string[] =>
  found.length === 0 ? [] : [sentence(found)]

/** Modes under which somebody's forgery was taken, with everybody of whom that is true. */
const forgers = ({ modes }: LabResult) =>
  modes.flatMap((mode) => {
    const names = mode.cells.flatMap(({ forged, adversary }) => (forged ? [`“${plain(adversary)}”`] : []))
    return names.length > 0 ? [{ mode, names }] : []
  })

/** What those who ask for access can point to in this run. */
export function inFavour(result: LabResult): readonly string[] {
  const { modes } = result
  const orders = measured(modes, orderRows.used).filter(({ mode }) => mode.id !== 'none')
  const insiders = measured(modes, 'insider')
  const quiet = insiders.filter(
    ({ cell: { messages } }) =>
      messages.during.read > 0 &&
      messages.before.of > 0 &&
      messages.after.of > 0 &&
      messages.before.read + messages.after.read + messages.again.read === 0,
  )
  const narrow = measured(modes, orderRows.possible).filter(
    ({ mode, cell: { people } }) =>
      people.target.read > 0 &&
      people.strangers.of > 0 &&
      people.strangers.read === 0 &&
      (cellOf(mode, orderRows.everybody)?.people.strangers.read ?? 0) > 0,
  )
  const shares = measured(modes, 'one secret and archive').filter(
    ({ mode, cell }) => cell.conversations.read === 0 && (cellOf(mode, 'insider')?.conversations.read ?? 0) > 0,
  )
  const divided = measured(modes, 'one state').filter(
    ({ mode, cell }) => cell.conversations.read === 0 && (cellOf(mode, 'insider')?.conversations.read ?? 0) > 0,
  )
  const announced = insiders.filter(({ mode }) => announcement(mode).read > 0)
  const noticed = insiders.filter(({ mode }) => tellingMore(result, mode).length > 0)
  return [
    ...ifAny(
      orders.filter(({ cell }) => yieldOf(result, cell).read > 0),
      (found) =>
        `An order for one person is answered: conversations of the target read under ${named(found, ({ cell }) => ` (${outOf(yieldOf(result, cell))})`)}.`,
    ),
    ...orderWithout(result),
    ...ifAny(
      quiet,
      (found) =>
        `The switch does what it says: nothing from before it or after it was read by the insider under ${named(found)}.`,
    ),
    ...ifAny(
      narrow,
      (found) =>
        `Not every mode reaches everybody: under ${named(found)} the keys that were made for the order opened nothing of strangers, of what was recorded. One more name needs no other key there, only one more request to the operator.`,
    ),
    ...ifAny(
      shares,
      (found) =>
        `Dividing a key helps against theft: one stolen secret with all envelopes read nothing under ${named(found)}.`,
    ),
    ...ifAny(
      divided,
      (found) =>
        `Dividing it among states helps against each of them: no single one read anything under ${named(found)}.`,
    ),
    ...ifAny(
      announced,
      (found) =>
        `The switch is announced: devices showed which mode was in force under ${named(found, ({ mode }) => ` (${outOf(announcement(mode))})`)}.`,
    ),
    ...ifAny(
      noticed,
      (found) =>
        `Who looks can see: an order left something to notice under ${named(
          found,
          ({ mode }) =>
            ` (${listed(tellingMore(result, mode).map((one) => `${plain(one.id)}: ${outOf(one.noticed)}`))})`,
        )}.`,
    ),
    ...ifAny(
      measured(modes, 'insider').filter(({ cell }) => cell.forged === false),
      (found) =>
        `To read is not to write: every attempt of the insider to pass off a message as somebody else’s was refused under ${named(found)}.`,
    ),
  ]
}

const announcement = ({ detections }: ModeResult): Share =>
  detections.order.find(({ id }) => id === 'announcement')?.noticed ?? { read: 0, of: 0 }

/** That a mode is on is announced to everybody; who is read under it is not. */
const telling = ({ detections }: ModeResult) => detections.order.filter(({ id }) => id !== 'announcement')

/** What more people notice than without access: only that can come of the mode or of an order. */
function tellingMore(result: LabResult, mode: ModeResult) {
  const none = withoutAccess(result)
  const usual = new Map((none ? telling(none) : []).map(({ id, noticed }) => [id, noticed.read]))
  return telling(mode).filter(({ id, noticed }) => noticed.read > (usual.get(id) ?? 0))
}

function orderWithout(result: LabResult): readonly string[] {
  const none = withoutAccess(result)
  const cell = none && cellOf(none, orderRows.used)
  if (!cell) return []
  if (cell.status === 'not applicable')
    return [`Without access the same order has nothing to work with: ${plain(cell.holds)}.`]
  const got = yieldOf(result, cell)
  return [
    got.read === 0
      ? 'Without access the same order read nothing.'
      : `Without access the same order read ${outOf(got)} conversations too.`,
  ]
}

/** What needs no mode at all. */
function seized(result: LabResult): readonly string[] {
  const none = withoutAccess(result)
  const cell = none && cellOf(none, 'unlocked device')
  if (cell?.status !== 'measured') return []
  const got = yieldOf(result, cell)
  return got.read === 0
    ? []
    : [
        `There are other ways: without access the target’s own device, unlocked, gave ${grouped(got.read)} of its ${counted(got.of, 'conversation')}.`,
      ]
}

/** Also where keys of one authority open what was said under those of another. */
const afterwards = ({ messages: { after, again } }: Cell): string =>
  [
    ...(after.read > 0 ? [outOf(after)] : []),
    ...(again.read > 0 ? [`of what was said once another state had switched it on again, ${outOf(again)}`] : []),
  ].join('; ')

/** What those who warn of access can point to in this run. */
export function against(result: LabResult): readonly string[] {
  const { modes } = result
  const insiders = measured(modes, 'insider').filter(({ cell }) => cell.conversations.read > 0)
  const wide = measured(modes, orderRows.possible).filter(({ mode, cell }) => {
    const used = cellOf(mode, orderRows.used)
    return used !== null && othersOf(cell).read > othersOf(used).read
  })
  const stolen = measured(modes, 'one secret and archive').filter(
    ({ mode, cell }) =>
      cell.conversations.read > 0 && cell.conversations.read === cellOf(mode, 'insider')?.conversations.read,
  )
  const lasting = insiders.filter(({ cell: { messages } }) => messages.after.read + messages.again.read > 0)
  const orders = measured(modes, orderRows.used).filter(({ mode }) => mode.id !== 'none')
  const further = measured(modes, orderRows.possible).filter(({ mode }) => moreForEverybody(mode) !== null)
  const unseen = insiders.filter(({ mode }) => telling(mode).every(({ noticed }) => noticed.read === 0))
  const written = forgers(result)
  const abroad = measured(modes, 'another state').filter(({ cell }) => cell.conversations.read > 0)
  const lying = measured(modes, 'active relay').filter(({ cell }) => cell.conversations.read > 0)
  const sealed = insiders.filter(({ cell }) => cell.stillSealed > 0)
  return [
    ...ifAny(
      wide,
      (found) =>
        `An order names one person, and its keys do not: people who are no target and whose words the same hands open, under ${named(found, ({ mode, cell }) => ` (${grouped(othersOf(cell).read)}, where the order used ${grouped(othersOf(cellOf(mode, orderRows.used) ?? cell).read)})`)}.`,
    ),
    ...ifAny(
      further,
      (found) =>
        `Whom the keys read is up to the operator: the same secrets, and an operator who does the mode’s part for everybody, opened words of people who are no target under ${named(
          found,
          ({ mode }) =>
            ` (${grouped(moreForEverybody(mode)?.able ?? 0)}, where the order used ${grouped(moreForEverybody(mode)?.used ?? 0)})`,
        )}.`,
    ),
    ...ifAny(
      orders.filter(({ cell }) => yieldOf(result, cell).of > 0 && yieldOf(result, cell).read === 0),
      (found) =>
        `The order read nothing of the target under ${named(found, ({ cell }) => ` (${outOf(yieldOf(result, cell))})`)}.`,
    ),
    ...ifAny(
      insiders,
      (found) =>
        `It works without an order: the insider read conversations under ${named(found, ({ cell }) => ` (${outOf(cell.conversations)})`)}.`,
    ),
    ...ifAny(
      stolen,
      (found) =>
        `Who copies one secret, and has what passed, reads as many conversations as the insider under ${named(found)}.`,
    ),
    ...ifAny(
      lasting,
      (found) =>
        `Off is not off at once: with the authority’s keys, messages sent after the switch were read under ${named(found, ({ cell }) => ` (${afterwards(cell)})`)}.`,
    ),
    ...ifAny(
      unseen,
      (found) =>
        `That somebody is being read does not show: no detector of this run but the announcement found anything under ${named(found)}.`,
    ),
    ...ifAny(
      abroad,
      (found) =>
        `The same switch serves others: a state that compels the operator, with keys of its own, read conversations under ${named(found, ({ cell }) => ` (${outOf(cell.conversations)})`)}.`,
    ),
    ...ifAny(
      lying,
      (found) =>
        `A relay that lies asks nobody: it read conversations under ${named(found, ({ cell }) => ` (${outOf(cell.conversations)})`)}.`,
    ),
    ...seized(result),
    ...ifAny(
      sealed,
      (found) =>
        `Who encrypts first is not read: opened and still sealed, under ${named(found, ({ cell }) => ` (${counted(cell.stillSealed, 'message')})`)}.`,
    ),
    ...(written.length === 0
      ? []
      : [
          `Somebody could write in another’s name under ${listed(written.map(({ mode, names }) => `${plain(lowerFirst(mode.title))} (${listed(names)})`))}.`,
        ]),
  ]
}
