import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program } from '../support/program.ts'
import { doormat, objects, relayForCli } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'

/* A second device as people make it, each command a process of its own. The tests go on from each other's state. */

let relay: Awaited<ReturnType<typeof relayForCli>>
let phoneId: string
const home = (name: string) => ['--home', relay.path(name)]
const at = () => ['--relay', relay.url]
const devicesOf = async (name: string) => objects(await doormat(['devices', '--json', ...home(name)]))
const textsOf = async (name: string) =>
  objects(await doormat(['history', '--json', ...home(name)]))
    .filter(({ kind }) => kind === 'message')
    .map(({ direction, text }) => [direction, text])

beforeAll(async () => {
  relay = await relayForCli()
  await Promise.all(
    ['alice', 'bob'].map((name) => doormat(['register', name, '--no-passphrase', ...at(), ...home(name)])),
  )
  await doormat(['send', 'bob', 'before there was a phone', ...home('alice')])
})
afterAll(() => relay.stop())

describe('doormat link', () => {
  it('shows a code, which the first device approves, and then is a device of the account', async () => {
    const phone = program(['link', '--no-passphrase', '--json', ...at(), ...home('phone')])
    const { code } = JSON.parse(await phone.line('"code"')) as { code: string }
    expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){7}$/)
    expect((await devicesOf('phone')).length + (await devicesOf('alice')).length).toBe(1)

    const unasked = await doormat(['link', 'approve', code, ...home('alice')])
    expect(unasked).toMatchObject({ code: 1, stderr: expect.stringContaining(`link approve ${code} --yes`) })
    const approved = await doormat([
      'link',
      'approve',
      code.toLowerCase().replaceAll('-', ' '),
      '--yes',
      ...home('alice'),
    ])
    expect(approved).toMatchObject({ code: 0, stderr: '' })
    expect(approved.stdout).toMatch(/^[0-9a-f]{16} is a device of alice now; 2 in all\n$/)
    expect(await phone.ended).toBe(0)
    const made = JSON.parse(phone.lines.at(-1) ?? '') as Record<string, unknown>
    expect(made).toMatchObject({ user: 'alice', devices: 2, device: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(differences({ code, ...made }, 'link')).toEqual([])
    phoneId = String(made['device'])

    const [hers, phones] = [await devicesOf('alice'), await devicesOf('phone')]
    expect(hers.map(({ device }) => device)).toEqual(phones.map(({ device }) => device))
    expect(phones.filter((device) => device['this'])).toMatchObject([{ device: phoneId }])
    expect(differences(hers[0] ?? {}, 'device')).toEqual([])
    expect(objects(await doormat(['contacts', '--json', ...home('phone')]))).toMatchObject([{ user: 'bob' }])
  })

  it('has what is sent from one device seen on the other, and what is written to the account on both', async () => {
    const phone = program(['listen', '--json', '--since', '0', ...home('phone')])
    const bob = program(['listen', '--json', '--since', '0', ...home('bob')])
    expect((await doormat(['send', 'bob', 'from the laptop', ...home('alice')])).code).toBe(0)
    await bob.line('from the laptop')
    expect(await bob.kill('SIGINT')).toBe(0)
    expect((await doormat(['send', 'alice', 'to both', ...home('bob')])).code).toBe(0)
    await phone.line('to both')
    expect(await phone.kill('SIGINT')).toBe(0)
    const alice = program(['listen', '--json', '--since', '0', ...home('alice')])
    await alice.line('to both')
    expect(await alice.kill('SIGINT')).toBe(0)
    expect(await textsOf('phone')).toEqual([
      ['out', 'from the laptop'],
      ['in', 'to both'],
    ])
    expect(await textsOf('alice')).toEqual([
      ['out', 'before there was a phone'],
      ['out', 'from the laptop'],
      ['in', 'to both'],
    ])
  })

  it('is refused without a word on the passphrase, in a folder that is taken, and with what is no code', async () => {
    const [unsaid, taken, wrong] = await Promise.all([
      doormat(['link', ...at(), ...home('unsaid')]),
      doormat(['link', '--no-passphrase', ...at(), ...home('bob')]),
      doormat(['link', 'approve', 'not-a-code', '--yes', ...home('alice')]),
    ])
    expect(unsaid).toMatchObject({ code: 1, stderr: expect.stringContaining('doormat link --passphrase-file FILE') })
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[device-exists\]/) })
    const hint = 'try: doormat link approve CODE'
    expect(wrong).toMatchObject({ code: 1, stderr: `doormat: a link code has 32 letters and digits\n${hint}\n` })
    expect(await devicesOf('alice')).toHaveLength(2)
  })

  it('keeps a linked device under a passphrase of its own', async () => {
    writeFileSync(relay.path('words'), 'a passphrase for the tablet\n')
    const tablet = program(['link', '--passphrase-file', relay.path('words'), '--json', ...at(), ...home('tablet')])
    const { code } = JSON.parse(await tablet.line('"code"')) as { code: string }
    expect((await doormat(['link', 'approve', code, '--yes', ...home('alice')])).code).toBe(0)
    expect(await tablet.ended).toBe(0)
    expect((await doormat(['history', ...home('tablet')])).stderr).toMatch(/\[locked\]/)
    const env = { DOORMAT_PASSPHRASE_FILE: relay.path('words') }
    expect(objects(await doormat(['devices', '--json', ...home('tablet')], { env }))).toHaveLength(3)
  })
})

describe('doormat devices remove', () => {
  it('is for the first device, and for others than itself', async () => {
    const own = (await devicesOf('alice')).find((device) => device['this'])?.['device']
    const refused = await Promise.all([
      doormat(['devices', 'remove', phoneId, ...home('phone')]),
      doormat(['devices', 'remove', String(own), ...home('phone')]),
      doormat(['devices', 'remove', String(own), ...home('alice')]),
      doormat(['devices', 'remove', 'zz', ...home('alice')]),
      doormat(['devices', 'remove', '', ...home('alice')]),
      doormat(['link', 'approve', 'A'.repeat(32), '--yes', ...home('phone')]),
    ])
    expect(refused.map(({ code, stdout }) => [code, stdout])).toEqual(refused.map(() => [1, '']))
    expect([refused[1]?.stderr, refused[5]?.stderr]).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/\[not-primary\]/)),
    )
    expect(await devicesOf('alice')).toHaveLength(3)
  })

  it('takes a device out, which is told so when it next connects', async () => {
    const removed = await doormat(['devices', 'remove', phoneId.slice(0, 12), ...home('alice')])
    expect(removed).toMatchObject({ code: 0, stdout: `${phoneId.slice(0, 16)} is no device of yours any more\n` })
    expect((await devicesOf('alice')).map(({ device }) => device)).not.toContain(phoneId)
    const gone = await doormat(['send', 'bob', 'am I still there?', ...home('phone')])
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[unknown-device\]/) })
    expect((await doormat(['send', 'alice', 'to who is left', ...home('bob')])).code).toBe(0)
    const alice = program(['listen', '--json', '--since', '0', ...home('alice')])
    await alice.line('to who is left')
    expect(await alice.kill('SIGINT')).toBe(0)
    expect((await textsOf('phone')).map(([, text]) => text)).not.toContain('to who is left')
  })
})
