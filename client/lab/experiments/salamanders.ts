import { type Acted, actOut, type Seen } from './salamander-acts.ts'
import { counted, grouped } from '../../words/counted.ts'
import type { Experiment } from './experiment.ts'
import { portion } from './figures.ts'
import { titles } from './titles.ts'
import { listed } from './words.ts'

/** One way in which one ciphertext may be two pictures to two people. */
export interface SalamanderRow {
  readonly design: 'without a root' | 'Doormat'
  readonly way: string
  /** what the one is shown, in order */
  readonly one: readonly Seen[]
  /** what the other is shown, or whoever judges */
  readonly other: readonly Seen[]
  /** people besides the sender who are told that something is wrong, of how many */
  readonly told: number
  readonly of: number
}

/** The attack on attachments that was published against Facebook’s message franking, made and tried. */
export async function salamanders(seed: string): Promise<Experiment> {
  const acted = await actOut(seed)
  const rows = salamanderRows(acted)
  const { sizeBytes, drawn, blob } = acted.two
  return {
    id: 'salamanders',
    title: titles.salamanders,
    claims: [],
    question:
      'Can one encrypted file be two pictures, so that whoever judges a report sees another than its recipient?',
    method: `The attack is that of Dodis, Grubbs, Ristenpart and Woodage (Fast Message Franking: From Invisible Salamanders to Encryptment, CRYPTO 2018), who made it for AES-GCM and the attachments of Facebook Messenger. XChaCha20-Poly1305, which encrypts files here, does not commit to its key either: two tags over the same blocks are equal where one block solves a linear equation. Two pictures were drawn by the program (a salamander and a doormat, as JPEG). ${grouped(drawn)} keys were drawn until two gave the same first 28 bits of keystream, so that under either the blob begins as a JPEG does; each picture then stands where a decoder of the other passes over it. The blob of ${grouped(blob.length)} bytes, tag included, opens under both keys to files of ${grouped(sizeBytes)} bytes. What is shown was decrypted, and compared with both pictures after everything was taken away that no decoder draws. “Without a root” is a design with the same pieces in which a message names a blob and a key: it stands for the published one, and is no program of Facebook’s. “Doormat” is the messenger’s own code, with three people and under message key escrow (seed “${seed}”): one of them has a client of their own that names the same blob with either key, and for each the root that belongs to it. Without a root, whoever judges opens each ciphertext once, with the key that came first, as Facebook’s server did; in Doormat they have the authority’s export. That two keys have the same root was not tried: it takes a collision of BLAKE2b.`,
    columns: [
      'design',
      'what the sender does',
      'what one person is shown',
      'what the other is shown, or whoever judges',
      'others who are told',
    ],
    rows: rows.map(({ design, way, one, other, told, of }) => [
      design,
      way,
      one.join(', '),
      other.join(', '),
      portion({ read: told, of }),
    ]),
    verdict: salamanderVerdict(rows),
    evidence: salamanderEvidence(rows, acted),
    figures: {
      ways: ours(rows).length,
      deceived: ours(rows).filter(deceives).length,
      without: rows.filter((row) => row.design !== 'Doormat' && deceives(row)).length,
    },
  }
}

const published = 'two messages to one person, each with one key; then somebody judges'
const handed = 'one message; whoever judges is handed the other key'

export const salamanderRows = ({
  bare,
  oneMessage,
  twoMessages,
  twoPeople,
  group,
}: Acted): readonly SalamanderRow[] => [
  { design: 'without a root', way: published, one: bare, other: [bare[0]], told: 0, of: 1 },
  { design: 'without a root', way: handed, one: [bare[0]], other: [bare[1]], told: 0, of: 1 },
  {
    design: 'Doormat',
    way: published,
    one: twoMessages.shown,
    other: twoMessages.exported,
    told: 0,
    of: 1,
  },
  {
    design: 'Doormat',
    way: handed,
    one: [oneMessage.own],
    other: [oneMessage.otherKey],
    told: oneMessage.otherKey === 'refused' ? 1 : 0,
    of: 1,
  },
  { design: 'Doormat', way: 'a message each to two people', one: twoPeople[0], other: twoPeople[1], told: 0, of: 2 },
  {
    design: 'Doormat',
    way: 'one message to a group, in which two members are told different keys; both answer',
    one: group.shown[0],
    other: group.shown[1],
    told: group.toldAfter,
    of: 2,
  },
]

/** Two see different pictures, and neither of them is told. */
const deceives = ({ one, other, told }: SalamanderRow): boolean =>
  told === 0 && !other.includes('refused') && one.join() !== other.join()

const ours = (rows: readonly SalamanderRow[]) => rows.filter(({ design }) => design === 'Doormat')

export function salamanderVerdict(rows: readonly SalamanderRow[]): string {
  const [tried, deceived] = [ours(rows), ours(rows).filter(deceives)]
  if (!rows.some((row) => row.design !== 'Doormat' && deceives(row)))
    return 'No ciphertext was made that is two pictures, so nothing can be said.'
  return deceived.length === 0
    ? `One ciphertext was two pictures where nothing commits to its key; in Doormat that deceived nobody in ${counted(tried.length, 'way')}.`
    : `One ciphertext was two pictures where nothing commits to its key; in Doormat that deceived people in ${deceived.length} of ${counted(tried.length, 'way')}.`
}

export function salamanderEvidence(rows: readonly SalamanderRow[], { group, oneMessage }: Acted): string {
  const deceived = ours(rows).filter(deceives)
  const root =
    oneMessage.otherKey === 'refused'
      ? 'A message names a root over key, length and ciphertext: with the other key the root of that message does not hold, and nothing is shown. '
      : ''
  const judge = rows.some((row) => row.design === 'Doormat' && row.way === published && !deceives(row))
    ? 'As it was published, the attack needs a judge who opens each ciphertext once. The authority’s export opens a file by all that its message says, so it has both pictures; whoever went by the blob alone would be deceived here too. '
    : ''
  const inGroup =
    group.toldAfter > group.toldBefore
      ? `In a group, what each device says is chained by hashes that cover the file’s key, and members name what they have heard: ${group.toldBefore} of 2 members were told before anybody answered, and ${group.toldAfter} when both had. It is not said which of them was shown what. `
      : ''
  const rest =
    deceived.length === 0
      ? ''
      : `Not prevented: ${listed(deceived.map(({ way }) => way))}. Each then has a message that is authentic, and two different files would do the same; only the two can compare.`
  return `Doormat does not prevent such a blob, and each key opens it. ${root}${judge}${inGroup}${rest}`.trim()
}
