import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

/** Bridges and tunnels of virtual machines and containers: no phone is on the other side. */
const virtual = /^(docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|utun|zt|wg|podman|cni)/
const isPrivate = /^(192\.168|10|172\.(1[6-9]|2\d|3[01]))\./

/**
 * This machine's addresses, the one that phones in the room most likely reach first; never one that means the phone itself.
 * @returns empty where there is no network
 */
export function roomAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): readonly string[] {
  const found = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ name, address })),
  )
  const rank = ({ name, address }: { name: string; address: string }) =>
    (virtual.test(name) ? 4 : 0) + (address.startsWith('169.254.') ? 2 : 0) + (isPrivate.test(address) ? 0 : 1)
  return found.sort((one, other) => rank(one) - rank(other)).map(({ address }) => address)
}
