import { systemRandom } from '../../../crypto/random.ts'
import { moveDevice } from '../../device/moving.ts'
import { relayAt } from '../../node/relay.ts'
import { deviceIn, needDevice } from '../context.ts'
import { placeOf } from '../place.ts'
import { print } from '../output.ts'

export interface MoveFlags {
  readonly home: string
  readonly tlsCa?: string
  readonly trustedNetwork?: boolean
}

/** The relay has another address or another authority than when this device was made. */
export async function move(address: string, flags: MoveFlags): Promise<void> {
  needDevice(flags.home)
  const { url, ca } = placeOf({ ...flags, relay: address }, (other) => `doormat move ${other}`)
  const { origin } = new URL(url)
  const device = await deviceIn(flags.home)
  try {
    await moveDevice(device, { relayUrl: origin, relayCa: ca }, relayAt(origin, ca), systemRandom)
    print(`${device.self.device.record.user}'s device now looks for its relay at ${origin}`)
  } finally {
    device.store.close()
  }
}
