import { equal } from '../crypto/bytes.ts'
import { type DeviceList, openDeviceList } from '../crypto/identity.ts'

/**
 * Opens device lists that are asked for again and again: each costs two signatures or more, and what was checked once is
 * not checked anew while its bytes are the same.
 */
export function createOpenedLists(): (user: string, signedList: Uint8Array) => DeviceList {
  const opened = new Map<string, { readonly bytes: Uint8Array; readonly list: DeviceList }>()
  return (user, signedList) => {
    const known = opened.get(user)
    if (known && equal(known.bytes, signedList)) return known.list
    const list = openDeviceList(signedList)
    opened.set(user, { bytes: signedList.slice(), list })
    return list
  }
}
