import { statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { registerDevice } from '../../client/device/registration.ts'
import { relayAt } from '../../client/node/relay.ts'
import { openStore } from '../../client/node/store.ts'
import type { Relay } from '../../server/api.ts'
import { here } from '../support/here.ts'
import { program } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { doormat, objects, patiently, relayForCli } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'

/*
 * The program as people run it, all around one relay: a process of its own wherever a stream, a signal or the environment is
 * part of it. The tests go on from each other's state, in the order in which they stand.
 */

let relay: Awaited<ReturnType<typeof relayForCli>>
/** `send` where nobody answers: it takes ten seconds to give up, so it is begun first and looked at last */
let stranded: ReturnType<typeof doormat>
const nowhere = 'http://127.0.0.1:1'
const home = (name: string) => ['--home', relay.path(name)]
const listening = (name: string, ...flags: string[]) => program(['listen', '--json', ...flags, ...home(name)])
const historyOf = async (name: string, ...flags: string[]) =>
  objects(await here(['history', '--json', ...flags, ...home(name)]))

/** A device that was told other things about its relay when it was made. */
async function registerElsewhere(name: string, url: string, lies: Partial<Relay>): Promise<void> {
  const store = openStore(relay.path(name))
  await registerDevice(
    store,
    name,
    { relayUrl: url, relayCa: null },
    { ...relayAt(relay.url), ...lies },
    { refusesAccess: false, receipts: true },
    seededRandom(name),
  )
  store.close()
}

beforeAll(async () => {
  relay = await relayForCli()
  await registerElsewhere('stranded', nowhere, {})
  stranded = doormat(['send', 'bob', 'anybody?', ...home('stranded')], { once: true })
})
afterAll(() => relay.stop())

describe('doormat register', () => {
  it('makes a device whose folder only its owner can read', async () => {
    const made = await Promise.all(
      ['alice', 'bob'].map((name) =>
        doormat(['register', name, '--no-passphrase', '--relay', relay.url, '--json', ...home(name)]),
      ),
    )
    expect(made.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const [alice] = made.flatMap(objects)
    expect(alice).toEqual({ user: 'alice', relay: relay.url, home: relay.path('alice'), access: 'none' })
    expect(differences(alice ?? {}, 'registration')).toEqual([])
    expect(statSync(relay.path('alice')).mode & 0o777).toBe(0o700)
    expect(statSync(relay.path('alice/device.db')).mode & 0o777).toBe(0o600)
  })

  it('refuses a name that is taken, a second device in one folder, and what is no name', async () => {
    const refused = await Promise.all(
      [
        ['alice', 'elsewhere'],
        ['carol', 'alice'],
        ['Alice!', 'elsewhere'],
      ].map(([name = '', folder = '']) =>
        here(['register', name, '--no-passphrase', '--relay', relay.url, ...home(folder)]),
      ),
    )
    expect(refused.map(({ code, stdout }) => [code, stdout])).toEqual(refused.map(() => [1, '']))
    expect(refused[0]?.stderr).toMatch(/^doormat: .*\[name-taken\]\ntry: doormat register OTHER-NAME\n$/)
    expect(refused[1]?.stderr).toMatch(/^doormat: .*\[device-exists\]\ntry: doormat contacts\n$/)
    expect(refused[2]?.stderr).toMatch(/^doormat: a name is a lower-case letter.*\n$/)
  })

  it('completes one that the relay took before the device could be online, and then refuses another', async () => {
    await registerElsewhere('late', relay.url, {})
    const again = () => here(['register', 'late', '--no-passphrase', '--relay', relay.url, ...home('late')])
    expect(await again()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^late is registered/) })
    expect(await again()).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[device-exists\]/) })
  })

  it('puts the device where the environment says', async () => {
    const env = { XDG_DATA_HOME: relay.path('data') }
    const made = await doormat(['register', 'xenia', '--no-passphrase', '--relay', relay.url, '--json'], { env })
    expect(objects(made)).toMatchObject([{ home: relay.path('data/doormat/device') }])
    const found = await doormat(['contacts'], { env: { DOORMAT_HOME: relay.path('data/doormat/device') } })
    expect(found).toMatchObject({
      code: 0,
      stderr: 'no contacts yet: you get one with the first message that you send or receive\n',
    })
  })
})

