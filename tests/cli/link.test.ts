import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { here } from '../support/here.ts'
import { type Program, program } from '../support/program.ts'
import { streamed, withClosedPipe } from '../support/streams.ts'
import { doormat, objects, relayForCli } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'
import { few, isLong } from '../support/long.ts'

const numberPattern = /number: (\d{5}(?: \d{5}){5})$/

/** The number that a program shows, once it does. */
const numberOf = async (running: Program) => numberPattern.exec(await running.line('number: '))?.[1]

/** Somebody at the first device, who types in a code. */
function approving(code: string, name: string) {
  const running = program(['link', 'approve', ...home(name)])
  running.child.stdin?.write(`${code}\n`)
  return running
}

/** A new device, with its code. */
async function linking(name: string, ...flags: string[]) {
  const running = program([
    'link',
    '--json',
    ...(flags.length > 0 ? flags : ['--no-passphrase']),
    ...at(),
    ...home(name),
  ])
  const { code } = JSON.parse(await running.line('"code"')) as { code: string }
  const shown = async () => (JSON.parse(await running.line('"number"')) as { number: string }).number
  return { running, code, shown }
}

const says = (running: Program, answer: string) => void running.child.stdin?.write(`${answer}\n`)

/*
 * A second device as people make it: what links is a process of its own, what looks and sends is not. The tests go on from
 * each other's state.
 */

let relay: Awaited<ReturnType<typeof relayForCli>>
let phoneId: string
const home = (name: string) => ['--home', relay.path(name)]
const at = () => ['--relay', relay.url]
const devicesOf = async (name: string) => objects(await here(['devices', '--json', ...home(name)]))
const textsOf = async (name: string) =>
  objects(await here(['history', '--json', ...home(name)]))
    .filter(({ kind }) => kind === 'message')
    .map(({ direction, text }) => [direction, text])

beforeAll(async () => {
  relay = await relayForCli()
  await Promise.all(['alice', 'bob'].map((name) => here(['register', name, '--no-passphrase', ...at(), ...home(name)])))
  await here(['send', 'bob', 'before there was a phone', ...home('alice')])
})
afterAll(() => relay.stop())

