import { joinMode } from '../../../crypto/access/index.ts'
import type { EncryptionKey } from '../../../crypto/keys.ts'
import type { JoinMode } from '../../device/policies.ts'

/** Somebody who sits at a device and keeps the encryption key of one message, for a positive control. */
export interface Witness {
  /** the seams that every device gets, with the witness among them */
  readonly joinMode: JoinMode
  /** Whether the next message's key is to be kept; one is kept in all. */
  want(wanted: boolean): void
  kept(): EncryptionKey | null
}

export function createWitness(): Witness {
  let isWanted = false
  let key: EncryptionKey | null = null
  return {
    want: (wanted) => void (isWanted = wanted && key === null),
    kept: () => key,
    joinMode(modeId, parameters) {
      const seams = joinMode(modeId, parameters)
      return {
        ...seams,
        outgoing(...[offer, chainKey]: Parameters<typeof seams.outgoing>) {
          if (isWanted) key ??= offer().encryptionKey.slice() as EncryptionKey
          return seams.outgoing(offer, chainKey)
        },
      }
    },
  }
}