describe('doormat send, listen and history', () => {
  it('carry a message, and print what docs/cli.md says', async () => {
    const bob = listening('bob')
    const sent = await doormat(['send', 'bob', 'is the door locked?', '--id', 'first', '--json', ...home('alice')])
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    expect(objects(sent)).toEqual([{ id: 'first', to: 'bob', state: 'sent', epoch: 1 }])
    expect(differences(objects(sent)[0] ?? {}, 'sent')).toEqual([])
    const heard = JSON.parse(await bob.line('is the door locked?')) as Record<string, unknown>
    expect(heard).toMatchObject({ kind: 'message', peer: 'alice', direction: 'in', id: 'first', number: 1 })
    expect(differences(heard, 'message')).toEqual([])
    expect(await bob.kill('SIGINT')).toBe(0)
    for (const entry of [...(await historyOf('alice')), ...(await historyOf('bob'))])
      expect(differences(entry, entry['kind'] === 'message' ? 'message' : 'notice')).toEqual([])
  })

  it('send lines with ids, each once however often they are given', async () => {
    const lines = 'a1\tfirst\na2\tsecond with\ttab\nfirst\tnot this\n'
    const flags = ['send', 'bob', '--stdin', '--ids', '--json', ...home('alice')]
    const once = await doormat(flags, { input: lines })
    const again = await doormat(flags, { input: `${lines}a3\tthird\n` })
    expect([once.code, again.code]).toEqual([0, 0])
    expect(objects(once).map(({ id }) => id)).toEqual(['a1', 'a2', 'first'])
    expect(objects(again).map(({ id }) => id)).toEqual(['a1', 'a2', 'first', 'a3'])
    expect(new Set([...objects(once), ...objects(again)].map(({ state }) => state))).toEqual(new Set(['sent']))
    const bob = listening('bob', '--since', '0')
    await bob.line('third')
    await bob.kill('SIGINT')
    const messages = bob.lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ id }) => id)
    expect(messages.map(({ id, text }) => [id, text])).toEqual([
      ['first', 'is the door locked?'],
      ['a1', 'first'],
      ['a2', 'second with\ttab'],
      ['a3', 'third'],
    ])
  })

  it('begin after the entry that --since names, and never count back', async () => {
    const all = await historyOf('bob')
    const numbers = all.map(({ sequence }) => Number(sequence))
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    const [, , third] = numbers
    expect(await historyOf('bob', '--since', String(third))).toEqual(all.slice(3))
    const bob = listening('bob', '--since', String(numbers.at(-2)))
    await bob.line('third')
    await bob.kill('SIGINT')
    expect(bob.lines).toHaveLength(1)
  })

  it('send the lines that are messages, and tell of each that is none by its number', async () => {
    const input = Buffer.concat([
      Buffer.from('first of five\n\nwith a \r in it\r\n'),
      Buffer.from([0x68, 0xff, 0x0a]),
      Buffer.from('last, without an end'),
    ])
    const sent = await patiently(() => doormat(['send', 'bob', '--stdin', ...home('alice')], { input }))
    expect(sent.code).toBe(1)
    expect(sent.stderr.split('\n').filter((line) => line !== '')).toEqual([
      'line 2: a message cannot be empty [bad-text]',
      'line 4: the text is not UTF-8 [bad-text]',
      '3 sent to bob',
      'doormat: 2 lines were not sent',
    ])
    const texts = (await historyOf('alice')).map(({ text }) => text)
    expect(texts.slice(-3)).toEqual(['first of five', 'with a \r in it', 'last, without an end'])
  })

  it('say what is wrong with a command, and what to type instead', async () => {
    const wrong = await Promise.all([
      doormat(['send', 'bob', ...home('alice')]),
      doormat(['send', 'bob', '--stdin', '--ids', ...home('alice')], { input: 'no tab here\n' }),
      here(['send', 'nobody', 'hello', ...home('alice')]),
      here(['contacts', ...home('not there')]),
      doormat(['regster', 'dave']),
    ])
    expect(wrong.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1])
    expect(wrong.map(({ stderr }) => stderr.split('\n').slice(0, 2))).toEqual([
      ['doormat: give the text as an argument, or use --stdin to send lines', "try: doormat send bob 'hello'"],
      ['line 1: there is no id: with --ids a line is ID, TAB, text [bad-text]', 'doormat: 1 line was not sent'],
      ['doormat: 1 of 1 not sent: the relay knows nobody called nobody', 'try: doormat history nobody'],
      [`doormat: nobody is registered in ${relay.path('not there')} [no-device]`, 'try: doormat register NAME'],
      ["error: unknown command 'regster'", '(Did you mean register?)'],
    ])
  })
})

