import { u32 } from './bytes.ts'
import { digest, labels } from './kdf.ts'
import type { Digest } from './keys.ts'

/*
 * A tree of hashes in the shape of RFC 9162, section 2.1.1, over pieces that come one after the other: what it keeps grows with
 * the logarithm of their number. A leaf and a node have labels of their own, so that neither passes for the other.
 */

const leafOf = (index: number, piece: Uint8Array) => digest(labels.attachmentPiece, u32(index), piece)
const nodeOf = (left: Digest, right: Digest) => digest(labels.attachmentNode, left, right)

export class MerkleTree {
  /** the roots of the whole trees so far, the largest first, each with the number of its leaves */
  readonly #peaks: { readonly root: Digest; readonly leaves: number }[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  add(piece: Uint8Array): void {
    let peak = { root: leafOf(this.#count, piece), leaves: 1 }
    this.#count += 1
    for (let last = this.#peaks.at(-1); last?.leaves === peak.leaves; last = this.#peaks.at(-1)) {
      this.#peaks.pop()
      peak = { root: nodeOf(last.root, peak.root), leaves: 2 * peak.leaves }
    }
    this.#peaks.push(peak)
  }

  /** @throws RangeError for a tree without a leaf */
  root(): Digest {
    const roots = this.#peaks.map(({ root }) => root)
    const last = roots.pop()
    if (!last) throw new RangeError('a tree has a leaf')
    return roots.reduceRight((right, left) => nodeOf(left, right), last)
  }
}
