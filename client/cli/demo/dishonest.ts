import { join } from 'node:path'
import { pino } from 'pino'
import { keySubstitution, middle } from '../../../crypto/access/key-substitution.ts'
import { none } from '../../../crypto/access/mode.ts'
import { puppetReader } from '../../../crypto/access/puppet.ts'
import { base64url } from '../../../crypto/bytes.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import { generatePolicyPair, keySizeBytes } from '../../../crypto/keys.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { blobFilesInMemory } from '../../../server/disk/blob-files.ts'
import { buildApp } from '../../../server/app.ts'
import { openArchive } from '../../../server/archive.ts'
import { defaultLimits } from '../../../server/limits.ts'
import { openRelay } from '../../../server/relay.ts'
import { openMemoryStore } from '../../../server/store/memory-store.ts'
import { archiveEvidence } from '../../authority/evidence.ts'

/** A relay whose directory lies, on this machine's loopback address. */
export interface DishonestServer {
  readonly url: string
  /** What it has read so far, by decrypting what passed, in order. */
  read(): readonly { readonly from: string; readonly to: string; readonly text: string }[]
  stop(): Promise<void>
}

/**
 * The messenger's own relay with a liar at its directory: whoever asks for somebody's keys is given keys that the server
 * made. No access mode is in force, and no client is changed.
 * @param folder where it keeps what passes
 */
export async function startDishonestServer(folder: string): Promise<DishonestServer> {
  const archivePath = join(folder, 'lying.archive')
  const seed = systemRandom(keySizeBytes)
  const [store, archive] = [openMemoryStore(), openArchive(archivePath)]
  const relay = await openRelay({
    store,
    blobFiles: blobFilesInMemory(),
    policyPair: generatePolicyPair(systemRandom),
    operatorToken: base64url(systemRandom(32)),
    archive,
    random: systemRandom,
    clock: Date.now,
    steady: () => performance.now(),
  })
  await relay.install((line) => middle(seed, [], true, line))
  const host = '127.0.0.1'
  const app = await buildApp(relay, pino({ level: 'silent' }), null, defaultLimits, [host])
  const url = await app.listen({ host, port: 0 })
  relay.resideAt({ addresses: [url], authority: null })
  return {
    url,
    read() {
      const reader = puppetReader(keySubstitution.id, [seed], 'by either', () => none.join(new Uint8Array()))
      return [...archiveEvidence(archivePath)].flatMap((recorded) => {
        const reading = reader.read(recorded, decodeEnvelope(recorded.bytes))
        if (reading?.content.kind !== 'text') return []
        return { from: recorded.fromUser, to: recorded.toUser, text: reading.content.text }
      })
    },
    async stop() {
      await app.close()
      archive.close()
      store.close()
    },
  }
}
