import { modeCalled } from '../../crypto/access/index.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'

/** How many of them open for somebody who begins anew with these secrets. */
export function openings(modeId: string, held: readonly Uint8Array[], envelopes: readonly RecordedEnvelope[]): number {
  const reader = modeCalled(modeId).reader(held)
  return envelopes.filter((recorded) => reader.read(recorded, decodeEnvelope(recorded.bytes)) !== null).length
}
