import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { joinMode } from '../../crypto/access/index.ts'
import { systemRandom } from '../../crypto/random.ts'
import { type Device, openDevice } from '../device/device.ts'
import { copyPrivately } from '../../server/sqlite-copy.ts'
import { ClientError } from '../device/errors.ts'
import { goOnline, type Online } from '../device/online.ts'
import { type Relay, RelayError } from '../../server/api.ts'
import { relayAt } from '../node/relay.ts'
import { outgoingSpool, sweepSpools } from '../node/spools.ts'
import { openStore, storePath } from '../node/store.ts'
import type { Vault } from '../device/vault.ts'
import { Stop } from './exit.ts'
import { hurry, tell } from './output.ts'
import { vaultFor } from './passphrase.ts'

/** @throws ClientError `no-device` where no folder has been made yet */
export function needDevice(home: string): void {
  if (!statSync(storePath(home), { throwIfNoEntry: false }))
    throw new ClientError('no-device', `nobody is registered in ${home}`, 'doormat register NAME')
}

/** Asks for the passphrase, if there is one and the vault is not known. @throws ClientError `no-device` | `locked`, CryptoError `wrong-passphrase` */
export async function deviceIn(home: string, known?: Vault): Promise<Device> {
  needDevice(home)
  const vault = known ?? (await vaultFor(home))
  const device = openDevice(
    openStore(home, () => vault),
    { joinMode, random: systemRandom, clock: Date.now, spool: outgoingSpool(home) },
  )
  // a lifetime can have ended while no process ran
  device.conversations.expire()
  return device
}

/**
 * Looks into a device. Where its folder can only be read, that is into a private copy of its store, which is gone
 * afterwards with whatever has been marked in it.
 */
export async function lookInto(home: string, look: (device: Device) => Promise<unknown>): Promise<void> {
  needDevice(home)
  const copied = canBeWritten(home) ? null : copyPrivately(storePath(home))
  try {
    if (copied) {
      tell(`${home} can only be read: nothing is marked as read there`)
      if (copied.lacks !== null) tell(`the latest may be missing: ${copied.lacks}`)
    }
    const device = await deviceIn(copied ? dirname(copied.copy) : home)
    try {
      await look(device)
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

/** Asks a device's own relay. Whoever takes its certificate no more may have to move with it. */
export async function atRelayOf<T>({ self }: Device, work: (relay: Relay) => Promise<T>): Promise<T> {
  try {
    return await work(relayAt(self.relayUrl, self.relayCa))
  } catch (error) {
    if (!(error instanceof RelayError) || error.code !== 'bad-certificate') throw error
    throw new Stop('relay', error.message, `doormat move ${self.relayUrl} --tls-ca FILE`, error.code)
  }
}

/** Runs the work on a device that is online, and takes it offline whatever happens. */
export async function whileOnline<T>(
  home: string,
  work: (device: Device, connection: Online) => Promise<T>,
  vault?: Vault,
): Promise<T> {
  const device = await deviceIn(home, vault)
  try {
    const uploading = device.history.uploading().flatMap(({ attachment }) => attachment?.blob ?? [])
    await sweepSpools(home, uploading, Date.now())
    return await atRelayOf(device, async (relay) => {
      const connection = goOnline(device, relay, systemRandom, Date.now)
      try {
        return await work(device, connection)
      } finally {
        await connection.stop()
      }
    })
  } finally {
    device.store.close()
  }
}

/** Aborted at Ctrl-C, when somebody asks the process to end, and when its terminal is closed; the second time is final. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      hurry()
      interrupted.abort()
    })
  return interrupted.signal
}
