import { concat, u32, utf8 } from '../../../crypto/bytes.ts'
import { derive, digest, labels } from '../../../crypto/kdf.ts'
import type { Random } from '../../../crypto/random.ts'

/** The same bytes again for the same seed: whole runs repeat. For simulated people only. */
export function seededRandom(seed: string): Random {
  const key = digest(labels.lab, utf8(seed))
  let counter = 0
  return (sizeBytes) => {
    const blocks: Uint8Array[] = []
    for (let made = 0; made < sizeBytes; made += 64) blocks.push(derive(labels.lab, key, [u32(counter++)], 64))
    return concat(...blocks).slice(0, sizeBytes)
  }
}
