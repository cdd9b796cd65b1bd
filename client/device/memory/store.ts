import { alone, type DeviceStore, storeOn } from '../store.ts'
import { memoryTables } from './tables.ts'

/** For a device that lives no longer than its process. */
export const openStoreInMemory = (): DeviceStore => storeOn(memoryTables(), alone)
