import { u32, u64, utf8 } from '../../crypto/bytes.ts'
import type { Random } from '../../crypto/random.ts'
import sodium from '../../crypto/sodium.ts'

/** A `Random` that repeats from its seed: BLAKE2b in counter mode. For tests, never for keys that matter. */
export function seededRandom(seed: string | number): Random {
  const key = sodium.crypto_generichash(32, utf8(`doormat test seed ${seed}`), null)
  let draws = 0
  return (sizeBytes) => {
    draws += 1
    const out = new Uint8Array(sizeBytes)
    for (let offset = 0, block = 0; offset < sizeBytes; offset += 64, block++) {
      const bytes = sodium.crypto_generichash(64, new Uint8Array([...u64(draws), ...u32(block)]), key)
      out.set(bytes.subarray(0, Math.min(64, sizeBytes - offset)), offset)
    }
    return out
  }
}

/** A whole number from 0 to below the limit. */
export const below = (limit: number, random: Random): number => new DataView(random(4).buffer).getUint32(0) % limit
