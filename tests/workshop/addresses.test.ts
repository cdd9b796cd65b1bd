import { expect, it } from 'vitest'
import { roomAddresses } from '../../client/workshop/addresses.ts'

const at = (address: string, internal = false) => [
  { address, internal, family: 'IPv4' as const, netmask: '255.255.255.0', mac: '00:00:00:00:00:00', cidr: null },
]

it('names the address that phones in the room reach most likely first, and never one that means the phone itself', () => {
  expect(
    roomAddresses({
      lo: at('127.0.0.1', true),
      docker0: at('172.17.0.1'),
      en5: at('169.254.10.2'),
      wlan0: at('192.168.1.23'),
      eth1: at('203.0.113.9'),
    }),
  ).toEqual(['192.168.1.23', '203.0.113.9', '169.254.10.2', '172.17.0.1'])
  expect(roomAddresses({ lo: at('127.0.0.1', true) })).toEqual([])
})
