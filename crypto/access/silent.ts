import type { Stanza } from '../envelope.ts'
import { CryptoError } from '../errors.ts'
import type { ClientSeams } from '../seams.ts'

/**
 * The seams of a mode that leaves no trace in an envelope: no stanza is added, and none is taken.
 * @throws CryptoError `malformed` for parameters, of which such a mode has none
 */
export function silentSeams(parameters: Uint8Array): ClientSeams & { admit(stanzas: readonly Stanza[]): boolean } {
  if (parameters.length > 0) throw new CryptoError('malformed', 'this mode has no parameters')
  return {
    outgoing: () => [],
    incoming(_offer, stanzas) {
      if (stanzas.length > 0) throw new CryptoError('stanza-refused', 'a stanza where the access mode has none')
    },
    admit: (stanzas) => stanzas.length === 0,
  }
}
