import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { here } from '../support/here.ts'
import { few } from '../support/long.ts'
import { middleBefore } from '../support/middle.ts'
import { program } from '../support/program.ts'
import { relayProcess } from '../support/relay-process.ts'
import { doormat, type Finished, objects, relayForCli } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'

/*
 * Operator and authority as people run them, around one relay that keeps an archive. What is said while the key lies
 * under the mat is as hostile to a terminal as text can be. The tests go on from each other's state.
 */

const hostile =
  '\u001b[2J\u001b]0;owned\u0007\u001b]8;;http://evil\u001b\\\u009b31m\rover\u202e\u2066\u200e\u061c\ufeff\u{e0041}\u2028<b>"&'
const raw = /[^\n\P{Cc}]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]
const operator = () => ['--relay', relay.url, '--token-file', relay.tokenFile]
const say = (text: string, id: string) => here(['send', 'bob', text, '--id', id, ...home('alice')])

beforeAll(async () => {
  relay = await relayForCli()
  await Promise.all(
    ['alice', 'bob'].map((name) => here(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])),
  )
})
afterAll(() => relay.stop())

/** Nothing in what was printed could do anything to a terminal. */
function expectHarmless({ stdout, stderr }: Finished): void {
  expect(stdout).not.toMatch(raw)
  expect(stderr).not.toMatch(raw)
}

describe('the operator’s token', () => {
  it('goes to nobody who does not show that they are the relay, at that address', async () => {
    await here(['authority', 'init', '--out', relay.path('unsent.key')])
    const key = ['--authority-key', relay.path('unsent.key.pub')]
    const other = await relayProcess(relay.path('another relay'))
    const middles = [await middleBefore(relay.url), await middleBefore(other.url)]
    const commands = [
      ['access', 'on', 'message-key-escrow', ...key],
      ['access', 'off'],
    ]
    for (const { url } of middles)
      for (const command of few(commands, 1)) {
        const refused = await here([...command, '--relay', url, '--token-file', relay.tokenFile])
        expect(refused).toMatchObject({ stdout: '', stderr: expect.stringMatching(/\[other-address\]/) })
      }
    const straight = await here(['access', 'off', '--relay', other.url, '--token-file', relay.tokenFile])
    expect(straight).toMatchObject({ code: 4, stderr: expect.stringContaining('[wrong-relay]') })
    expect(middles.flatMap(({ heard }) => heard.map(({ authorization }) => authorization)).filter(Boolean)).toEqual([])
    copyFileSync(relay.tokenFile, relay.path('alone.token'))
    const alone = await here(['access', 'off', '--relay', relay.url, '--token-file', relay.path('alone.token')])
    expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining(relay.path('policy.key.pub')) })
    expect(objects(await here(['access', 'status', '--relay', relay.url, '--json']))).toMatchObject([{ epoch: 1 }])
  })
})

describe('doormat access', () => {
  it("takes the operator's token only, and a key that is one", async () => {
    const init = await here(['authority', 'init', '--out', relay.path('escrow.key')])
    expect(init.code).toBe(0)
    const on = ['access', 'on', 'message-key-escrow', '--relay', relay.url]
    const key = ['--authority-key', relay.path('escrow.key.pub')]
    const refused = await Promise.all([
      here([...on, ...key, '--token-file', relay.path('relay/policy.key')]),
      here([...on, ...key, '--token-file', relay.path('nothing')]),
      here([...on, '--authority-key', relay.path('escrow.key'), '--token-file', relay.tokenFile]),
    ])
    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1])
    expect(refused[0]?.stderr).toMatch(/\[not-the-operator\]\n$/)
    const [status] = objects(await here(['access', 'status', '--relay', relay.url, '--json']))
    expect(status).toMatchObject({ epoch: 1, mode: 'none', archive: true })
    expect(differences(status ?? {}, 'access')).toEqual([])
  })

  it('switches while people talk', async () => {
    await say('before the key', 'before')
    const on = await here([
      ...['access', 'on', 'message-key-escrow', '--json', ...operator()],
      ...['--authority-key', relay.path('escrow.key.pub')],
    ])
    expect(objects(on)).toMatchObject([{ epoch: 2, mode: 'message-key-escrow' }])
    await say(hostile, 'during')
    const off = await here(['access', 'off', ...operator()])
    expect(off.stdout).toMatch(/^access: none, epoch 3, since \d\d:\d\d\narchive: on/)
    await say('after the key', 'after')
    const sent = objects(await here(['history', 'bob', '--json', ...home('alice')]))
    expect(sent.filter(({ kind }) => kind === 'message').map(({ id, epoch }) => [id, epoch])).toEqual([
      ['before', 1],
      ['during', 2],
      ['after', 3],
    ])
  })
})

