import type { AccessMode } from '../../../crypto/access/mode.ts'
import { none } from '../../../crypto/access/mode.ts'
import { adversaries } from '../adversaries/adversaries.ts'
import { orderedFrom } from '../adversaries/circle-reading.ts'
import { tryControl } from '../adversaries/control.ts'
import { measure } from '../adversaries/exposure.ts'
import { type FilesRead, filesRead, tryFileControl, tryPlainFileKeys } from '../adversaries/files.ts'
import { playCircle } from '../simulation/circle.ts'
import type { Conduct } from '../simulation/operator.ts'
import { play } from '../simulation/play.ts'
import type { Played } from '../simulation/played.ts'
import { usualTimetable } from '../simulation/timetable.ts'
import { backgroundNames } from '../world/background.ts'
import { worldWithFiles } from '../world/files.ts'
import { counted } from '../../words/counted.ts'
import { type Experiment, ofAll } from './experiment.ts'
import { modesIn, modesOf, most, portion, range } from './figures.ts'
import { titles } from './titles.ts'
import { capital, nameOf } from './words.ts'

/** What one adversary read under one mode. */
export interface FilesCell extends FilesRead {
  readonly adversary: string
  /** all that they read, with and without a file */
  readonly messages: number
}

export interface FilesRow {
  readonly mode: string
  /** in the whole world */
  readonly messages: number
  readonly files: number
  /** of these, those sent while the mode was on */
  readonly during: number
  /** of the adversaries who have anything to hold under this mode */
  readonly cells: readonly FilesCell[]
  /** envelopes and files that the one kept key opened */
  readonly control: { readonly messages: number; readonly files: number }
  /** files whose key stood in an envelope in plain, or that an envelope names, of those that were tried */
  readonly plain: { readonly read: number; readonly of: number }
}

/** What an order for one member opened of the pictures that all of a group sent each other. */
export interface CircleFilesRow {
  readonly mode: string
  readonly sent: number
  readonly opened: number
}

export const filesPeople = 8
export const filesCircle = 6

/** A world in which people send each other files, under one mode after the other. */
export async function files(modes: readonly AccessMode[], seed: string, size = filesPeople): Promise<Experiment> {
  const all = [none, ...modes.filter(({ id }) => id !== none.id)]
  const rows: FilesRow[] = []
  for (const mode of all) rows.push(await rowOf(mode, seed, size))
  const circle = await playCircle(backgroundNames(filesCircle, `${seed} circle files`), all, seed, false, true)
  if (tryControl(circle) !== 1 || tryFileControl(circle) !== 1) throw new Error('the controls of files fail in a group')
  const inCircle = circle.stretches.map((stretch) => ({
    mode: stretch.mode.id,
    sent: [...circle.truth.values()].filter((said) => said.mode === stretch.mode.id && said.file).length,
    opened: orderedFrom(circle, stretch).files.length,
  }))
  const world = worldWithFiles(seed, size)
  const sent = world.messages.flatMap(({ file }) => file ?? [])
  const pictures = sent.filter(({ type }) => type.startsWith('image/')).length
  const [first] = rows
  return {
    id: 'files',
    title: titles.files,
    claims: [3],
    question: 'Whoever reads a message: do they have its file too?',
    method: `A world of its own, not part of the matrix: ${size} people who write ${counted(world.messages.length, 'message')} in 30 days (seed “${seed}”), of which ${sent.length} have a file: ${counted(pictures, 'picture')} of coloured squares and ${counted(sent.length - pictures, 'note')}, drawn by the program. Nobody evades. It is played under each mode with the adversaries and the moments of the matrix. The relay keeps every encrypted file, as “doormat relay --archive” does, and all adversaries who have anything to open are given all of these. A file counts as read if it was decrypted with the key and checked by the root in a message that they read, and is to the last byte what was sent. ${controlWords(rows)} Each cell says how many messages and how many files somebody read; “–” stands where there is nothing that they could hold. Besides, ${filesCircle} people in one group send it a picture each under one mode after the other, with an order for the same member; what the order desk’s code hands over is opened in the same way, with the same control. Who is called what, and holds what, stands under “Who holds what”.`,
    columns: ['who', ...rows.map(({ mode }) => capital(nameOf(mode)))],
    rows: [
      ['all that was sent', ...rows.map((row) => pairOf(row.messages, row.files))],
      ...adversaries.map(({ id, title }) => [
        title,
        ...rows.map(({ cells }) => {
          const cell = cells.find(({ adversary }) => adversary === id)
          return cell ? pairOf(cell.messages, cell.opened) : '–'
        }),
      ]),
    ],
    verdict: filesVerdict(rows),
    evidence: `${filesEvidence(rows)} ${circleEvidence(inCircle)}`,
    figures: {
      files: first?.files ?? 0,
      insider: most(accessOf(rows).map((row) => cellIn(row, 'insider')?.during ?? 0)),
      withheld: rows.flatMap(withheldIn).length,
    },
  }
}

const pairOf = (messages: number, files: number) =>
  messages === 0 && files === 0 ? '0' : `${counted(messages, 'message')}, ${counted(files, 'file')}`

