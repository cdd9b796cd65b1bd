import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { program } from '../support/program.ts'
import { doormat, objects, relayForCli } from '../support/world-cli.ts'

let relay: Awaited<ReturnType<typeof relayForCli>>
const path = (name: string) => relay.path(name)
const home = (name: string) => ['--home', path(name)]
const key = () => ['--passphrase-file', path('passphrase')]
const backup = (file: string, ...more: readonly string[]) =>
  doormat(['backup', path(file), ...key(), ...home('bob'), ...more])
const restore = (file: string, ...more: readonly string[]) =>
  doormat(['restore', path(file), ...key(), ...home('bob'), ...more])

beforeAll(async () => {
  relay = await relayForCli()
  writeFileSync(path('passphrase'), 'correct horse battery staple\n')
  writeFileSync(path('other'), 'another passphrase\n')
  for (const name of ['alice', 'bob'])
    await doormat(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])
  await doormat(['send', 'bob', 'is the door locked?', ...home('alice')])
  await doormat(['send', 'alice', 'it is', ...home('bob')])
})
afterAll(() => relay.stop())

it('a backup is one file for its owner alone, is never written over another, and adds nothing where nothing is missing', async () => {
  expect(objects(await backup('bob.backup', '--json'))).toMatchObject([
    { contacts: 1, groups: 0, messages: 2, unsent: 0 },
  ])
  expect(statSync(path('bob.backup')).mode & 0o777).toBe(0o600)
  const bytes = readFileSync(path('bob.backup'))
  expect(bytes.includes('door locked')).toBe(false)
  const again = await backup('bob.backup')
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('already') })
  expect(readFileSync(path('bob.backup')).equals(bytes)).toBe(true)
  symlinkSync(path('nowhere'), path('a link'))
  expect(await backup('a link')).toMatchObject({ code: 1, stderr: expect.stringContaining('already') })
  expect(objects(await restore('bob.backup', '--json'))).toMatchObject([{ contacts: 0, groups: 0, messages: 0 }])
  const left = readdirSync(dirname(path('bob.backup'))).filter((name) => name.includes('unfinished'))
  expect(left).toEqual([])
})

it('what is no backup, no whole one or none of this account is refused in words, and not waited for', async () => {
  await backup('whole')
  expect(await doormat(['restore', path('whole'), '--passphrase-file', path('other'), ...home('bob')])).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('not the passphrase of this backup'),
  })
  expect(await doormat(['restore', path('whole'), ...key(), ...home('alice')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("this is a backup of bob, and this device is alice's"),
  })
  execFileSync('mkfifo', [path('pipe')])
  mkdirSync(path('folder'))
  for (const file of ['pipe', 'folder'])
    expect(await restore(file)).toMatchObject({ code: 1, stderr: expect.stringContaining('is no file') })
  expect(await doormat(['restore', '/dev/zero', ...key(), ...home('bob')])).toMatchObject({ code: 1 })
  writeFileSync(path('empty'), '')
  for (const file of ['empty', 'passphrase'])
    expect(await restore(file)).toMatchObject({ code: 1, stderr: expect.stringContaining('no backup') })
  writeFileSync(path('turned'), readFileSync(path('whole')).with(5000, 7))
  expect(await restore('turned')).toMatchObject({ code: 4, stderr: expect.stringContaining('[not-authentic]') })
  truncateSync(path('whole'), statSync(path('whole')).size - 1)
  expect(await restore('whole')).toMatchObject({ code: 1, stderr: expect.stringContaining('no whole backup') })
  expect((await restore('not there')).code).not.toBe(0)
})

it('what a killed run has left of a file goes with the next one, and what a living one has stays', async () => {
  const { pid } = process
  const left = `${path('kept')}.unfinished-`
  // no process has such a number
  writeFileSync(`${left}99999999`, 'left behind')
  writeFileSync(`${left}${pid}`, 'being written')
  expect(await backup('kept')).toMatchObject({ code: 0 })
  const names = readdirSync(dirname(path('kept'))).filter((name) => name.startsWith(basename(path('kept'))))
  expect(names.toSorted()).toEqual([basename(path('kept')), basename(`${left}${pid}`)].toSorted())
})

