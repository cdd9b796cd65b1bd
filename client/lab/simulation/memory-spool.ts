import { hex } from '../../../crypto/bytes.ts'
import { blobFilesInMemory } from '../../../server/disk/blob-files.ts'
import type { Spool } from '../../device/transfer.ts'

/** Where the ciphertext of a simulated person's files lies. */
export function spoolInMemory(): Spool {
  const files = blobFilesInMemory()
  return {
    ...files,
    copy: async (from, to) => files.write(to, 0, await files.read(from, 0, await files.size(from))),
    place: (id) => `in memory, ${hex(id)}`,
  }
}