async function rowOf(mode: AccessMode, seed: string, size: number): Promise<FilesRow> {
  const world = worldWithFiles(seed, size)
  const timetable = usualTimetable(world)
  const played = (conduct: Conduct) => play(world, mode, timetable, seed, () => undefined, conduct)
  const within = await played('within the order')
  const worlds: Readonly<Record<Conduct, Played>> = {
    'within the order': within,
    'for everybody': mode.tapping ? await played('for everybody') : within,
    'as it likes': await played('as it likes'),
  }
  return {
    mode: mode.id,
    messages: world.messages.length,
    files: world.messages.filter(({ file }) => file !== undefined).length,
    during: [...within.truth.values()].filter(({ file, phase }) => file !== undefined && phase === 'during').length,
    cells: adversaries.flatMap((adversary) => {
      const read = filesRead(worlds[adversary.conduct], adversary)
      const cell = measure(worlds[adversary.conduct], adversary)
      return read ? [{ adversary: adversary.id, messages: ofAll(cell).read, ...read }] : []
    }),
    control: { messages: tryControl(within), files: tryFileControl(within) },
    plain: tryPlainFileKeys(within),
  }
}

/** A zero is worth what its control is worth. @throws Error where one has failed */
function controlWords(rows: readonly FilesRow[]): string {
  for (const { mode, control, plain } of rows)
    if (control.messages !== 1 || control.files !== 1 || plain.read !== 0)
      throw new Error(`the controls of files fail under ${mode}`)
  return `For every zero there is a control: under each mode the key of one message with a file was kept by a witness, and tried on every envelope, and the file’s key that it gave on every file. It opened its own message and its own file, and nothing else. Besides, every 32 bytes of the envelopes that went out with ${rows[0]?.plain.of ?? 0} of the files were tried as the file’s key, and no envelope names a file in plain.`
}

const accessOf = (rows: readonly FilesRow[]) => rows.filter(({ mode }) => mode !== none.id)
const cellIn = ({ cells }: FilesRow, id: string) => cells.find(({ adversary }) => adversary === id)

/** Who read messages with files, and not all of their files. */
const withheldIn = ({ cells }: FilesRow) => cells.filter(({ named, opened }) => opened < named)

export function filesVerdict(rows: readonly FilesRow[]): string {
  const access = accessOf(rows)
  if (access.length === 0) return 'No access mode was run, so no key could open a file.'
  if (rows.some((row) => withheldIn(row).length > 0))
    return `Some who read messages did not have all of their files, under ${modesIn(
      rows.filter((row) => withheldIn(row).length > 0),
      rows,
    )}.`
  const [best] = [...access].sort(
    (one, other) => (cellIn(other, 'insider')?.during ?? 0) - (cellIn(one, 'insider')?.during ?? 0),
  )
  const read = (best && cellIn(best, 'insider')?.during) ?? 0
  return read === 0
    ? 'No access mode gave an insider any file.'
    : `Whoever read a message had its file too: an insider opened up to ${portion({ read, of: best?.during ?? 0 })} files sent while a mode was on.`
}

export function filesEvidence(rows: readonly FilesRow[]): string {
  const control = rows.find(({ mode }) => mode === none.id)
  const noKey = new Set(['wire', 'passive relay', 'breach'])
  const without = control && control.cells.filter(({ adversary }) => noKey.has(adversary))
  const baseline =
    without && without.every(({ opened, messages }) => opened + messages === 0)
      ? 'With no access mode whoever had every envelope and every encrypted file, and no key, opened none. '
      : ''
  const liar = control && cellIn(control, 'active relay')
  const lied =
    liar && liar.opened > 0
      ? `A dishonest server opened ${portion({ read: liar.opened, of: control.files })} files even then. `
      : ''
  const device = control && cellIn(control, 'unlocked device')
  const seized =
    device && device.opened > 0
      ? `The target’s own device, unlocked, gave ${counted(device.opened, 'file')} with no access mode: it keeps their keys, and whoever knows the name of a blob may fetch it. `
      : ''
  const used = accessOf(rows).filter((row) => (cellIn(row, 'order, as used')?.opened ?? 0) > 0)
  const orders =
    used.length === 0
      ? ''
      : `An order as used opened ${range(used.map((row) => cellIn(row, 'order, as used')?.opened ?? 0))} files under ${modesOf(used)}. `
  const idle = accessOf(rows).filter((row) => (cellIn(row, 'insider')?.opened ?? 0) === 0)
  const nothing = idle.length === 0 ? '' : `Under ${modesOf(idle)} an insider opened none. `
  return `The key of a file stands in its message, so a mode that opens messages needs nothing more for files than the encrypted files themselves: a relay without an archive has them for 30 days. ${baseline}${lied}${seized}${orders}${nothing}`.trim()
}

export function circleEvidence(rows: readonly CircleFilesRow[]): string {
  const access = rows.filter(({ mode }) => mode !== none.id)
  const [opening, idle] = [access.filter(({ opened }) => opened > 0), access.filter(({ opened }) => opened === 0)]
  const read =
    opening.length === 0
      ? ''
      : ` opened ${range(opening.map(({ opened }) => opened))} of ${range(opening.map(({ sent }) => sent))} pictures under ${modesOf(opening)}`
  const unread = idle.length === 0 ? '' : `${read === '' ? '' : ', and'} opened none under ${modesOf(idle)}`
  return access.length === 0 ? '' : `In a group an order for one member${read}${unread}.`
}
