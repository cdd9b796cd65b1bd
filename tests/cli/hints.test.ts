import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explain } from '../../client/cli/exit.ts'
import { buildProgram } from '../../client/cli/program.ts'
import { listening } from '../support/listening.ts'
import { program } from '../support/program.ts'
import { doormat, relayForCli } from '../support/world-cli.ts'

/*
 * What stands behind `try:` helps: typed in the state that printed it, with what it leaves open filled in, it ends with 0 or
 * with another error than before.
 */

let relay: Awaited<ReturnType<typeof relayForCli>>
const path = (name: string) => relay.path(name)
const before = { ...process.env }

/** What comes before, and has to be done. */
async function done(args: readonly string[]): Promise<void> {
  const { code, stderr } = await doormat(args)
  if (code !== 0) throw new Error(`doormat ${args.join(' ')} ended with ${code}: ${stderr}`)
}

beforeAll(async () => {
  relay = await relayForCli()
  for (const name of ['alice', 'bob'])
    await done(['register', name, '--no-passphrase', '--relay', relay.url, '--home', path(name)])
  await done(['send', 'bob', 'hello', '--home', path('alice')])
  for (const [mode, key] of [
    ['message-key-escrow', 'escrow.key'],
    ['message-key-escrow', 'other.key'],
    ['ghost-device', 'ghost.key'],
  ])
    await done(['authority', 'init', '--mode', String(mode), '--out', path(String(key))])
  const instrument = ['--mode', 'ghost-device', '--key', path('ghost.key'), '--person', 'alice']
  await done(['authority', 'instrument', ...instrument, '--out', path('ghost.instrument')])
  const operator = ['--relay', relay.url, '--token-file', relay.tokenFile]
  const on = ['access', 'on', 'message-key-escrow', '--authority-key', path('escrow.key.pub')]
  await done([...on, ...operator])
  await done(['send', 'bob', 'under the key', '--home', path('alice')])
  await done(['access', 'off', ...operator])
  mkdirSync(path('full'))
  writeFileSync(path('full/something'), '')
  writeFileSync(path('passphrase'), 'correct horse battery\n')
  Object.assign(process.env, { DOORMAT_HOME: path('alice'), XDG_DATA_HOME: path('data') })
})
afterAll(async () => {
  process.env = before
  await relay.stop()
})

/** Runs a command in this process. @returns its exit code, and each line that it said on standard error */
async function ended(args: readonly string[]): Promise<{ readonly code: number; readonly said: readonly string[] }> {
  const heard = listening()
  let code = 0
  try {
    await buildProgram().parseAsync([...args], { from: 'user' })
  } catch (error) {
    code = explain(error)
  } finally {
    heard.stop()
  }
  return { code, said: heard.stderr.trimEnd().split('\n') }
}

/** One that stays has helped once it says something. */
async function stays(args: readonly string[]): Promise<{ readonly code: number; readonly said: readonly string[] }> {
  const running = program(args, { input: '' })
  await Promise.race([running.line(''), running.ended])
  const isOver = running.child.exitCode
  await running.kill()
  return { code: isOver ?? 0, said: running.errors }
}

const wordsOf = (line: string) => (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''))

type Filled = Readonly<Record<string, () => string>>
interface Row {
  readonly what: string
  readonly args: () => readonly string[]
  readonly filled: Filled
  readonly more: () => readonly string[]
}

const row = (
  what: string,
  args: () => readonly string[],
  filled: Filled = {},
  more: () => readonly string[] = () => [],
): Row => ({ what, args, filled, more })

