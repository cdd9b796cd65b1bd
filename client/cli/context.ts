import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { joinMode } from '../../crypto/access/index.ts'
import { systemRandom } from '../../crypto/random.ts'
import { type Device, openDevice } from '../device.ts'
import { copyPrivately } from '../../server/sqlite-copy.ts'
import { ClientError } from '../errors.ts'
import { goOnline, type Online } from '../online.ts'
import { relayAt } from '../relay-http.ts'
import { openStore, storePath } from '../store.ts'
import type { Vault } from '../vault.ts'
import { vaultFor } from './passphrase.ts'
import { tell } from './terminal.ts'

/** @throws ClientError `no-device` where no folder has been made yet */
export function needDevice(home: string): void {
  if (!existsSync(storePath(home)))
    throw new ClientError('no-device', `nobody is registered in ${home}`, 'doormat register NAME')
}

/** Asks for the passphrase, if there is one and the vault is not known. @throws ClientError `no-device` | `locked`, CryptoError `wrong-passphrase` */
export async function deviceIn(home: string, known?: Vault): Promise<Device> {
  needDevice(home)
  const vault = known ?? (await vaultFor(home))
  const device = openDevice(
    openStore(home, () => vault),
    { joinMode, random: systemRandom, clock: Date.now },
  )
  // a lifetime can have ended while no process ran
  device.conversations.expire()
  return device
}

/**
 * Looks into a device. Where its folder can only be read, that is into a private copy of its store, which is gone
 * afterwards with whatever has been marked in it.
 */
export async function lookInto(home: string, look: (device: Device) => void): Promise<void> {
  needDevice(home)
  const copied = canBeWritten(home) ? null : copyPrivately(storePath(home))
  try {
    if (copied) {
      tell(`${home} can only be read: nothing is marked as read there`)
      if (copied.lacks !== null) tell(`the latest may be missing: ${copied.lacks}`)
    }
    const device = await deviceIn(copied ? dirname(copied.copy) : home)
    try {
      look(device)
    } finally {
      device.store.close()
    }
  } finally {
    copied?.remove()
  }
}

function canBeWritten(home: string): boolean {
  try {
    for (const path of [home, storePath(home)]) accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Runs the work on a device that is online, and takes it offline whatever happens. */
export async function whileOnline<T>(
  home: string,
  work: (device: Device, connection: Online) => Promise<T>,
  vault?: Vault,
): Promise<T> {
  const device = await deviceIn(home, vault)
  const connection = goOnline(device, relayAt(device.self.relayUrl, device.self.relayCa), systemRandom, Date.now)
  try {
    return await work(device, connection)
  } finally {
    await connection.stop()
    device.store.close()
  }
}

/** Resolves at Ctrl-C or when somebody asks the process to end. */
export const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