it('listen leaves out what comes in a muted conversation, says so, and leaves it unread', async () => {
  await doormat(['register', 'carol', '--no-passphrase', '--relay', relay.url, ...home('carol')])
  expect(await doormat(['mute', 'alice', '--for', '8h', ...home('bob')])).toMatchObject({
    code: 0,
    stdout: 'alice is muted for 8 h: what comes is kept, and is not announced\n',
  })
  expect(await doormat(['mute', 'alice', '--for', 'ever', ...home('bob')])).toMatchObject({ code: 1 })
  expect(await doormat(['mute', 'nobody', ...home('bob')])).toMatchObject({ code: 1 })
  const listener = program(['listen', '--json', '--since', '0', ...home('bob')])
  await listener.line('muted, so what comes there is left out: alice')
  expect(await doormat(['send', 'bob', 'left out', ...home('alice')])).toMatchObject({ code: 0 })
  expect(await doormat(['send', 'bob', 'shown', ...home('carol')])).toMatchObject({ code: 0 })
  await listener.line('"text":"shown"')
  expect(await listener.kill('SIGINT')).toBe(0)
  expect(listener.lines.join()).not.toContain('"text":"left out"')
  expect(listener.errors.join()).toContain('left out 2 messages of alice, which stay unread')
  const toRead = async () => objects(await doormat(['status', '--json', ...home('bob')]))[0]?.['toRead']
  expect(await toRead()).toEqual({ alice: 2 })
  expect(await doormat(['unmute', 'alice', ...home('bob')])).toMatchObject({ code: 0, stdout: 'alice is not muted\n' })
  expect(await doormat(['history', 'alice', ...home('bob')])).toMatchObject({ code: 0 })
  expect(await toRead()).toEqual({})
})

it('search prints what has the words, and says how to go on where there is more', async () => {
  const found = await doormat(['search', 'DOOR', '--with', 'alice', '--json', ...home('bob')])
  expect(objects(found)).toMatchObject([{ peer: 'alice', direction: 'in', text: 'is the door locked?' }])
  expect((await doormat(['search', 'it is', ...home('bob')])).stdout).toMatch(
    /^\d+ {2}\d\d:\d\d bob to alice: it is\n$/,
  )
  expect(await doormat(['search', 'no such words', ...home('bob')])).toMatchObject({ code: 0, stdout: '' })
  expect(await doormat(['search', ' ', ...home('bob')])).toMatchObject({ code: 1 })
  const lines = Array.from({ length: 101 }, (_, i) => `line ${i}`).join('\n')
  const sent = await doormat(['send', 'alice', '--stdin', ...home('bob')], { input: lines })
  expect(sent).toMatchObject({ code: 0 })
  const many = await doormat(['search', 'line', '--json', ...home('bob')])
  expect(objects(many)).toHaveLength(100)
  const [, before = ''] = /--before (\d+)/.exec(many.stderr) ?? []
  expect(objects(await doormat(['search', 'line', '--json', '--before', before, ...home('bob')]))).toMatchObject([
    { text: 'line 0' },
  ])
})

it('an export is readable: lines, a page in which nothing runs, and the files of messages under safe names', async () => {
  writeFileSync(path('map.txt'), 'the third door on the left')
  const hostile = '<script>alert(1)</script> \u001b[31m'
  expect(await doormat(['send', 'bob', hostile, '--file', path('map.txt'), ...home('alice')])).toMatchObject({
    code: 0,
  })
  const listener = program(['listen', '--since', '0', ...home('bob')])
  await listener.line('map.txt')
  await listener.kill('SIGINT')
  const done = await doormat(['export', path('mine'), ...home('bob')])
  expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/ messages and 1 file, NOT encrypted\n$/) })
  expect(readFileSync(path('mine/files/map.txt'), 'utf8')).toBe('the third door on the left')
  const lines = readFileSync(path('mine/messages.jsonl'), 'utf8').trimEnd().split('\n')
  const objectsIn = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(objectsIn).toContainEqual(expect.objectContaining({ text: 'is the door locked?', peer: 'alice' }))
  expect(objectsIn).toContainEqual(expect.objectContaining({ text: hostile, file: { path: 'files/map.txt' } }))
  const page = readFileSync(path('mine/messages.html'), 'utf8')
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; ␛[31m')
  expect(page).toContain('<a href="files/map.txt">map.txt</a>')
  expect([page.includes('<script'), page.includes('\u001b')]).toEqual([false, false])
  for (const name of ['mine', 'mine/files']) expect(statSync(path(name)).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(path('mine')).filter((one) => one.startsWith('messages')))
    expect(statSync(path(`mine/${name}`)).mode & 0o777).toBe(0o600)
  expect(await doormat(['export', path('mine'), ...home('bob')])).toMatchObject({ code: 1 })
  // the relay is gone: what there is is written, and what is missing is said
  await relay.end()
  const alone = await doormat(['export', path('alone'), ...home('bob')])
  expect(alone).toMatchObject({ code: 0, stdout: expect.stringContaining('1 file could not be had') })
  expect(readFileSync(path('alone/messages.html'), 'utf8')).toContain('map.txt (not here: ')
})
