import type { Device } from '../device/device.ts'
import { isGroup } from '../device/groups/peers.ts'
import { visible } from './visible.ts'

/** What a person calls somebody, or a group: a name, or `+` and the title. Harmless. */
export function peerName({ groups }: Pick<Device, 'groups'>, peer: string): string {
  if (!isGroup(peer)) return visible(peer)
  return `+${visible(groups.get(peer)?.now.title ?? peer.slice(1, 9))}`
}
