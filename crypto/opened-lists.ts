import { type DeviceList, openDeviceList } from './identity.ts'

/** Something that opens a device list: `openDeviceList`, or a function that gives the same answers. */
export type OpenList = (signedList: Uint8Array) => DeviceList

/** One string for each sequence of bytes. */
const decoder = new TextDecoder('latin1')

/**
 * Opens device lists that are met again and again: each costs two signatures or more, and of bytes that have been found
 * good once it is not asked again. What was refused is not remembered.
 * @param most so many lists are remembered; the one longest unused goes first
 */
export function createListOpener(most: number): OpenList {
  const opened = new Map<string, DeviceList>()
  return (signedList) => {
    const key = decoder.decode(signedList)
    const list = opened.get(key) ?? openDeviceList(signedList)
    opened.delete(key)
    opened.set(key, list)
    if (opened.size > most) opened.delete(opened.keys().next().value as string)
    return list
  }
}
