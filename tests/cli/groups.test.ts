import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { here } from '../support/here.ts'
import { program, type Program } from '../support/program.ts'
import { objects, relayForCli } from '../support/world-cli.ts'

describe('a group on the command line', () => {
  let relay: Awaited<ReturnType<typeof relayForCli>>
  let bob: Program
  const home = (name: string) => ['--home', relay.path(name)]
  const as = (name: string, ...args: readonly string[]) => here([...args, ...home(name)])
  const shown = async (name: string, group: string) => objects(await as(name, 'group', 'show', group, '--json'))[0]

  beforeAll(async () => {
    relay = await relayForCli()
    for (const name of ['alice', 'bob', 'carol'])
      await as(name, 'register', name, '--no-passphrase', '--relay', relay.url)
    bob = program(['listen', '--since', '0', ...home('bob')])
  })
  afterAll(async () => {
    await bob.kill('SIGINT')
    await relay.stop()
  })

  it('is founded with people whom nobody has met yet, and not with nobody', async () => {
    const failed = await as('alice', 'group', 'new', 'Lesekreis', 'nobody')
    expect([failed.code, failed.stderr]).toEqual([1, 'doormat: the relay knows nobody called nobody\n'])
    const made = await as('alice', 'group', 'new', 'Lesekreis', 'bob', 'carol')
    expect([made.code, made.stderr]).toEqual([0, ''])
    expect(made.stdout).toMatch(
      /^\+Lesekreis\n3 people, id [0-9a-f]{8}\n {2}alice {2}first admin {2}you\n {2}bob {2}member\n {2}carol {2}member\n/,
    )
    for (const row of made.stdout.split('\n')) expect(row.length).toBeLessThanOrEqual(100)
  })

  it('is written to by its title, and what is said there is told from what is said to a person', async () => {
    expect((await as('alice', 'send', '+Lesekreis', 'hello all')).stderr).toBe('sent to +Lesekreis\n')
    expect((await as('alice', 'send', 'bob', 'only you')).code).toBe(0)
    const [inGroup, alone] = [await bob.line('hello all'), await bob.line('only you')]
    expect(inGroup).toMatch(/ \[\+Lesekreis\] alice: hello all$/)
    expect(alone).toMatch(/\d\d alice: only you$/)
    const history = objects(await as('bob', 'history', '+Lesekreis', '--json'))
    const said = history.filter(({ kind }) => kind === 'message')
    const { id } = (await shown('bob', 'Lesekreis')) ?? {}
    expect(said).toMatchObject([{ peer: `+${String(id)}`, author: 'alice', direction: 'in', text: 'hello all' }])
    expect(
      history.filter(({ kind }) => kind === 'group').map(({ text }) => JSON.parse(String(text)) as object),
    ).toEqual([
      { how: 'done', deed: 'found', author: 'alice', subject: 'Lesekreis' },
      { how: 'done', deed: 'add', author: 'alice', subject: 'bob' },
      { how: 'done', deed: 'add', author: 'alice', subject: 'carol' },
    ])
    expect((await as('bob', 'history', 'alice', '--json')).stdout).not.toContain('hello all')
  })

  it('shows everybody the same number', async () => {
    const [ofAlice, ofBob] = [await shown('alice', 'Lesekreis'), await shown('bob', '+Lesekreis')]
    expect(ofAlice?.['number']).toMatch(/^(\d{5} ){11}\d{5}$/)
    expect(ofBob).toMatchObject({ number: ofAlice?.['number'], people: ofAlice?.['people'], standing: 'request' })
    expect(ofAlice?.['standing']).toBe('accepted')
  })

  it('carries a file, which is saved by the group', async () => {
    writeFileSync(relay.path('plan.txt'), 'the plan')
    expect((await as('alice', 'send', '+Lesekreis', '--file', relay.path('plan.txt'))).code).toBe(0)
    await bob.line('plan.txt')
    mkdirSync(relay.path('saved'))
    expect((await as('bob', 'save', '+Lesekreis', '--to', relay.path('saved'))).code).toBe(0)
    expect(readFileSync(relay.path('saved/plan.txt'), 'utf8')).toBe('the plan')
  })

  it('is one message in the transcript of an authority, under its title', async () => {
    await here(['authority', 'init', '--out', relay.path('escrow.key')])
    const on = ['access', 'on', 'message-key-escrow', '--authority-key', relay.path('escrow.key.pub')]
    expect((await here([...on, '--token-file', relay.tokenFile, '--relay', relay.url])).code).toBe(0)
    await as('alice', 'group', 'rename', 'Lesekreis', 'Reading')
    await as('alice', 'send', '+Reading', 'under the mat')
    await bob.line('under the mat')
    const open = (...more: readonly string[]) =>
      here(['authority', 'open', '--key', relay.path('escrow.key'), '--archive', relay.path('passed.archive'), ...more])
    const opened = objects(await open('--json')).filter(({ text }) => text === 'under the mat')
    const { id } = (await shown('alice', 'Reading')) ?? {}
    expect(opened).toMatchObject([{ from: 'alice', group: { id, title: null } }])
    // nobody has been added while the key was there, so who is in it was not opened
    expect((await open()).stdout).toContain(`(to the group ${String(id).slice(0, 8)}): under the mat`)
    // whoever of them is asked for
    for (const person of ['bob', 'carol'])
      expect(objects(await open('--json', '--person', person)).map(({ text, to }) => [text, to])).toEqual([
        ['under the mat', person],
      ])
  })

  it('says in words what cannot be', async () => {
    for (const [name, args, words] of [
      [
        'alice',
        ['send', '+Nothing', 'x'],
        'you are in no group called Nothing [no-such-group]\ntry: doormat group list\n',
      ],
      // whom it is for is looked at before a recording is
      ['alice', ['send', '+Nothing', '--voice', 'nowhere.wav'], 'you are in no group called Nothing [no-such-group]'],
      ['bob', ['group', 'rename', 'Reading', 'Mine'], 'only admins of Reading may do that [not-allowed]'],
      ['bob', ['group', 'remove', 'Reading', 'alice'], 'only admins'],
      ['alice', ['group', 'remove', 'Reading', 'nobody'], 'nobody is not in Reading [no-such-contact]'],
      ['alice', ['group', 'rename', 'Reading', 'a\nb'], 'a title is 1 to 64 bytes of text in one line'],
      ['alice', ['group', 'add', 'Reading', 'Not A Name'], '"Not A Name" is not a name'],
      ['bob', ['group', 'lifetime', 'Reading', '7d'], 'only admins of Reading may do that [not-allowed]'],
      ['alice', ['group', 'lifetime', 'Reading', 'soon'], 'soon is not a lifetime: give 90s, 5min, 12h, 7d or off'],
    ] as const) {
      const { code, stderr } = await as(name, ...args)
      expect([code, stderr]).toEqual([1, expect.stringContaining(words)])
    }
  })

  it('is left, and written to no more', async () => {
    await bob.line('calls the group "Reading" now')
    expect((await as('carol', 'group', 'leave', 'Reading')).code).toBe(1)
    const carol = program(['listen', '--since', '0', ...home('carol')])
    await carol.line('under the mat')
    await carol.kill('SIGINT')
    expect((await as('carol', 'group', 'leave', 'Reading')).code).toBe(0)
    await bob.line('carol has left')
    expect((await as('carol', 'send', '+Reading', 'x')).stderr).toContain('you are not in Reading [not-allowed]')
    expect((await as('carol', 'group', 'list')).stdout).toMatch(
      /^\+Reading {2}[0-9a-f]{8} {2}2 people {2}you are not in it any more\n$/,
    )
  })
})
