import type { Attachment } from '../../../crypto/attachment.ts'
import { concat } from '../../../crypto/bytes.ts'
import { fetchBlob, openSpooled } from '../../device/transfer.ts'
import type { Relay } from '../../../server/api.ts'
import { spoolInMemory } from './memory-spool.ts'

/**
 * What a device gives its owner of a file that a message names: fetched from the relay, checked and decrypted.
 * @throws CryptoError `not-authentic` for another file than the one that is named
 */
export async function saved(relay: Pick<Relay, 'readBlob'>, attachment: Attachment): Promise<Uint8Array> {
  const spool = spoolInMemory()
  const parts: Uint8Array[] = []
  await fetchBlob(relay, spool, attachment, () => undefined)
  await openSpooled(spool, attachment, async (part) => void parts.push(part.slice()))
  return concat(...parts)
}
