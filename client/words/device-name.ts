import { hex } from '../../crypto/bytes.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'

/** As much of its id as a person reads: 16 hex digits. */
export const deviceName = ({ id }: Pick<DeviceRecord, 'id'>): string => hex(id).slice(0, 16)
