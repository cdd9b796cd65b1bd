import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { here } from '../support/here.ts'
import { missing } from '../support/missing.ts'
import { sodiumNative } from '../support/native.ts'
import { preload } from '../support/program.ts'
import { doormat, objects, relayForCli } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'

/* `doormat status`, around one relay; the tests go on from each other's state. */

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]
const status = (name: string, ...flags: string[]) => here(['status', ...home(name), ...flags])
const without = missing(sodiumNative() !== null, 'sodium-native cannot be loaded here: npm ci')

beforeAll(async () => {
  relay = await relayForCli()
  for (const name of ['alice', 'bob'])
    await here(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])
})
afterAll(() => relay.stop())

describe('doormat status', () => {
  it('says who this is, where the relay is, that nobody else can read, and that nothing waits', async () => {
    const { code, stdout, stderr } = await status('alice')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^You +alice, on device [0-9a-f]{16} \(1 device in this account\)$/m)
    expect(stdout).toContain(`${relay.url}, reachable`)
    expect(stdout).toMatch(/^Access +none \(since \d\d:\d\d, epoch 1\)\. Only the two ends can read/m)
    expect(stdout).toMatch(/^Archive +The relay says that it keeps a copy of every envelope and file\.$/m)
    expect(stdout).toMatch(/^Folder +.*NOT encrypted$/m)
    expect(stdout).toMatch(/^To send +nothing waits$/m)
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  })

  const asked = { DOORMAT_NATIVE: '1' }
  it.skipIf(without !== '')(
    `says which libsodium computes: the native one where that is asked for${without}`,
    async () => {
      const native = await doormat(['status', ...home('alice')], { env: asked })
      expect([native.code, native.stderr]).toEqual([0, ''])
      expect(native.stdout).toMatch(/^Crypto +libsodium in native code \(sodium-native \d+\.\d+\.\d+\)$/m)
    },
  )

  it.each([
    ['it is not asked for', {}, ''],
    ['it is asked for in other words', { DOORMAT_NATIVE: 'yes' }, ''],
    [
      'there is no other',
      { ...asked, ...preload('preload-no-native.mjs') },
      'DOORMAT_NATIVE=1 has no effect: sodium-native is not installed. Everything works without it, and takes longer.\n',
    ],
  ])('says that it is the one in WebAssembly where %s', async (_, env, told) => {
    const [plain, json] = await Promise.all(
      [[], ['--json']].map((flags) => doormat(['status', ...home('alice'), ...flags], { env })),
    )
    expect([plain?.code, plain?.stderr, json?.stderr]).toEqual([0, told, told])
    expect(plain?.stdout).toMatch(/^Crypto +libsodium in WebAssembly$/m)
    expect(json?.stdout).toContain('"libsodium":"webassembly"')
  })

  it('counts what waits, names the mode in force and who asks to talk', async () => {
    await here(['authority', 'init', '--out', relay.path('escrow.key')])
    const on = ['access', 'on', 'message-key-escrow', '--authority-key', relay.path('escrow.key.pub')]
    await here([...on, '--relay', relay.url, '--token-file', relay.tokenFile])
    await here(['send', 'bob', 'are you there?', ...home('alice')])
    const [before = {}] = objects(await status('bob', '--json'))
    expect(before).toMatchObject({ user: 'bob', mode: 'message-key-escrow', epoch: 2, seenEpoch: 1, toRead: {} })
    // with nothing to say, it ends as soon as it may: perhaps before the mail has come
    let after: Record<string, unknown>[] = []
    while (Object.keys(after[0]?.['toRead'] ?? {}).length === 0) {
      expect((await doormat(['chat', 'alice', ...home('bob')])).code).toBe(0)
      after = objects(await status('bob', '--json'))
    }
    expect(after).toMatchObject([{ seenEpoch: 2, toRead: { alice: 1 }, requests: ['alice'], archive: true }])
    for (const one of [before, after[0] ?? {}]) expect(differences(one, 'status')).toEqual([])
    const { stdout } = await status('bob')
    expect(stdout).toMatch(/^Access +Message key escrow \(since \d\d:\d\d, epoch 2\)\. One authority can read/m)
    expect(stdout).toMatch(/^To read +1 message \(alice 1\)\./m)
    expect(stdout).toContain('doormat history alice')
  })

  it('prints what it knows, and ends with 3, where the relay does not answer', async () => {
    await relay.end()
    const [plain, json] = [await status('alice'), await status('alice', '--json')]
    expect([plain.code, json.code]).toEqual([3, 3])
    expect(plain.stdout).toContain(`${relay.url}, not reachable: no relay answers`)
    expect(plain.stdout.replaceAll(/\s+/g, ' ')).toContain('That is what this device was last told.')
    expect(objects(json)).toMatchObject([{ reachable: false, archive: null, mode: 'message-key-escrow', epoch: 2 }])
    expect(differences(objects(json)[0] ?? {}, 'status')).toEqual([])
    expect(plain.stderr).toMatch(/^doormat: no relay answers .*\[unreachable\]\n/)
  })
})

describe('the access modes', () => {
  it('are listed with a line each, and below the help of the commands that take one', async () => {
    const listed = objects(await doormat(['access', 'modes', '--json']))
    expect(listed.length).toBeGreaterThan(1)
    for (const mode of listed) expect(differences(mode, 'access mode')).toEqual([])
    const plain = await doormat(['access', 'modes'])
    const helps = await Promise.all(
      [
        ['access', 'on', '--help'],
        ['authority', 'init', '--help'],
      ].map((args) => doormat(args)),
    )
    expect(helps.map(({ code, stderr }) => [code, stderr])).toEqual(helps.map(() => [0, '']))
    const flat = (text: string) => text.replaceAll(/\s+/g, ' ')
    for (const { id, summary } of listed) {
      expect(flat(plain.stdout)).toContain(`${String(id)} ${String(summary)}`)
      if (id !== 'none')
        for (const { stdout } of helps) expect(flat(stdout)).toContain(`${String(id)} ${String(summary)}`)
    }
  })
})