describe('doormat contacts and verify', () => {
  it('show both sides the same safety number, and remember that it was compared', async () => {
    const flags = ['--json', ...home('alice')]
    const [hers, his] = await Promise.all([
      here(['verify', 'bob', ...flags]),
      here(['verify', 'alice', '--json', ...home('bob')]),
    ])
    const [[one], [other]] = [objects(hers), objects(his)]
    expect(differences(one ?? {}, 'safety number')).toEqual([])
    expect(one).toEqual({ ...other, user: 'bob' })
    expect(one).toMatchObject({ trust: 'not verified', digits: expect.stringMatching(/^\d{60}$/), epoch: 1 })
    expect(one?.['words']).toHaveLength(24)
    expect(objects(await here(['verify', 'bob', '--confirm', ...flags]))).toMatchObject([{ trust: 'verified' }])
    const { stdout } = await here(['verify', 'bob', ...home('alice')])
    const [, head = ''] = /access policy, epoch 1: ([0-9a-f ]+)\n/.exec(stdout) ?? []
    expect(head.replaceAll(' ', '')).toBe(String(one?.['policy']).slice(0, 40))
    const known = objects(await here(['contacts', ...flags]))
    expect(known).toMatchObject([{ user: 'bob', trust: 'verified', devices: 1 }])
    expect(differences(known[0] ?? {}, 'contact')).toEqual([])
  })

  it('know nobody who has not been written to', async () => {
    const [shown, accepted] = await Promise.all([
      here(['verify', 'carol', ...home('alice')]),
      here(['contacts', 'accept', 'bob', ...home('alice')]),
    ])
    expect([shown.code, accepted.code]).toEqual([1, 1])
    expect(accepted.stderr).toBe("doormat: bob's account key has not changed [no-such-contact]\n")
  })
})

describe('doormat chat in a pipe', () => {
  it('sends every line, prints what is said, and ends when all is sent', async () => {
    const chat = await patiently(() =>
      doormat(['chat', 'bob', ...home('alice')], { input: 'one line\n\nanother line\n' }),
    )
    expect(chat).toMatchObject({ code: 0, stderr: '' })
    expect(chat.stdout).toMatch(/^-- bob · verified · access: none \(epoch 1\).* --$/m)
    expect(chat.stdout).toMatch(/^\d\d:\d\d alice: is the door locked\?$/m)
    // it ends as soon as its own line is sent, perhaps before the mail has come
    let bob = ''
    while (!bob.includes('another line'))
      bob = (await doormat(['chat', 'alice', ...home('bob')], { input: 'I have read it\n' })).stdout
    expect(bob).toMatch(/alice: one line\n.*alice: another line\n/)
    const alice = listening('alice', '--since', '0')
    await alice.line('I have read it')
    await alice.kill('SIGTERM')
  })

  it('needs a name', async () => {
    expect(await doormat(['chat', ...home('alice')], { input: 'to whom?\n' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'doormat: in a pipe, say with whom you want to talk\ntry: doormat chat NAME\n',
    })
  })
})

describe('exit codes', () => {
  it('are 3 where no relay answers', async () => {
    const ended = await Promise.all([
      here(['register', 'erin', '--no-passphrase', '--relay', nowhere, ...home('erin')]),
      here(['access', 'status', '--relay', nowhere]),
      stranded,
    ])
    expect(ended.map(({ code }) => code)).toEqual([3, 3, 3])
    expect(ended[2].stderr).toBe(
      'doormat: the relay cannot be reached; the message is kept and will go out as soon as this device is online\ntry: doormat listen\n',
    )
  })

  it('are 4 where the relay has another key than the one pinned, also in a chat that waits for input', async () => {
    const { public: otherKey } = generatePolicyPair(seededRandom('another relay'))
    await registerElsewhere('ursula', relay.url, { policyKey: async () => otherKey })
    const commands = ['send bob hello', 'listen', 'chat bob'].map((line) => line.split(' '))
    const running = commands.map((command) => program([...command, ...home('ursula')]))
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([4, 4, 4])
    for (const { errors } of running) expect(errors).toEqual([expect.stringMatching(/^doormat: .*\[wrong-relay\]$/)])
  })
})