const atRelay = () => ['--relay', relay.url]
const evidence = (key: string) => ['--archive', path('passed.archive'), '--key', path(key)]
const rows: readonly Row[] = [
  row('a message without a text', () => ['send', 'bob']),
  row('a folder without a device', () => ['contacts', '--home', path('nobody')], { NAME: () => 'zoe' }),
  row('a second device in a folder', () => ['register', 'carol', '--no-passphrase', ...atRelay()]),
  row(
    'a name that is taken',
    () => ['register', 'bob', '--no-passphrase', ...atRelay(), '--home', path('new')],
    { 'OTHER-NAME': () => 'zoe' },
    () => ['--no-passphrase', ...atRelay(), '--home', path('zoe')],
  ),
  row(
    'no passphrase and nobody to ask',
    () => ['register', 'dora', ...atRelay(), '--home', path('dora')],
    { FILE: () => path('passphrase') },
    () => [...atRelay(), '--home', path('dora')],
  ),
  row('a number that was not shown', () => ['verify', 'bob', '--confirm']),
  row('a contact who is none', () => ['verify', 'mallory']),
  row('a lifetime that is none', () => ['contacts', 'lifetime', 'bob', 'soon']),
  row('nothing to delete', () => ['forget', 'mallory']),
  row('a device that there is not', () => ['devices', 'remove', 'zz']),
  row('a code as an argument', () => ['link', 'approve', 'ABCD']),
  row('a chat in a pipe without a name', () => ['chat'], { NAME: () => 'bob' }),
  row('an address with a path', () => ['access', 'status', '--relay', `${relay.url}/v1`]),
  row('a mode that there is not', () => ['access', 'on', 'nothing', ...atRelay()]),
  row(
    'a mode without a key',
    () => ['access', 'on', 'message-key-escrow'],
    {},
    () => ['--out', path('made.key')],
  ),
  row(
    'a key of another mode',
    () => ['access', 'on', 'session-key-escrow', '--authority-key', path('escrow.key.pub'), ...atRelay()],
    { ANOTHER: () => path('session.key') },
  ),
  row(
    'a token that is not there',
    () => ['access', 'off', '--token-file', path('nowhere'), ...atRelay()],
    { FILE: () => relay.tokenFile },
    atRelay,
  ),
  row(
    'a tap of a mode that is not in force',
    () => ['access', 'tap', 'ghost-device', path('ghost.instrument'), '--token-file', relay.tokenFile, ...atRelay()],
    { FILE: () => path('ghost.key.pub') },
    () => ['--token-file', relay.tokenFile, ...atRelay()],
  ),
  row(
    'an instrument with the key of another mode',
    () => ['authority', 'instrument', '--mode', 'ghost-device', '--key', path('escrow.key'), '--person', 'alice'],
    { FILE: () => path('ghost2.key') },
  ),
  row('nothing to read', () => ['authority', 'open', '--key', path('escrow.key')]),
  row('the wrong key', () => ['authority', 'open', ...evidence('other.key')], { ANOTHER: () => path('escrow.key') }),
  row('a key that is not there', () => ['authority', 'open', ...evidence('no.key')], {
    ANOTHER: () => path('escrow.key'),
  }),
  row(
    'an archive that is none',
    () => ['authority', 'open', '--archive', path('escrow.key'), '--key', path('escrow.key')],
    { ANOTHER: () => path('passed.archive') },
  ),
  row('a search for nothing', () => ['authority', 'search', ' ', ...evidence('escrow.key')]),
  row(
    'a transcript where something is',
    () => ['authority', 'export', ...evidence('escrow.key'), '--out', path('full')],
    { ANOTHER: () => path('transcript') },
  ),
  row('a desk that there is not', () => ['authority', 'order', 'desk', '--desk', path('desk')]),
  row('an order that there is not', () => ['authority', 'order', 'review', '1', '--desk', path('desk')]),
  row('a shell that is not known', () => ['completion', 'csh']),
  row('a port that is none', () => ['relay', '--port', '99999']),
  row('a relay that does not answer', () => ['access', 'status', '--relay', 'http://127.0.0.1:4']),
]

const staying = new Set(['relay', 'chat', 'listen', 'link'])

describe('what stands behind "try:"', () => {
  it.each(rows)('helps after $what', async ({ args, filled, more }) => {
    const failed = await ended(args())
    const [line = '', hint = ''] = failed.said.slice(-2)
    expect([failed.code > 0, failed.said]).toEqual([true, expect.arrayContaining([expect.stringMatching(/^try: /)])])
    expect(hint).toMatch(/^try: doormat /)
    const words = wordsOf(hint.slice('try: doormat '.length)).map((word) => filled[word]?.() ?? word)
    const typed = [...words, ...more()]
    expect(typed.filter((word) => /^[A-Z][A-Z-]+$/.test(word))).toEqual([])
    const tried = staying.has(words[0] ?? '') ? await stays(typed) : await ended(typed)
    if (tried.code !== 0) expect([typed, tried.said]).not.toEqual([typed, expect.arrayContaining([line])])
  })
})
