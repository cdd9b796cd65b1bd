import {
  type Attachment,
  type AttachmentKey,
  blobIdSizeBytes,
  type BlobId,
  encodeAttachment,
} from '../../../crypto/attachment.ts'
import { u64 } from '../../../crypto/bytes.ts'
import { derive, labels } from '../../../crypto/kdf.ts'
import type { Digest } from '../../../crypto/keys.ts'
import { MerkleTree } from '../../../crypto/merkle.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Actor } from '../simulation/actor.ts'
import type { Town } from '../simulation/town.ts'
import type { TwoPictures } from './two-pictures.ts'

/** Somebody whose client is their own: it sends one blob under two keys, and one message to a group in two wordings. */
export interface Liar {
  /** what a message says of the blob with either key: one blob id, two keys, and for each the root that goes with it */
  readonly attachments: readonly [Attachment, Attachment]
  sendTo(user: string, which: 0 | 1): Promise<void>
  /** One message to the group, in which one member is told another key than all others. */
  sendToGroup(peer: string, deceived: string): Promise<void>
}

/** The root that a message has to name for this blob and this key: crypto/attachment.ts. */
function rootOf(key: AttachmentKey, { blob, sizeBytes }: TwoPictures): Digest {
  const tree = new MerkleTree()
  tree.add(blob)
  return derive(labels.attachmentRoot, key, [u64(sizeBytes), tree.root()])
}

export function createLiar(actor: Actor, town: Town, two: TwoPictures, random: Random): Liar {
  const blob = random(blobIdSizeBytes) as BlobId
  const { device } = actor
  const named = (key: AttachmentKey): Attachment => ({
    blob,
    key,
    root: rootOf(key, two),
    sizeBytes: two.sizeBytes,
    name: 'picture.jpg',
    type: 'image/jpeg',
  })
  const attachments = [named(two.keys[0]), named(two.keys[1])] as const
  const settle = () => town.settle([...town.actors.values()])

  /** It has the blob at the relay already: the message goes out at once. */
  function written(peer: string): number {
    const { row } = device.writeFile(peer, '', attachments[0])
    device.history.setState(row, 'waiting', null)
    return row
  }

  return {
    attachments,
    async sendTo(user, which) {
      await device.spool.write(blob, 0, two.blob)
      device.writeFile(user, '', attachments[which])
      await settle()
    },
    async sendToGroup(peer, deceived) {
      const row = written(peer)
      device.groupSending.place(false)
      const { store } = device
      const places = ['groups due', `group due ${deceived}`, `group body ${row}`]
      const before = places.map((place) => store.meta(place))
      store.dropMeta(`group due ${deceived}`)
      await settle()
      store.transaction(() => {
        store.tables.history.setAttachment(row, encodeAttachment(attachments[1]))
        for (const [i, place] of places.entries()) store.setMeta(place, before[i] ?? new Uint8Array())
      })
      await settle()
    },
  }
}
