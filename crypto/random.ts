/**
 * The one source of randomness: returns that many fresh bytes. Everything that crypto/ draws is drawn through one of
 * these.
 */
export type Random = (sizeBytes: number) => Uint8Array

const poolSizeBytes = 8192
const pool = new Uint8Array(poolSizeBytes)
let used = poolSizeBytes

/**
 * Bytes of the platform's CSPRNG, asked for in large draws: one call for 8 KiB costs about as much as one for 4 bytes.
 * No byte is handed out twice, and the pool forgets what it has given.
 */
export const systemRandom: Random = (sizeBytes) => {
  const out = new Uint8Array(sizeBytes)
  let filled = 0
  while (filled < sizeBytes) {
    if (used === poolSizeBytes) {
      globalThis.crypto.getRandomValues(pool)
      used = 0
    }
    const part = Math.min(sizeBytes - filled, poolSizeBytes - used)
    out.set(pool.subarray(used, used + part), filled)
    pool.fill(0, used, used + part)
    used += part
    filled += part
  }
  return out
}
