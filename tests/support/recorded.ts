import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { archiveMagic, encodeRecord } from '../../crypto/access/archive.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import type { Attachment } from '../../crypto/attachment.ts'
import { concat } from '../../crypto/bytes.ts'
import { couple } from './couple.ts'
import { seededRandom } from './random.ts'

/**
 * A conversation under escrow as somebody recorded it, with the key that opens it.
 * @param files of the texts that have one, by their places
 */
export function recordedTalk(texts: readonly string[], seed: string, files: readonly (Attachment | undefined)[] = []) {
  const { parameters, secrets } = messageKeyEscrow.setup(seededRandom(`${seed}, the key`))
  const seams = messageKeyEscrow.join(parameters)
  const { alice, bob } = couple(seed, seams, [{ id: messageKeyEscrow.id, parameters }])
  const [from, to] = [alice.device.record, bob.device.record]
  const recorded = texts.map((text, i): RecordedEnvelope => {
    const bytes = alice.send(text, undefined, undefined, files[i])
    return {
      time: 1_700_000_000_000 + i,
      fromUser: from.user,
      fromDevice: from.id,
      toUser: to.user,
      toDevice: to.id,
      bytes,
    }
  })
  return { recorded, key: { mode: messageKeyEscrow.id, secret: secrets[0]?.bytes ?? new Uint8Array() } }
}

export const archiveOf = (recorded: readonly RecordedEnvelope[]): Uint8Array =>
  concat(archiveMagic, ...recorded.map(encodeRecord))
