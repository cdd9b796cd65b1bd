import { readFileSync } from 'node:fs'
import { modeCalled, modes } from '../../../crypto/access/index.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import type { AccessStatus, Relay } from '../../../server/api.ts'
import { readPublicKey } from '../../authority/key-file.ts'
import { relayAt } from '../../relay-http.ts'
import { Stop } from '../exit.ts'
import { type PlaceFlags, placeOf } from '../place.ts'
import { print } from '../output.ts'
import { clockTime } from '../terminal.ts'
import { safeJson, visible } from '../visible.ts'

export interface AccessFlags extends PlaceFlags {
  readonly json?: boolean
  readonly tokenFile: string
  readonly authorityKey?: string
}

export async function status(flags: AccessFlags): Promise<void> {
  show(await relayIn(flags).access(), flags)
}

export async function on(modeId: string, flags: AccessFlags): Promise<void> {
  const known = modes.filter(({ id }) => id !== 'none').map(({ id }) => id)
  if (!known.includes(modeId))
    throw new Stop(
      'user',
      `there is no access mode ${modeId}; there is ${known.join(', ')}`,
      `doormat access on ${known[0]} --authority-key FILE`,
    )
  if (flags.authorityKey === undefined)
    throw new Stop('user', `${modeId} needs the authority's public key`, 'doormat authority init')
  const key = readPublicKey(flags.authorityKey)
  if (key.mode !== modeId) throw new Stop('user', `that key is for ${key.mode}, not for ${modeId}`)
  try {
    modeCalled(modeId).join(key.parameters)
  } catch (error) {
    if (error instanceof CryptoError)
      throw new Stop('user', `${flags.authorityKey} does not hold a key that messages can be sealed to`)
    throw error
  }
  show(await relayIn(flags).switchAccess(tokenIn(flags), modeId, key.parameters), flags)
}

export async function off(flags: AccessFlags): Promise<void> {
  show(await relayIn(flags).switchAccess(tokenIn(flags), 'none', new Uint8Array()), flags)
}

export function relayIn(flags: AccessFlags): Relay {
  const { url, ca } = placeOf(flags, 'doormat access status')
  return relayAt(url, ca)
}

export function tokenIn({ tokenFile }: AccessFlags): string {
  try {
    return readFileSync(tokenFile, 'utf8').trim()
  } catch {
    throw new Stop('user', `the operator's token is not in ${tokenFile}`, 'doormat access --token-file FILE')
  }
}

function show(status: AccessStatus, flags: AccessFlags): void {
  if (flags.json) return print(safeJson(status))
  print(`access: ${visible(status.mode)}, epoch ${status.epoch}, since ${clockTime(status.since, Date.now())}`)
  print(status.archive ? 'archive: on; every envelope that passes is kept' : 'archive: off')
}
