import { describe, expect, it } from 'vitest'
import { relaySuite } from '../contract/relay.ts'
import { faultyDisk, inProcess, overNetwork, postOffice, signIn } from '../support/relay.ts'

relaySuite('a relay in its own process', inProcess)
relaySuite('a relay across the network', overNetwork)

describe('a relay in its own process', () => {
  it('makes one commit of all that is submitted and acknowledged in one turn of the event loop', async () => {
    const disk = faultyDisk()
    const { relay, alice, bob, toBob } = await postOffice('one commit', inProcess, { around: disk.around })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    const letters = Array.from({ length: 500 }, (_, i) => toBob(i + 1, `${i}`))
    const before = disk.commits
    await Promise.all([...letters.map((letter) => alices.connection.submit(letter)), bobs.connection.acknowledge(0)])
    expect(disk.commits - before).toBe(1)
  })
})
