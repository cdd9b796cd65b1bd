import { statSync } from 'node:fs'
import { joinMode } from '../../crypto/access/index.ts'
import { systemRandom } from '../../crypto/random.ts'
import { type Device, openDevice } from '../device.ts'
import { ClientError } from '../errors.ts'
import { goOnline, type Online } from '../online.ts'
import { relayAt } from '../relay-http.ts'
import { openStore, storePath } from '../store.ts'
import type { Vault } from '../vault.ts'
import { hurry } from './output.ts'
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
    { joinMode, random: systemRandom, clock: Date.now },
  )
  // a lifetime can have ended while no process ran
  device.conversations.expire()
  return device
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
