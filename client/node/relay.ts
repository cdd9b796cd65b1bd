import type { Relay } from '../../server/api.ts'
import { relayOver } from '../device/relay.ts'
import { nodeNetwork } from './network.ts'

/**
 * The relay across the network: requests by HTTP, mail by WebSocket.
 * @param url `http://` or `https://`, without a path
 * @param ca PEM; see `nodeNetwork`
 */
export const relayAt = (url: string, ca: string | null = null): Relay => relayOver(nodeNetwork(ca), url)
