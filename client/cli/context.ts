import { existsSync } from 'node:fs'
import { joinMode } from '../../crypto/access/index.ts'
import { systemRandom } from '../../crypto/random.ts'
import { type Device, openDevice } from '../device.ts'
import { ClientError } from '../errors.ts'
import { goOnline, type Online } from '../online.ts'
import { relayAt } from '../relay-http.ts'
import { openStore, storePath } from '../store.ts'

/** @throws ClientError `no-device` where no folder has been made yet */
export function deviceIn(home: string): Device {
  if (!existsSync(storePath(home)))
    throw new ClientError('no-device', `nobody is registered in ${home}`, 'doormat register NAME')
  return openDevice(openStore(home), { joinMode, random: systemRandom, clock: Date.now })
}

/** Runs the work on a device that is online, and takes it offline whatever happens. */
export async function whileOnline<T>(
  home: string,
  work: (device: Device, connection: Online) => Promise<T>,
): Promise<T> {
  const device = deviceIn(home)
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
