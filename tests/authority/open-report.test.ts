import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { createWorld } from '../support/world.ts'
import { archiveOf } from '../support/recorded.ts'
import { here } from '../support/here.ts'
import { scratch } from '../support/program.ts'
import { objects } from '../support/world-cli.ts'

/* What `doormat authority` says of what it has read: three people, receipts, and a key that comes and goes. The first test makes the archive. */

const { path, remove } = scratch()
afterAll(remove)

const [minute, day] = [60_000, 86_400_000]

it('needs an archive to read', async () => {
  const recording: RecordedEnvelope[] = []
  const world = await createWorld('what was read', { recording })
  const alice = await world.join('alice', { receipts: true })
  const bob = await world.join('bob', { receipts: true })
  const carol = await world.join('carol', { receipts: true })
  const all = [alice, bob, carol]
  for (const person of all) await person.goOnline()
  await alice.tell(bob, 'before the key')
  await bob.tell(alice, 'before the key, too')
  await bob.untilLast('alice', 'delivered')
  await alice.untilLast('bob', 'delivered')
  const before = recording.length
  await world.switchOn()
  await Promise.all(all.map((person) => person.untilNoticed('access', 2)))
  await alice.tell(bob, 'Café at nine')
  await alice.untilLast('bob', 'delivered')
  bob.look('alice')
  await alice.untilLast('bob', 'read')
  await bob.tell(carol, 'she says nine')
  const during = recording.length
  await world.switchOff()
  await Promise.all(all.map((person) => person.untilNoticed('access', 3)))
  await alice.tell(bob, 'after the key')
  for (const person of all) await person.goOffline()
  // times that a person can name: a minute from each to the next, and what came under the key a day later
  const start = Date.UTC(2026, 2, 1)
  const timed = recording.map((one, i) => ({ ...one, time: start + i * minute + (i >= before ? day : 0) }))
  writeFileSync(path('passed.archive'), archiveOf(timed))
  writeFileSync(path('silent.archive'), archiveOf([...timed.slice(0, before), ...timed.slice(during)]))
  writeFileSync(path('empty.archive'), archiveOf([]))
  const key = { doormat: 'escrow key', mode: messageKeyEscrow.id, secret: base64url(world.escrow.secret) }
  writeFileSync(path('escrow.key'), JSON.stringify(key))
  expect(recording.slice(before, during)).toHaveLength(4)
})

const authority = (verb: string, archive: string, ...more: string[]) =>
  here(['authority', ...verb.split(' '), '--archive', archive, ...more], { cwd: path('') })
const flat = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
const texts = (printed: Awaited<ReturnType<typeof here>>) => objects(printed).map(({ text }) => text)

describe('doormat authority open', () => {
  it('counts messages and receipts, says why the rest stayed closed, and lists conversations', async () => {
    const { code, stdout, stderr } = await authority('open', 'passed.archive')
    expect([code, stdout.split('\n').length - 1]).toEqual([0, 2])
    expect(flat(stderr)).toMatch(
      /^Read 2 messages and 2 delivery receipts\. \d+ envelopes were sent while no key was under the mat\./,
    )
    expect(stderr).toMatch(/^ {2}alice and bob: 1 message and 2 delivery receipts$/m)
    expect(stderr).toMatch(/^ {2}bob and carol: 1 message$/m)
  })

  it('explains a zero, and ends with 0', async () => {
    const [silent, empty] = await Promise.all([authority('open', 'silent.archive'), authority('open', 'empty.archive')])
    expect([silent.code, silent.stdout, empty.code, empty.stdout]).toEqual([0, '', 0, ''])
    expect(flat(silent.stderr)).toMatch(
      /^Read nothing: nobody wrote while the key was under the mat\. \d+ envelopes were sent while no key was under the mat\.$/,
    )
    expect(empty.stderr).toBe('Read nothing: no envelope has passed yet.\n')
  })

  it('gives only what was asked for: a person, a conversation, a time', async () => {
    const open = (...more: string[]) => authority('open', 'passed.archive', '--json', ...more)
    expect(texts(await open('--person', 'carol'))).toEqual(['she says nine'])
    expect(texts(await open('--conversation', 'bob', 'alice'))).toEqual(['Café at nine'])
    expect(texts(await open('--from', '2026-03-02'))).toEqual(['Café at nine', 'she says nine'])
    expect(texts(await open('--to', '2026-03-02'))).toEqual([])
    const none = await open('--conversation', 'alice', 'carol')
    expect([none.code, none.stdout]).toEqual([0, ''])
    expect(flat(none.stderr)).toMatch(
      /^Read nothing of what you asked for\. The key opens 4 more envelopes that you did not ask for\./,
    )
  })

  it('refuses a filter that is none', async () => {
    const wrong = await Promise.all([
      authority('open', 'passed.archive', '--conversation', 'alice'),
      authority('open', 'passed.archive', '--conversation', 'alice', 'bob', 'carol'),
      authority('open', 'passed.archive', '--from', 'yesterday'),
      authority('open', 'passed.archive', '--from', '2026-03-02', '--to', '2026-03-02'),
    ])
    expect(wrong.map(({ code, stdout }) => [code, stdout])).toEqual(wrong.map(() => [1, '']))
    expect(wrong[0]?.stderr).toBe('doormat: --conversation takes the names of two people\n')
  })
})

describe('doormat authority search', () => {
  it('passes over case and accents, unless it is told to be exact', async () => {
    const search = (words: string, ...more: string[]) =>
      authority(`search ${words}`, 'passed.archive', '--json', ...more)
    expect(texts(await search('CAFE'))).toEqual(['Café at nine'])
    expect(texts(await search('CAFE', '--exact'))).toEqual([])
    expect(texts(await search('Café', '--exact'))).toEqual(['Café at nine'])
    expect((await search('CAFE')).stderr).toMatch(/^1 of 2 messages contains "CAFE"\.\n/)
  })
})

describe('doormat authority export', () => {
  it('says what it was limited to', async () => {
    mkdirSync(path('out'))
    const { code, stdout } = await authority('export', 'passed.archive', '--person', 'carol', '--out', 'out/carol')
    expect([code, stdout]).toEqual([0, 'Wrote 1 message in 1 conversation to out/carol.\n'])
    expect(existsSync(path('out/carol/transcript.json'))).toBe(true)
    expect(readFileSync(path('out/carol/transcript.html'), 'utf8')).toContain('what carol sent or received')
  })
})