describe('doormat link', () => {
  it('shows a code, and both devices a number; after a yes on both it is a device of the account', async () => {
    const { running: phone, code, shown } = await linking('phone')
    expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){7}$/)
    const laptop = approving(code.toLowerCase().replaceAll('-', ' '), 'alice')
    const number = await numberOf(laptop)
    expect(number).toMatch(/^\d{5}( \d{5}){5}$/)
    expect(await shown()).toBe(number)
    says(phone, 'y')
    expect(await devicesOf('alice')).toHaveLength(1)
    says(laptop, 'yes')
    expect([await laptop.ended, await phone.ended]).toEqual([0, 0])
    expect(laptop.lines.at(-1)).toMatch(/^[0-9a-f]{16} is now a device of alice, one of 2$/)
    const made = JSON.parse(phone.lines.at(-1) ?? '') as Record<string, unknown>
    expect(made).toMatchObject({ user: 'alice', devices: 2, device: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(differences({ code, number, ...made }, 'link')).toEqual([])
    phoneId = String(made['device'])
  })

  it('knows the same devices on both from then on, and the same contacts', async () => {
    const [hers, phones] = [await devicesOf('alice'), await devicesOf('phone')]
    expect(hers.map(({ device }) => device)).toEqual(phones.map(({ device }) => device))
    expect(phones.filter((device) => device['this'])).toMatchObject([{ device: phoneId }])
    expect(differences(hers[0] ?? {}, 'device')).toEqual([])
    expect(objects(await here(['contacts', '--json', ...home('phone')]))).toMatchObject([{ user: 'bob' }])
  })

  it('takes no code as an argument, for others on the machine could read it there, and no yes before the question', async () => {
    const { running: tablet, code } = await linking('shown to all')
    const told = await doormat(['link', 'approve', code, ...home('alice')])
    expect(told).toMatchObject({ code: 1, stdout: '' })
    expect(told.stderr).toContain('the code is a secret')
    expect(told.stderr).not.toContain(code)
    expect((await doormat(['link', 'approve', '--yes', ...home('alice')], { input: `${code}\n` })).code).toBe(1)
    const early = await doormat(['link', 'approve', ...home('alice')], { input: `${code}\ny\ny\n` })
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody is there to say yes') })
    await tablet.kill()
    expect(await devicesOf('alice')).toHaveLength(2)
  })

  const noes = [
    ['the first device', 'no', 'yes'],
    ['the new one', 'y', ''],
  ] as const
  it.each(few(noes, 1))('is not done after a no on %s', async (_where, firsts, news) => {
    const name = `refused by ${_where}`
    const { running: fresh, code, shown } = await linking(name)
    const laptop = approving(code, 'alice')
    await Promise.all([shown(), numberOf(laptop)])
    says(laptop, firsts)
    says(fresh, news)
    expect([await laptop.ended, await fresh.ended]).toEqual([1, 1])
    for (const { errors } of [laptop, fresh]) expect(errors.join(' ')).toContain('[link-failed]')
    expect(await devicesOf('alice')).toHaveLength(2)
    expect((await doormat(['devices', ...home(name)])).stderr).toContain('[no-device]')
  })

  it('has what is sent from one device seen on the other, and what is written to the account on both', async () => {
    const phone = program(['listen', '--json', '--since', '0', ...home('phone')])
    const bob = program(['listen', '--json', '--since', '0', ...home('bob')])
    expect((await here(['send', 'bob', 'from the laptop', ...home('alice')])).code).toBe(0)
    await bob.line('from the laptop')
    expect(await bob.kill('SIGINT')).toBe(0)
    expect((await here(['send', 'alice', 'to both', ...home('bob')])).code).toBe(0)
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

  it('ends when nobody can read its code any more, though its input stays open', async () => {
    const args = ['link', '--no-passphrase', ...at(), ...home('unread')]
    expect(await withClosedPipe((stdout) => streamed(args, { stdout })).ended).toBe(0)
  })

  it('is refused without a word on the passphrase, in a folder that is taken, and with what is no code', async () => {
    const [unsaid, taken, wrong] = await Promise.all([
      doormat(['link', ...at(), ...home('unsaid')]),
      doormat(['link', '--no-passphrase', ...at(), ...home('bob')]),
      doormat(['link', 'approve', ...home('alice')], { input: 'not-a-code\n' }),
    ])
    expect(unsaid).toMatchObject({ code: 1, stderr: expect.stringContaining('doormat link --passphrase-file FILE') })
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[device-exists\]/) })
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(/doormat: a link code has 32 letters and digits\ntry: doormat link approve\n$/)
    expect(await devicesOf('alice')).toHaveLength(2)
  })

  it.skipIf(!isLong)('(in test:long) keeps a linked device under a passphrase of its own', async () => {
    writeFileSync(relay.path('words'), 'a passphrase for the tablet\n')
    const { running: tablet, code, shown } = await linking('tablet', '--passphrase-file', relay.path('words'))
    const laptop = approving(code, 'alice')
    await Promise.all([shown(), numberOf(laptop)])
    for (const running of [tablet, laptop]) says(running, 'y')
    expect([await laptop.ended, await tablet.ended]).toEqual([0, 0])
    expect((await doormat(['history', ...home('tablet')])).stderr).toMatch(/\[locked\]/)
    const env = { DOORMAT_PASSPHRASE_FILE: relay.path('words') }
    expect(objects(await here(['devices', '--json', ...home('tablet')], { env }))).toHaveLength(3)
  })
})

describe('doormat devices remove', () => {
  it.skipIf(!isLong)('(in test:long) is for the first device, and for others than itself', async () => {
    const own = (await devicesOf('alice')).find((device) => device['this'])?.['device']
    const refused = await Promise.all([
      doormat(['devices', 'remove', phoneId, ...home('phone')]),
      doormat(['devices', 'remove', String(own), ...home('phone')]),
      doormat(['devices', 'remove', String(own), ...home('alice')]),
      doormat(['devices', 'remove', 'zz', ...home('alice')]),
      doormat(['devices', 'remove', '', ...home('alice')]),
      doormat(['link', 'approve', ...home('phone')], { input: `${'A'.repeat(32)}\n` }),
    ])
    expect(refused.map(({ code, stdout }) => [code, stdout])).toEqual(refused.map(() => [1, '']))
    expect([refused[1]?.stderr, refused[5]?.stderr]).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/\[not-primary\]/)),
    )
    expect(await devicesOf('alice')).toHaveLength(3)
  })

  it('takes a device out, which is told so when it next connects', async () => {
    const removed = await doormat(['devices', 'remove', phoneId.slice(0, 12), ...home('alice')])
    expect(removed).toMatchObject({ code: 0, stdout: `${phoneId.slice(0, 16)} is no longer one of your devices\n` })
    expect((await devicesOf('alice')).map(({ device }) => device)).not.toContain(phoneId)
    const gone = await here(['send', 'bob', 'am I still there?', ...home('phone')])
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[unknown-device\]/) })
    expect((await here(['send', 'alice', 'to who is left', ...home('bob')])).code).toBe(0)
    const alice = program(['listen', '--json', '--since', '0', ...home('alice')])
    await alice.line('to who is left')
    expect(await alice.kill('SIGINT')).toBe(0)
    expect((await textsOf('phone')).map(([, text]) => text)).not.toContain('to who is left')
  })
})
