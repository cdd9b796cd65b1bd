import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { here } from '../support/here.ts'
import { program } from '../support/program.ts'
import { objects, relayForCli } from '../support/world-cli.ts'
import { isLong } from '../support/long.ts'

/* What people see of receipts, lifetimes, blocking and forgetting. The tests go on from each other's state. */

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]
const send = (name: string, to: string, text: string, id: string) =>
  here(['send', to, text, '--id', id, '--json', ...home(name)])
const textsOf = async (name: string) =>
  objects(await here(['history', '--json', ...home(name)]))
    .filter(({ kind }) => kind === 'message')
    .map(({ text }) => text)

/** Prints what comes until a line has this in it. */
async function listenFor(name: string, part: string): Promise<Record<string, unknown>> {
  const listening = program(['listen', '--json', '--since', '0', ...home(name)])
  const line = await listening.line(part)
  await listening.kill('SIGINT')
  return JSON.parse(line) as Record<string, unknown>
}

beforeAll(async () => {
  relay = await relayForCli()
  await Promise.all(
    ['alice', 'bob'].map((name) => here(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])),
  )
})
afterAll(() => relay.stop())

describe('receipts', () => {
  it('are told unless one has said otherwise: what is printed counts as read', async () => {
    await send('alice', 'bob', 'hello', 'a1')
    await send('bob', 'alice', 'hello yourself', 'b1')
    await listenFor('bob', '"a1"')
    await send('alice', 'bob', 'have you read it?', 'a2')
    const bob = program(['listen', '--json', ...home('bob'), '--since', '0'])
    await bob.line('"a2"')
    const alice = program(['listen', '--json', ...home('alice')])
    const states = async () =>
      objects(await here(['history', 'bob', '--json', ...home('alice')])).find(({ id }) => id === 'a2')?.['state']
    while ((await states()) !== 'read') await sleep(250)
    expect(await Promise.all([alice.kill('SIGINT'), bob.kill('SIGINT')])).toEqual([0, 0])
  })
})

describe('doormat contacts lifetime', () => {
  it.skipIf(!isLong)('(in test:long) lets a message go, also where no process ran when its time was over', async () => {
    const set = await here(['contacts', 'lifetime', 'bob', '1s', ...home('alice')])
    expect(set).toMatchObject({ code: 0, stderr: '' })
    expect(objects(await here(['contacts', '--json', ...home('alice')]))).toMatchObject([{ lifetimeSeconds: 1 }])
    await send('alice', 'bob', 'soon gone', 'a3')
    await sleep(1100)
    expect(await textsOf('alice')).not.toContain('soon gone')
    const again = await send('alice', 'bob', 'soon gone', 'a3')
    expect([again.code, objects(again)]).toMatchObject([0, [{ id: 'a3' }]])
    expect(await listenFor('bob', '"lifetime"')).toMatchObject({ kind: 'lifetime', peer: 'alice', number: 1 })
    await sleep(1100)
    expect(await textsOf('bob')).not.toContain('soon gone')
  })

  it('takes a time there is, for somebody who is known', async () => {
    const wrong = await Promise.all([
      here(['contacts', 'lifetime', 'bob', 'soon', ...home('alice')]),
      here(['contacts', 'lifetime', 'carol', '7d', ...home('alice')]),
      here(['contacts', 'lifetime', 'bob', 'off', ...home('alice')]),
    ])
    expect(wrong.map(({ code }) => code)).toEqual([1, 1, 0])
    expect(wrong[0]?.stderr).toMatch(/^doormat: soon is not a lifetime: .*\ntry: doormat contacts lifetime bob 7d\n$/)
    expect(wrong[1]?.stderr).toMatch(/\[no-such-contact\]/)
  })
})

describe('doormat contacts block and doormat forget', () => {
  it.skipIf(!isLong)('(in test:long) say what they have done, and what cannot be done', async () => {
    expect((await here(['contacts', 'block', 'alice', ...home('bob')])).code).toBe(0)
    expect(objects(await here(['contacts', '--json', ...home('bob')]))).toMatchObject([{ standing: 'blocked' }])
    const written = await send('bob', 'alice', 'hello', 'b2')
    expect(written).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^doormat: .*\[blocked\]\ntry: doormat contacts unblock alice\n$/),
    })
    expect((await here(['contacts', 'unblock', 'alice', ...home('bob')])).code).toBe(0)
    expect(objects(await here(['contacts', '--json', ...home('bob')]))).toMatchObject([{ standing: 'accepted' }])

    expect((await here(['contacts', 'block', 'mallory', ...home('bob')])).code).toBe(0)
    expect(objects(await here(['contacts', '--json', ...home('bob')]))).toMatchObject([
      { user: 'alice', standing: 'accepted' },
      { user: 'mallory', trust: 'not known', standing: 'blocked', devices: 0, accountKey: null },
    ])
    expect((await here(['contacts', ...home('bob')])).stdout).toMatch(/^mallory {2}not known {2}blocked$/m)
    expect((await here(['contacts', 'unblock', 'mallory', ...home('bob')])).code).toBe(0)
    expect((await here(['contacts', 'unblock', 'mallory', ...home('bob')])).code).toBe(1)

    const forgotten = await here(['forget', 'bob', '--id', 'a1', '--yes', ...home('alice')])
    expect(forgotten).toMatchObject({ code: 0, stdout: 'deleted 1 message from this device\n' })
    expect(await textsOf('alice')).not.toContain('hello')
    const unasked = await here(['forget', 'bob', ...home('alice')])
    expect(unasked).toMatchObject({ code: 1, stdout: '' })
    expect(unasked.stderr).toMatch(
      /^Delete \d messages? with bob from this device\?.*nobody is there to say yes\ntry: doormat forget bob --yes\n$/s,
    )
    expect(await textsOf('alice')).not.toEqual([])
    expect((await here(['forget', 'bob', '--yes', ...home('alice')])).code).toBe(0)
    expect(await textsOf('alice')).toEqual([])
    expect((await here(['forget', 'bob', ...home('alice')])).code).toBe(1)
    expect(await textsOf('bob')).toContain('hello')
  })
})
