import { equal } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { type DeviceList, deviceIn } from '../../../crypto/identity.ts'
import type { SigningKey } from '../../../crypto/keys.ts'
import { openChange, type SignedChange, signerOf } from '../../../crypto/membership.ts'

/** So many changes this process remembers to have found good: each costs a signature to check, and all are asked for again with every news. */
const knownMaximum = 16_384
const known = new Map<string, { readonly signed: SignedChange; readonly signingKey: SigningKey }>()

/** One string for each sequence of bytes. */
const decoder = new TextDecoder('latin1')

/** Whose a change says it is; null for what is none of this version's. */
export function signerOfKnown(bytes: Uint8Array): ReturnType<typeof signerOf> | null {
  const found = known.get(decoder.decode(bytes))
  if (found) return found.signed.change
  try {
    return signerOf(bytes)
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

/** @returns null where it does not hold by this list */
export function openKnownChange(bytes: Uint8Array, list: DeviceList): SignedChange | null {
  const key = decoder.decode(bytes)
  const before = known.get(key)
  const signingKey = deviceIn(list, (before?.signed.change ?? signerOf(bytes)).device)?.signingKey
  if (!signingKey) return null
  if (before && equal(before.signingKey, signingKey)) return before.signed
  const signed = openedOrNull(bytes, list)
  if (!signed) return null
  known.delete(key)
  known.set(key, { signed, signingKey })
  if (known.size > knownMaximum) known.delete(known.keys().next().value as string)
  return signed
}

function openedOrNull(bytes: Uint8Array, list: DeviceList): SignedChange | null {
  try {
    return openChange(bytes, list)
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}
