import { existsSync, statSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { here } from '../support/here.ts'
import { relayForCli } from '../support/world-cli.ts'

let relay: Awaited<ReturnType<typeof relayForCli>>
const share = (number: number) => relay.path(`escrow.${number}.key`)

beforeAll(async () => {
  relay = await relayForCli()
  for (const name of ['alice', 'bob'])
    await here(['register', name, '--no-passphrase', '--relay', relay.url, '--home', relay.path(name)])
})
afterAll(() => relay.stop())

it('gives each custodian a share, of which three open a message and two do not', async () => {
  const init = ['authority', 'init', '--mode', 'split-escrow', '--out', relay.path('escrow.key')]
  const made = await here(init)
  expect(made.code).toBe(0)
  expect(made.stdout.match(/escrow\.\d\.key: share \d, for /g)).toHaveLength(5)
  for (const number of [1, 2, 3, 4, 5]) expect(statSync(share(number)).mode & 0o777).toBe(0o600)
  expect(existsSync(relay.path('escrow.key'))).toBe(false)
  expect((await here(init)).stderr).toContain('escrow.1.key already exists and is not overwritten')

  const on = ['access', 'on', 'split-escrow', '--authority-key', relay.path('escrow.key.pub')]
  expect((await here([...on, '--relay', relay.url, '--token-file', relay.tokenFile])).code).toBe(0)
  expect((await here(['send', 'bob', 'between five', '--home', relay.path('alice')])).code).toBe(0)

  const open = (...numbers: number[]) =>
    here(['authority', 'open', '--archive', relay.path('passed.archive'), '--key', ...numbers.map(share)])
  const [enough, tooFew] = [await open(5, 1, 3), await open(2, 4)]
  expect([enough.code, enough.stdout.includes('between five')]).toEqual([0, true])
  expect([tooFew.code, tooFew.stdout]).toEqual([5, ''])
})
