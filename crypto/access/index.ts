import { CryptoError } from '../errors.ts'
import { ghostDevice } from './ghost-device.ts'
import { keySubstitution } from './key-substitution.ts'
import { messageKeyEscrow } from './message-key-escrow.ts'
import { sessionKeyEscrow } from './session-key-escrow.ts'
import { splitEscrow } from './split-escrow.ts'
import { type AccessMode, none, type Seams } from './mode.ts'

/** Every access mode. A new one is one file and one line here. */
export const modes: readonly AccessMode[] = [
  none,
  messageKeyEscrow,
  sessionKeyEscrow,
  splitEscrow,
  ghostDevice,
  keySubstitution,
]

/** @throws CryptoError `malformed` for a mode this program does not have */
export function modeCalled(id: string): AccessMode {
  const mode = modes.find((one) => one.id === id)
  if (!mode) throw new CryptoError('malformed', `there is no access mode ${JSON.stringify(id)}`)
  return mode
}

/** What a policy asks of those who comply with it. */
export const joinMode = (modeId: string, parameters: Uint8Array): Seams => modeCalled(modeId).join(parameters)
