import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { measureEscrow } from './escrow.ts'
import { measureExpanded, measureLinear, measureMemory, measureOpening, measureWorkers } from './lab.ts'
import { measureMessages } from './messages.ts'
import { withPart } from './page.ts'
import { measureBrokers } from './peers/brokers.ts'
import { peers } from './peers/list.ts'
import { measurePeers } from './peers/measure.ts'
import { measureIdle } from './relay/idle.ts'
import { measureRelay } from './relay/relay.ts'
import { measureRoom } from './room.ts'
import { measureWorlds } from './worlds.ts'
import { tiny } from './scale.ts'
import { few } from '../support/long.ts'

/* That every benchmark still runs, at a size that says nothing of speed. */

const measures: readonly (readonly [
  string,
  (scale: typeof tiny) => Promise<{ readonly body: string }>,
  string | RegExp,
])[] = [
  ['messages', measureMessages, /floor ÷ ours[^]*encrypt in suite 1: 6 × generichash, 2 × random, 2 × aead/],
  ['the relay', measureRelay, 'relay ÷ forwarder'],
  ['opening', measureOpening, 'openings a second'],
  ['a key expanded once', measureExpanded, 'for each envelope'],
  ['the escrow', measureEscrow, 'with escrow'],
  ['idle sockets', measureIdle, 'kB a socket'],
  ['two threads', measureWorkers, 'as fast'],
  ['a long archive', measureMemory, 'resident'],
  ['playing', measureLinear, 'a message'],
  ['whole worlds', measureWorlds, 'CollegeMsg'],
  ['a room', measureRoom, 'most memory'],
  ['mosquitto', measureBrokers, /not measured here|relay ÷ this/i],
]
it.each(few(measures, 1))('%s can be measured', async (_name, measure, said) => {
  const { body } = await measure(tiny)
  expect(body).toMatch(said)
  expect(body).not.toMatch(/NaN|undefined/)
})

it('peers can be measured, and one that is not there is named with the reason', async () => {
  const { body } = await measurePeers(tiny)
  const told = peers.map(({ name }) => body.includes(`| ${name} |`) || body.includes(`**Not measured here**: ${name}:`))
  expect(told).toEqual(peers.map(() => true))
})

it('each command writes its own part of the page and keeps the other', () => {
  const first = withPart('', 'bench', 'our figures')
  const both = withPart(first, 'bench:peers', 'their figures')
  const again = withPart(both, 'bench', 'newer figures')
  expect(first).toContain('`npm run bench:peers` has not been run yet')
  expect(again).toContain('their figures')
  expect(again).toContain('newer figures')
  expect(again).not.toContain('our figures')
})

it("the peers' lock file names no registry", () => {
  const lock = readFileSync(new URL('peers/package-lock.json', import.meta.url), 'utf8')
  expect(lock).not.toContain('"resolved"')
})
