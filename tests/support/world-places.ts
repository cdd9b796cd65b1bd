import { hex, Reader } from '../../crypto/bytes.ts'
import { decodeEnvelope, envelopeDigest } from '../../crypto/envelope.ts'
import { type HeaderKey, keySizeBytes } from '../../crypto/keys.ts'
import { nonceSizeBytes } from '../../crypto/aead.ts'
import { decodeSession } from '../../crypto/session.ts'
import sodium from '../../crypto/sodium.ts'
import type { Person } from './world.ts'

/**
 * Watches what leaves a device, opens every header with the keys found in its store, and keeps account of the places
 * (ratchet key and index) and nonces that its envelopes stand at.
 */
export function watchPlaces(person: Person) {
  const headerKeys = new Map<string, HeaderKey>()
  const uses = new Map<string, Set<string>>()
  let unopened = 0

  function collectKeys(): void {
    for (const { bytes } of person.device.store.tables.sessions.all()) {
      const { sending, nextSendingHeaderKey } = decodeSession(bytes).ratchet
      for (const key of sending ? [sending.headerKey, nextSendingHeaderKey] : [nextSendingHeaderKey])
        headerKeys.set(hex(key), key)
    }
  }

  function placeOf(encryptedHeader: Uint8Array): string | null {
    for (const key of headerKeys.values()) {
      const header = tryToOpen(encryptedHeader, key)
      if (!header) continue
      const reader = new Reader(header)
      const ratchetKey = reader.take(keySizeBytes)
      reader.u32()
      return `place ${hex(ratchetKey)} ${reader.u32()}`
    }
    return null
  }

  const use = (what: string, envelope: string) => uses.set(what, (uses.get(what) ?? new Set<string>()).add(envelope))

  person.wire.witness = ({ envelope: bytes }) => {
    collectKeys()
    const { encryptedHeader, nonce } = decodeEnvelope(bytes)
    const digest = hex(envelopeDigest(bytes))
    const place = placeOf(encryptedHeader)
    if (place === null) unopened += 1
    else use(place, digest)
    use(`nonce ${hex(nonce)}`, digest)
    use(`nonce ${hex(encryptedHeader.subarray(0, nonceSizeBytes))}`, digest)
  }

  return {
    /** places and nonces at which two different envelopes stand */
    reused: () => [...uses].filter(([, envelopes]) => envelopes.size > 1).map(([what]) => what),
    /** envelopes whose place could not be found out */
    unopened: () => unopened,
    places: () => [...uses.keys()].filter((what) => what.startsWith('place')).length,
  }
}

function tryToOpen(bytes: Uint8Array, key: HeaderKey): Uint8Array | null {
  const [nonce, encrypted] = [bytes.subarray(0, nonceSizeBytes), bytes.subarray(nonceSizeBytes)]
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, encrypted, null, nonce, key)
  } catch {
    return null
  }
}
