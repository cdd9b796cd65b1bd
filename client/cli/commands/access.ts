import { dirname, join } from 'node:path'
import { modeCalled, modes } from '../../../crypto/access/index.ts'
import { fromBase64url } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { checkSigningKey, keySizeBytes, type PolicyKey, sized } from '../../../crypto/keys.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { readHanded } from '../../../server/disk/handed.ts'
import type { AccessStatus, Relay } from '../../../server/api.ts'
import { readPublicKey } from '../../authority/key-file.ts'
import { proveRelay } from '../../device/moving.ts'
import { relayAt } from '../../node/relay.ts'
import { Stop } from '../exit.ts'
import { type PlaceFlags, placeOf } from '../place.ts'
import { print } from '../output.ts'
import { clockTime, exposed } from '../terminal.ts'
import { safeJson, visible } from '../../words/visible.ts'

export interface AccessFlags extends PlaceFlags {
  readonly json?: boolean
  readonly tokenFile: string
  readonly authorityKey?: string
}

export async function status(flags: AccessFlags): Promise<void> {
  const { url, ca } = placeIn(flags)
  show(await relayAt(url, ca).access(), flags)
}

export async function on(modeId: string, flags: AccessFlags): Promise<void> {
  const known = modes.filter(({ id }) => id !== 'none').map(({ id }) => id)
  if (!known.includes(modeId))
    throw new Stop(
      'user',
      `there is no access mode ${visible(modeId)}; the modes are ${known.join(', ')}`,
      'doormat access modes',
    )
  if (flags.authorityKey === undefined)
    throw new Stop(
      'user',
      `${modeId} needs the authority's public key: --authority-key FILE`,
      `doormat authority init --mode ${modeId}`,
    )
  const key = readPublicKey(flags.authorityKey)
  if (key.mode !== modeId)
    throw new Stop(
      'user',
      `that key is for ${visible(key.mode)}, not for ${modeId}`,
      `doormat authority init --mode ${modeId} --out ANOTHER`,
    )
  try {
    modeCalled(modeId).join(key.parameters)
  } catch (error) {
    if (error instanceof CryptoError)
      throw new Stop('user', `${flags.authorityKey} does not hold a key that messages can be sealed to`)
    throw error
  }
  const { relay, token } = await operatorAt(flags, `doormat access on ${modeId} --authority-key ${flags.authorityKey}`)
  show(await relay.switchAccess(token, modeId, key.parameters), flags)
}

export async function off(flags: AccessFlags): Promise<void> {
  const { relay, token } = await operatorAt(flags, 'doormat access off')
  show(await relay.switchAccess(token, 'none', new Uint8Array()), flags)
}

const placeIn = (flags: AccessFlags) => placeOf(flags, (url) => `doormat access status --relay ${url}`)

/**
 * The token, and the relay that has made it: whoever else listens there must not get it. The relay shows that it has the
 * policy key whose public half lies beside the token.
 * @param command what the operator is doing, for the hint
 * @throws Stop | ClientError `wrong-relay` | RelayError `other-address` and others
 */
export async function operatorAt(
  flags: AccessFlags,
  command: string,
): Promise<{ readonly relay: Relay; readonly token: string }> {
  const { tokenFile } = flags
  const { url, ca } = placeIn(flags)
  const relay = relayAt(url, ca)
  const hint = `${command} --token-file FILE`
  const token = lineOf(tokenFile, "the operator's token", hint)
  const policyKey = policyKeyIn(join(dirname(tokenFile), 'policy.key.pub'), hint)
  await proveRelay(relay, { relayUrl: url, relayCa: null }, policyKey, systemRandom)
  return { relay, token }
}

/** @throws Stop for a file that is not there, or is no text */
export function lineOf(file: string, what: string, hint: string | null = null): string {
  try {
    return readHanded(file, (message, hint) => new Stop('user', message, hint)).trim()
  } catch (error) {
    if (error instanceof Stop) throw error
    throw new Stop('user', `${what} is not in ${file}`, hint)
  }
}

/** A relay of an earlier version makes it when it is started again. */
function policyKeyIn(file: string, hint: string): PolicyKey {
  try {
    return checkSigningKey(sized<PolicyKey>(fromBase64url(lineOf(file, "the relay's public key", hint)), keySizeBytes))
  } catch (error) {
    if (error instanceof CryptoError) throw new Stop('user', `${file} holds no public key`, 'doormat relay')
    throw error
  }
}

function show(status: AccessStatus, flags: AccessFlags): void {
  if (flags.json) return print(safeJson(status))
  const inForce = `access: ${visible(status.mode)}, epoch ${status.epoch}, since ${clockTime(status.since, Date.now())}`
  print(status.mode === 'none' ? inForce : exposed(inForce))
  print(status.archive ? 'archive: on; every envelope and file that passes is kept' : 'archive: off')
}
