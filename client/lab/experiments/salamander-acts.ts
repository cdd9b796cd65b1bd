import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { joinMode } from '../../../crypto/access/index.ts'
import { decryptAead, nonceSizeBytes } from '../../../crypto/aead.ts'
import type { Attachment } from '../../../crypto/attachment.ts'
import { equal } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { derive, labels } from '../../../crypto/kdf.ts'
import { plainJpeg } from '../../device/metadata/jpeg.ts'
import { backgroundNames } from '../world/background.ts'
import { worldStart } from '../world/calendar.ts'
import { type Actor, supplyFor } from '../simulation/actor.ts'
import { foundGroup, strangers } from '../simulation/circle.ts'
import { putInForce } from '../simulation/operator.ts'
import { seededRandom } from '../simulation/random.ts'
import { openRecordingRelay } from '../simulation/recording-relay.ts'
import { saved } from '../simulation/saved.ts'
import { createTown } from '../simulation/town.ts'
import { doormat, salamander } from '../world/drawings.ts'
import { attachmentsOf, exportedFrom } from '../adversaries/exported.ts'
import { createLiar } from '../adversaries/liar.ts'
import { type TwoPictures, twoPictures } from '../adversaries/two-pictures.ts'

/** Which of the two pictures a file is; `neither` for any other bytes. */
export type Seen = 'salamander' | 'doormat' | 'neither' | 'refused'

/** What came of the attack in each way in which it was tried. */
export interface Acted {
  readonly two: TwoPictures
  /** what a message says of it, with either key */
  readonly attachments: readonly [Attachment, Attachment]
  /** with nothing but the pieces: what either key shows of the one blob */
  readonly bare: readonly [Seen, Seen]
  /** a message that names the first key and its root: what it shows, and what the second key shows with that root */
  readonly oneMessage: { readonly own: Seen; readonly otherKey: Seen }
  /** two messages to one person, of one blob: what they are shown, and what the authority's export has */
  readonly twoMessages: { readonly shown: readonly Seen[]; readonly exported: readonly Seen[] }
  /** a message each to two people */
  readonly twoPeople: readonly [readonly Seen[], readonly Seen[]]
  readonly group: {
    readonly shown: readonly [readonly Seen[], readonly Seen[]]
    readonly exported: readonly Seen[]
    /** members besides the sender who are told that not all were told the same: before anybody answers, and when both have */
    readonly toldBefore: number
    readonly toldAfter: number
  }
}

/** What a decoder draws of a file: without segments that it passes over, and without what stands behind the end. */
export function seenIn(file: Uint8Array): Seen {
  const picture = plainJpeg(file)
  if (equal(picture, salamander)) return 'salamander'
  return equal(picture, doormat) ? 'doormat' : 'neither'
}

/** A design that encrypts as Doormat does, and in which a message names a blob and its key, and no root. */
function bareSeen({ blob, keys }: TwoPictures, which: 0 | 1): Seen {
  const nonce = new Uint8Array(nonceSizeBytes).fill(1, nonceSizeBytes - 1)
  const file = decryptAead(derive(labels.attachmentEncryption, keys[which]), nonce, blob)
  return file ? seenIn(file) : 'refused'
}

async function orRefused(opening: Promise<Uint8Array>): Promise<Seen> {
  try {
    return seenIn(await opening)
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'not-authentic') return 'refused'
    throw error
  }
}

const minuteMs = 60_000

/** Three people, through the messenger's own relay and devices, under message key escrow: one of them has a client of their own. */
export async function actOut(seed: string): Promise<Acted> {
  const random = seededRandom(`${seed} salamanders`)
  const names = backgroundNames(3, `${seed} salamanders`) as [string, string, string]
  let now = worldStart
  const recording = await openRecordingRelay(names.length, random, () => now)
  const { secrets } = await putInForce(recording.relay, messageKeyEscrow, random)
  const keys = secrets.map(({ bytes }) => ({ mode: messageKeyEscrow.id, secret: bytes }))
  const town = await createTown(
    strangers(names),
    () => supplyFor(2),
    recording.relay,
    joinMode,
    random,
    () => now,
  )
  const [sender, ...others] = names.map((name) => town.actor(name)) as [Actor, Actor, Actor]
  const [from, first, second] = names
  const two = twoPictures([salamander, doormat], random)
  const liar = createLiar(sender, town, two, random)

  const shownTo = (actor: Actor, peer: string) =>
    Promise.all(attachmentsOf(actor, peer).map((attachment) => orRefused(saved(recording.relay, attachment))))
  const exported = () =>
    exportedFrom(recording, keys).map(({ line, file }) => ({ line, seen: file ? seenIn(file) : null }))
  const exportedTo = (user: string) =>
    exported().flatMap(({ line, seen }) => (line.to === user && line.group === null ? (seen ?? []) : []))
  const told = (peer: string) =>
    others.filter(({ device }) =>
      device.history.after(0, peer, 1_000).some(({ kind, text }) => kind === 'group' && text.startsWith('differs')),
    ).length

  await liar.sendTo(first, 0)
  const [own] = attachmentsOf(others[0], from) as [Attachment]
  const oneMessage = {
    own: await orRefused(saved(recording.relay, own)),
    otherKey: await orRefused(saved(recording.relay, { ...own, key: two.keys[1] })),
  }
  await liar.sendTo(second, 1)
  const twoPeople = [await shownTo(others[0], from), await shownTo(others[1], from)] as const
  await liar.sendTo(first, 1)
  const twoMessages = { shown: await shownTo(others[0], from), exported: exportedTo(first) }

  now += minuteMs
  const peer = await foundGroup(town, names)
  await town.settle([...town.actors.values()])
  await liar.sendToGroup(peer, second)
  const shown = [await shownTo(others[0], peer), await shownTo(others[1], peer)] as const
  const toldBefore = told(peer)
  for (const { device } of others) {
    now += minuteMs
    device.write(peer, 'I have seen it.')
    await town.settle([...town.actors.values()])
  }
  const toldAfter = told(peer)
  const inGroup = exported().flatMap(({ line, seen }) => (line.group !== null ? (seen ?? []) : []))
  for (const actor of town.actors.values()) actor.leave()
  return {
    two,
    attachments: liar.attachments,
    bare: [bareSeen(two, 0), bareSeen(two, 1)],
    oneMessage,
    twoMessages,
    twoPeople,
    group: { shown, exported: inGroup, toldBefore, toldAfter },
  }
}
