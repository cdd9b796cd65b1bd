import { decodeRecord, encodeRecord } from '../../../crypto/access/archive.ts'
import { none, type RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { encodeEnvelope } from '../../../crypto/envelope.ts'
import { writeContent } from '../../../crypto/content.ts'
import { createAccount } from '../../../crypto/identity.ts'
import type { ChainKey, DeviceId, Digest, HeaderKey, MessageKey } from '../../../crypto/keys.ts'
import { sealBody } from '../../../crypto/message.ts'
import { encryptedHeaderSizeBytes } from '../../../crypto/ratchet.ts'
import type { Random } from '../../../crypto/random.ts'
import { currentSuite } from '../../../crypto/suites.ts'

/**
 * A positive control for "nothing opens": one more envelope, made just as a device makes one, whose message key has been
 * kept. Whoever tries secrets on the envelopes must open this one, or their trying shows nothing.
 */
export function controlEnvelope(random: Random): {
  readonly recorded: RecordedEnvelope
  readonly messageKey: Uint8Array
} {
  const messageKey = random(32)
  const sender = createAccount('control', random).device.record
  const chain = {
    suite: currentSuite.number,
    transcript: random(32) as Digest,
    direction: 'initiator to responder',
    headerKey: random(32) as HeaderKey,
    index: 0,
  } as const
  const policy = { epoch: 1, digest: random(32) as Digest }
  const text = 'this one must open'
  const bytes = sealBody(
    {
      messageKey: messageKey.slice() as MessageKey,
      place: { context: random(32) as Digest, policy, sender, recipient: sender, chain },
      chainKey: random(32) as ChainKey,
      seams: none.join(new Uint8Array()),
      random,
    },
    (to) => writeContent(to, { kind: 'text', id: 'control', sequence: 1, sentAt: 0, abandoned: [], text }),
    (body) => encodeEnvelope({ policy, handshake: null, encryptedHeader: random(encryptedHeaderSizeBytes), ...body }),
  )
  const [fromDevice, toDevice] = [random(32) as DeviceId, random(32) as DeviceId]
  const record = encodeRecord({ time: 0, fromUser: 'control', fromDevice, toUser: 'control', toDevice, bytes })
  return { recorded: decodeRecord(record.subarray(4)), messageKey }
}
