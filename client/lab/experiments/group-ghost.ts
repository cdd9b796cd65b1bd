import { ghostDevice } from '../../../crypto/access/ghost-device.ts'
import { keySubstitution } from '../../../crypto/access/key-substitution.ts'
import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { type AccessMode, none } from '../../../crypto/access/mode.ts'
import { openCircle } from '../adversaries/circle-reading.ts'
import { type CirclePlayed, playCircle } from '../simulation/circle.ts'
import { backgroundNames } from '../world/background.ts'
import type { Experiment } from './experiment.ts'
import { titles } from './titles.ts'
import { listed } from './words.ts'

/** One way to become a silent participant, and what came of it. */
export interface GhostRow {
  readonly way: string
  /** texts said in the group meanwhile, those that came to all others, and those that the provider's side read */
  readonly said: number
  readonly arrived: number
  readonly read: number
  /** by the detector's id: how many of the members notice, or would if they ran it */
  readonly noticed: ReadonlyMap<string, number>
}

export interface Way {
  readonly way: string
  readonly modes: readonly AccessMode[]
  readonly isIntruded: boolean
}

export const ghostCircleSize = 5

/** The last mode is the one that is looked at; the group is founded under the first. */
const ways: readonly Way[] = [
  { way: 'nobody', modes: [none], isIntruded: false },
  { way: 'the provider’s own account adds itself', modes: [none], isIntruded: true },
  { way: 'ghost device, group from before', modes: [none, ghostDevice], isIntruded: false },
  { way: 'ghost device, group founded under it', modes: [ghostDevice], isIntruded: false },
  { way: 'key substitution, group from before', modes: [none, keySubstitution], isIntruded: false },
  { way: 'key substitution, group founded under it', modes: [keySubstitution], isIntruded: false },
  { way: 'message key escrow', modes: [none, messageKeyEscrow], isIntruded: false },
]

/** Of the ways those whose modes were run. */
export async function groupGhost(modes: readonly AccessMode[], seed: string): Promise<Experiment> {
  const people = backgroundNames(ghostCircleSize, `${seed} silent participant`)
  const ran = new Set([none.id, ...modes.map(({ id }) => id)])
  const rows: GhostRow[] = []
  const detectors = new Map<string, string>()
  for (const way of ways.filter((one) => one.modes.every(({ id }) => ran.has(id)))) {
    const played = await playCircle(people, way.modes, `${seed} silent participant`, way.isIntruded)
    rows.push(rowOf(way, played))
    for (const { id, runBy } of played.detections) detectors.set(id, runBy)
  }
  return {
    id: 'group-ghost',
    title: titles['group-ghost'],
    claims: [20],
    question: 'A provider adds a silent participant to a group: what does that participant read, and who can notice?',
    method: `Levy and Robinson’s own example, played in a group of ${ghostCircleSize} people with one device each (seed “${seed}”), once for each column. First the provider’s own account tries to become a member: it knows all that a member’s device knows of the group, and tells every member, in a change that it has signed itself, that it was added. Then a ghost device is put beside one member, and after that false keys are handed out for that member: once in a group that was there before, in which everybody had spoken, and once before the group is founded, when nobody knows anybody’s keys yet. Everybody in the group then says one thing. Read means decrypted with the key that was made for the silent participant, or received by the provider’s account, and the same as what was sent. Each detector is run on all ${ghostCircleSize} people; the figure is how many notice, or would if they looked. A group’s member list here means names: devices do not show keys in it. Message key escrow stands beside it, because it adds no participant.`,
    columns: ['what is looked at', 'by whom', ...rows.map(({ way }) => way)],
    rows: [
      ['texts said in the group', '', ...rows.map(({ said }) => said)],
      ['texts read', '', ...rows.map(({ read }) => read)],
      ['texts that came to all others', '', ...rows.map(({ arrived }) => arrived)],
      ...[...detectors].map(([id, runBy]) => [
        `noticed: ${id}`,
        runBy,
        ...rows.map(({ noticed }) => noticed.get(id) ?? 0),
      ]),
    ],
    verdict: groupGhostVerdict(rows),
    evidence: groupGhostEvidence(rows),
    figures: Object.fromEntries(
      rows.flatMap(({ way, said, read }) => [
        [`${way}: said`, said],
        [`${way}: read`, read],
      ]),
    ),
  }
}

function rowOf({ way, modes, isIntruded }: Way, played: CirclePlayed): GhostRow {
  const last = played.stretches.at(-1)
  const here = [...played.truth.values()].filter(({ mode }) => mode === modes.at(-1)?.id)
  const opened = last ? openCircle(played, last).texts.filter(({ mode }) => mode === last.mode.id).length : 0
  return {
    way,
    said: here.length,
    arrived: here.filter(({ arrived }) => arrived.length === played.people.length - 1).length,
    read: isIntruded ? (played.readByIntruder ?? 0) : opened,
    noticed: new Map(played.detections.map(({ id, noticed }) => [id, noticed.read])),
  }
}

/** What the group itself has against a silent participant. */
const ofTheGroup = ['member list', 'group number', 'told different things'] as const
/** What is told of every mode, and not of its participant. */
const announced = 'announcement'

const isSeen = ({ noticed }: GhostRow, id: string) => (noticed.get(id) ?? 0) > 0
const seesInGroup = (row: GhostRow) => ofTheGroup.some((id) => isSeen(row, id))
const others = (row: GhostRow) =>
  [...row.noticed.keys()].filter((id) => id !== announced && isSeen(row, id) && !ofTheGroup.some((one) => one === id))

/** Without the control, and without what adds no participant. */
const silent = (rows: readonly GhostRow[]) => rows.filter(({ way }) => way !== 'nobody' && way !== 'message key escrow')

export function groupGhostVerdict(rows: readonly GhostRow[]): string {
  const reading = silent(rows).filter(({ read }) => read > 0)
  if (reading.length === 0) return 'No silent participant read anything that the group said.'
  const unseen = reading.filter((row) => !seesInGroup(row))
  return unseen.length === 0
    ? 'Wherever a silent participant read what the group said, the group’s member list or its number showed it.'
    : `In ${unseen.length} of ${silent(rows).length} ways a silent participant read what the group said, and neither the group’s member list nor its number showed it.`
}

export function groupGhostEvidence(rows: readonly GhostRow[]): string {
  const sentences = silent(rows).map((row) => {
    const { way, read, said, arrived } = row
    const seen = others(row)
    const noticing = [...(seesInGroup(row) ? ofTheGroup.filter((id) => isSeen(row, id)) : []), ...seen]
    const cut = arrived < said ? `, and ${said - arrived} did not come to all others` : ''
    return `${way.slice(0, 1).toUpperCase()}${way.slice(1)}: ${read} of ${said} texts were read${cut}; ${noticing.length === 0 ? 'no detector shows it' : `it could be noticed by ${listed(noticing)}`}.`
  })
  return sentences.join(' ')
}
