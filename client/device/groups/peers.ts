import { fromHex, hex } from '../../../crypto/bytes.ts'
import type { GroupId } from '../../../crypto/membership.ts'

/** Where a person's name would stand, `+` and the id in hex stand for a group: no name begins like that. */
export const isGroup = (peer: string): boolean => peer.startsWith('+')
export const peerOf = (group: GroupId): string => `+${hex(group)}`
export const groupIn = (peer: string): GroupId => fromHex(peer.slice(1)) as GroupId
