import { blobSize } from '../../../crypto/attachment.ts'
import { mixedPeople, type MixedPlayed, playMixed, type Upload } from '../simulation/mixed.ts'
import type { Share } from '../simulation/share.ts'
import { draws } from '../world/draws.ts'
import { pair } from '../world/pair.ts'
import type { Experiment } from './experiment.ts'
import { counted } from '../../words/counted.ts'
import { portion } from './figures.ts'
import { type Estimate, estimate } from './group-guesses.ts'
import { titles } from './titles.ts'

/** What a relay learns of who gets which file, by one thing that it sees. */
export interface FetchRow {
  readonly by: string
  /** files to a group that are taken for that */
  readonly told: Share
  /** files to a group of which the number of its other members is right */
  readonly counted: Estimate
  /** files to one person that are taken for files to a group */
  readonly mistaken: Share
  /** pairs between whom a file went */
  readonly pairs: Share
  /** groups of which exactly the people are found */
  readonly groups: Share
}

export const fetchWorlds = 2
/** so many in a hundred who get a file save it */
const shares = [100, 70, 40] as const
const usual = 70
const beside = 'the envelopes that its sender sends at that moment'
const fetched = (share: number) => `fetches; ${share} % of recipients save a file`

/** How well a relay that opens nothing finds out who gets a file. */
export async function fileFetches(seed: string, worlds = fetchWorlds): Promise<Experiment> {
  const played: MixedPlayed[] = []
  for (let world = 1; world <= worlds; world++) played.push(await playMixed(`${seed} files ${world}`, true))
  const rows = fetchRows(played, seed)
  const uploads = played.flatMap((one) => one.uploads)
  return {
    id: 'file-fetches',
    title: titles['file-fetches'],
    claims: [10],
    question: 'How much do uploads and fetches of a file tell of who gets it?',
    method: `${worlds} worlds of ${mixedPeople} people (seeds “${seed} files 1” to “${seed} files ${worlds}”), not part of the matrix, with no access mode: those of the groups that envelopes give away, with other draws, and a picture beside everything that is said to one person or to a group. Each of the ${uploads.length} encrypted files goes to the messenger’s own relay. The relay knows who brings a file, its padded size, its time and how often it is fetched; to fetch it takes the blob’s name and no account. All recipients fetched every file and found it to be what was sent. Where fewer save, as many fetches are left out by chance, each by itself. A file with more than one fetch is taken for one to a group, with as many members besides its sender as there were fetches. Pairs and groups are those that follow if the relay knows people again by their network addresses, one for each person (an assumption: Doormat’s relay logs none). The last row goes by no fetch at all: a message goes out when its file has arrived. Intervals come from drawing as many files again, 1,000 times. Real people are not all online at once, and the worlds and the rules were made by the same hands.`,
    columns: [
      'the relay goes by',
      'files to a group, taken for that',
      'the size of the group is right',
      '95 % interval',
      'files to one person, taken for files to a group',
      'pairs found',
      'groups found to the person',
    ],
    rows: rows.map(({ by, counted, told, mistaken, pairs, groups }) => [
      by,
      percent(told),
      percent(counted),
      `${Math.round(100 * counted.low)} to ${Math.round(100 * counted.high)} %`,
      percent(mistaken),
      portion(pairs),
      portion(groups),
    ]),
    verdict: fetchVerdict(rows),
    evidence: fetchEvidence(rows, uploads),
    figures: Object.fromEntries(rows.map(({ by, counted }) => [by, counted.read])),
  }
}

/** Whom the relay takes for the recipients of a file. */
type Guess = (played: MixedPlayed, upload: Upload) => readonly string[]

export function fetchRows(played: readonly MixedPlayed[], seed: string): readonly FetchRow[] {
  const byFetches = shares.map((share): readonly [string, Guess] => {
    const chance = draws(`${seed} saved ${share}`)
    const kept = played.map(({ fetches }) => fetches.filter(() => chance.percent(share)))
    const of = (one: MixedPlayed) => kept[played.indexOf(one)] ?? []
    return [fetched(share), (one, { blob }) => of(one).flatMap((fetch) => (fetch.blob === blob ? [fetch.by] : []))]
  })
  const byEnvelopes: Guess = ({ archive }, { from, at }) => [
    ...new Set(archive.flatMap(({ time, fromUser, toUser }) => (time === at && fromUser === from ? [toUser] : []))),
  ]
  return [...byFetches, [beside, byEnvelopes] as const].map(([by, guess]) => rowOf(by, guess, played, seed))
}

