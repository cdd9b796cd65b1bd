import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkAttachment, newAttachmentKeys, openAttachment, sealAttachment } from '../../crypto/attachment.ts'
import type * as kdf from '../../crypto/kdf.ts'
import { seededRandom } from '../support/random.ts'

/** Every key that files were encrypted with, as it lies in memory. */
const keys = vi.hoisted((): Uint8Array[] => [])

vi.mock('../../crypto/kdf.ts', async (original) => {
  const real = await original<typeof kdf>()
  function derive<T extends Uint8Array>(label: kdf.Label, ...from: [Uint8Array, (readonly Uint8Array[])?, number?]): T {
    const derived = real.derive<T>(label, ...from)
    if (label === real.labels.attachmentEncryption) keys.push(derived)
    return derived
  }
  return { ...real, derive }
})

afterEach(() => void keys.splice(0))

describe('the key that a file is encrypted with', () => {
  const { blob, key } = newAttachmentKeys(seededRandom('wiped'))
  const file = new Uint8Array(70_000).fill(7)
  const zero = new Uint8Array(32)

  function sealed() {
    const sealing = sealAttachment(key, file.length)
    const pieces = [sealing.seal(file.subarray(0, 65_536)), sealing.seal(file.subarray(65_536))]
    return { pieces, of: { blob, key, root: sealing.root(), sizeBytes: file.length } }
  }

  it('is wiped after the last piece, either way, and never made to check one', () => {
    const { pieces, of } = sealed()
    const [opening, checking] = [openAttachment(of), checkAttachment(of)]
    expect(keys).toHaveLength(2)
    expect(keys[1]).not.toEqual(zero)
    for (const piece of pieces) {
      opening.open(piece)
      checking.add(piece)
    }
    opening.end()
    checking.end()
    expect(keys).toEqual([zero, zero])
  })

  it('is wiped where it goes no further', () => {
    const { of } = sealed()
    openAttachment(of).close()
    sealAttachment(key, file.length).close()
    expect(keys).toEqual([zero, zero, zero])
  })
})
