import { describe, expect, it, vi } from 'vitest'
import { primitives } from '../../crypto/primitives.ts'
import { relaySuite } from '../contract/relay.ts'
import { openRelay } from '../../server/relay.ts'
import { accountOf } from '../support/relay-account.ts'
import { faultyDisk, inProcess, operatorToken, overNetwork, postOffice, signIn } from '../support/relay.ts'

relaySuite('a relay in its own process', inProcess)
relaySuite('a relay across the network', overNetwork)

describe('what a submission costs', () => {
  it('is one commit for all that is submitted and acknowledged in one turn of the event loop', async () => {
    const disk = faultyDisk()
    const { relay, alice, bob, toBob } = await postOffice('one commit', inProcess, { around: disk.around })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    const letters = Array.from({ length: 500 }, (_, i) => toBob(i + 1, `${i}`))
    const before = disk.commits
    await Promise.all([...letters.map((letter) => alices.connection.submit(letter)), bobs.connection.acknowledge(0)])
    expect(disk.commits - before).toBe(1)
  })

  it('is no signature to be checked', async () => {
    const { relay, alice, bob, toBob } = await postOffice('no signatures')
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    const checks = vi.spyOn(primitives, 'verify')
    for (const counter of [1, 2, 3]) await alices.connection.submit(toBob(counter, `${counter}`))
    await bobs.connection.acknowledge(3)
    expect(checks).not.toHaveBeenCalled()
    await signIn(relay, bob)
    expect(checks).toHaveBeenCalled()
    checks.mockRestore()
  })

  it('is no look into any mailbox where everybody is up to date, however many are watched', async () => {
    const looks: number[] = []
    const { relay, alice, bob, toBob, random } = await postOffice('looks', inProcess, {
      around: (store) => ({
        ...store,
        mailAfter(device, sequence, limit) {
          looks.push(device)
          return store.mailAfter(device, sequence, limit)
        },
      }),
    })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    const carol = accountOf('carol', 8, random)
    await relay.register(carol.signedList)
    for (let i = 0; i < 20; i++) await signIn(relay, carol.device(i % 8))
    looks.length = 0
    await alices.connection.submit(toBob(1, 'hello'))
    await bobs.connection.acknowledge(1)
    expect(looks).toEqual([])
  })
})

describe('two relays on one store', () => {
  it('do not fork the chain of policies: one of them fails, and the store stays good', async () => {
    const { local, relay, parts } = await postOffice('two relays')
    const other = await openRelay(parts)
    await relay.switchAccess(operatorToken, 'none', new Uint8Array())
    await expect(other.switchAccess(operatorToken, 'none', new Uint8Array())).rejects.toThrow('another relay')
    expect(await (await openRelay(parts)).policies(0)).toEqual(await local.policies(0))
  })
})