describe('doormat authority, in a folder with an archive and a key and nothing else', () => {
  const desk = (...args: string[]) =>
    here(['authority', ...args, '--archive', 'passed.archive'], { cwd: relay.path('desk') })

  beforeAll(() => {
    mkdirSync(relay.path('desk'))
    for (const name of ['passed.archive', 'escrow.key']) copyFileSync(relay.path(name), relay.path(`desk/${name}`))
  })

  it('reads what was sent under the key and nothing else, as it was written', async () => {
    const [plain, json] = await Promise.all([desk('open'), desk('open', '--json')])
    expect([plain.code, json.code]).toEqual([0, 0])
    expect(objects(json)).toMatchObject([{ from: 'alice', to: 'bob', id: 'during', epoch: 2, text: hostile }])
    const [opened = {}] = objects(json)
    expect(differences(opened, 'opened message')).toEqual([])
    // whose word each field is stands in the line itself
    const { relaySays, deviceSays, ...fields } = opened
    expect(relaySays).toEqual(['time', 'from', 'fromDevice', 'to', 'toDevice'])
    expect(deviceSays).toEqual([
      'saysSentTo',
      'group',
      'sentAt',
      'id',
      'epoch',
      'text',
      'attachment',
      'answers',
      'afterword',
      'deletedBefore',
    ])
    expect(Object.keys(fields)).toEqual([...(relaySays as string[]), ...(deviceSays as string[]), 'mode'])
    expect(plain.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}alice -> bob: ␛\[2J␛\]0;owned␇.*\n$/)
    expect(plain.stderr.replaceAll(/\s+/g, ' ')).toBe(
      'Read 1 message. 2 envelopes were sent while no key was under the mat. alice and bob: 1 message ',
    )
    for (const printed of [plain, json]) expectHarmless(printed)
  })

  it('finds words', async () => {
    const [found, missed] = await Promise.all([desk('search', 'OVER', '--json'), desk('search', 'before')])
    expect(objects(found)).toMatchObject([{ id: 'during' }])
    expect(missed).toMatchObject({ code: 0, stdout: '' })
    for (const printed of [found, missed]) expectHarmless(printed)
  })

  it('writes a transcript that does no harm either', async () => {
    const written = await desk('export', '--out', 'transcript')
    expectHarmless(written)
    const folder = relay.path('desk/transcript')
    expect(readdirSync(folder).toSorted()).toEqual(['transcript.html', 'transcript.json', 'transcript.txt'])
    const [html = '', json = '', text = ''] = readdirSync(folder)
      .toSorted()
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    expect(JSON.parse(json)).toMatchObject([{ id: 'during', text: hostile }])
    expect(text).toMatch(/^Time, sender and recipient are the relay's word\. .*\n\n\d{4}-/)
    for (const content of [html, json, text]) expect(content).not.toMatch(raw)
    expect(html).toContain('&lt;b&gt;&quot;&amp;')
    expect(html).not.toContain('<b>')
  })

  it('says so, and ends with 5, where the key is another one', async () => {
    await here(['authority', 'init', '--out', 'other.key'], { cwd: relay.path('desk') })
    const wrong = await desk('open', '--key', 'other.key')
    expect(wrong).toMatchObject({ code: 5, stdout: '' })
    expect(wrong.stderr).toMatch(
      /^Read nothing\.[^]* 1 envelope stayed closed: the key given does not open it\.\ndoormat: this key opens none of it\ntry: doormat authority open --archive passed\.archive --key ANOTHER\n$/,
    )
  })
})

describe('text of others', () => {
  it('is printed harmless everywhere, and is in JSON what was sent', async () => {
    const bob = program(['listen', ...home('bob'), '--since', '0'])
    onTestFinished(() => void bob.kill())
    await bob.line('after the key')
    await bob.kill('SIGINT')
    const [history, json, chat] = await Promise.all([
      doormat(['history', ...home('bob')]),
      doormat(['history', 'alice', '--json', ...home('bob')]),
      doormat(['chat', 'alice', ...home('bob')]),
    ])
    for (const printed of [history, json, chat]) expectHarmless(printed)
    expect(bob.lines.join('\n')).not.toMatch(raw)
    expect(history.stdout).toContain('alice: ␛[2J')
    expect(objects(json).find(({ id }) => id === 'during')?.['text']).toBe(hostile)
  })

  it('is printed harmless where it is a relay that says it', async () => {
    const status = { epoch: 1, mode: hostile, since: 1, archive: false }
    const answers = [JSON.stringify(status), JSON.stringify({ code: 'internal', message: hostile })]
    const server = createServer((_request, response) => {
      const answer = answers.shift() ?? ''
      response.writeHead(answer.includes('internal') ? 500 : 200).end(answer)
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    for (const code of [0, 3]) {
      const printed = await doormat(['access', 'status', '--relay', url])
      expect(printed.code).toBe(code)
      expectHarmless(printed)
    }
  })
})
