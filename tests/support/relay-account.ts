import { compare } from '../../crypto/bytes.ts'
import { createAccount, type DeviceSecrets, proveDevice, signDeviceList } from '../../crypto/identity.ts'
import type { Random } from '../../crypto/random.ts'
import { at } from './at.ts'

/** An account with several devices, in the order of its list. */
export function accountOf(user: string, deviceCount: number, random: Random) {
  const { list, accountSecret, device } = createAccount(user, random)
  const { accountKey } = list
  const more = Array.from({ length: deviceCount - 1 }, (): DeviceSecrets => {
    const { device: other } = createAccount(user, random)
    return { ...other, record: { ...other.record, accountKey } }
  })
  const devices = [device, ...more].sort((a, b) => compare(a.record.id, b.record.id))
  const records = devices.map(({ record }) => record)
  const signedList = signDeviceList({ ...list, devices: records }, devices.map(proveDevice), accountSecret)
  return { signedList, accountSecret, device: (place: number) => ({ device: at(devices, place) }) }
}