function rowOf(by: string, guess: Guess, played: readonly MixedPlayed[], seed: string): FetchRow {
  const files = played.flatMap((one) =>
    one.uploads.map(({ to, ...rest }) => ({ to, guessed: guess(one, { to, ...rest }) })),
  )
  const toGroups = files.filter(({ to }) => to.length > 1)
  const toOne = files.filter(({ to }) => to.length === 1)
  const share = (those: typeof files, is: (file: (typeof files)[number]) => boolean) =>
    those.map((file) => ({ read: is(file) ? 1 : 0, of: 1 }))
  return {
    by,
    told: summed(share(toGroups, ({ guessed }) => guessed.length > 1)),
    counted: estimate(
      share(toGroups, ({ to, guessed }) => to.length === guessed.length),
      draws(`${seed} intervals ${by}`),
    ),
    mistaken: summed(share(toOne, ({ guessed }) => guessed.length > 1)),
    pairs: summed(played.map((one) => pairsFound(one, guess))),
    groups: summed(played.map((one) => groupsFound(one, guess))),
  }
}

function pairsFound(one: MixedPlayed, guess: Guess): Share {
  const named = new Set(one.uploads.flatMap((upload) => guess(one, upload).map((name) => pair(upload.from, name))))
  const all = new Set(one.uploads.flatMap(({ from, to }) => to.map((name) => pair(from, name))))
  return { read: [...all].filter((names) => named.has(names)).length, of: all.size }
}

function groupsFound(one: MixedPlayed, guess: Guess): Share {
  const sets = new Set(one.uploads.map((upload) => nameOf([upload.from, ...guess(one, upload)])))
  return { read: one.groups.filter((people) => sets.has(nameOf(people))).length, of: one.groups.length }
}

const nameOf = (people: readonly string[]) => people.toSorted().join(' ')

const summed = (parts: readonly Share[]): Share => ({
  read: parts.reduce((sum, { read }) => sum + read, 0),
  of: parts.reduce((sum, { of }) => sum + of, 0),
})

const inHundred = ({ read, of }: Share) => (of === 0 ? 0 : Math.round((100 * read) / of))
const percent = (share: Share) => `${inHundred(share)} % (${portion(share)})`

const rowBy = (rows: readonly FetchRow[], by: string) => rows.find((row) => row.by === by)

export function fetchVerdict(rows: readonly FetchRow[]): string {
  const row = rowBy(rows, fetched(usual))
  return !row || row.counted.read === 0
    ? 'Counting fetches never gave the size of a group.'
    : `Where people save seven files in ten, counting fetches told the relay the group’s size for ${inHundred(row.counted)} % of files sent to groups.`
}

export function fetchEvidence(rows: readonly FetchRow[], uploads: readonly Upload[]): string {
  const [whole, envelopes] = [rowBy(rows, fetched(100)), rowBy(rows, beside)]
  const all = whole
    ? `Where everybody saves, the count gives the size for ${portion(whole.counted)} files sent to groups, as it must. With addresses, fetches then name ${portion(whole.pairs)} pairs between whom a file went, and ${portion(whole.groups)} groups to the person. `
    : ''
  const sooner = envelopes
    ? `The relay need not wait for fetches: whom somebody writes to at the moment when a file of theirs has arrived gives the size for ${portion(envelopes.counted)}, and names ${portion(envelopes.pairs)} pairs and ${portion(envelopes.groups)} groups; ${portion(envelopes.mistaken)} files to one person look like files to a group then. `
    : ''
  return `${all}${sooner}${sizesIn(uploads)}`
}

/** What padding leaves of the sizes of files. */
function sizesIn(uploads: readonly Upload[]): string {
  const [files, blobs] = [
    uploads.map(({ sizeBytes }) => sizeBytes),
    uploads.map(({ sizeBytes }) => blobSize(sizeBytes)),
  ]
  const alone = (sizes: readonly number[]) =>
    sizes.filter((size) => sizes.indexOf(size) === sizes.lastIndexOf(size)).length
  return `The relay sees ${counted(new Set(blobs).size, 'padded size')} where the files have ${counted(new Set(files).size, 'size')}: ${alone(blobs)} of ${uploads.length} files can be told from all others by size alone, and without padding it would be ${alone(files)}.`
}
