import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Finished, doormat, objects, relayForCli } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'

/*
 * Authority and operator as people run them, in the modes in which the operator has a part: three people around one relay
 * that keeps an archive. The tests go on from each other's state.
 */

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]
const run = (...args: string[]) => doormat(args, { cwd: relay.path('') })
const operate = (...args: string[]) =>
  run(
    'access',
    ...args,
    '--relay',
    relay.url,
    ...(args.includes('--token-file') ? [] : ['--token-file', relay.tokenFile]),
  )
const instrument = (mode: string, key: string, out: string, ...people: string[]) =>
  run('authority', 'instrument', '--mode', mode, '--key', key, '--out', out, '--person', ...people)
const say = async (from: string, to: string, text: string) => (await run('send', to, text, ...home(from))).code

/** How a command was refused: its exit code, and the line that it said. */
const refused = ({ code, stderr }: Finished) => [code, stderr.split('\n')[0]]

async function opened(key: string): Promise<string[]> {
  const printed = await run('authority', 'open', '--json', '--key', key, '--archive', 'passed.archive')
  return objects(printed).map(({ from, to, text }) => `${String(from)} to ${String(to)}: ${String(text)}`)
}

beforeAll(async () => {
  relay = await relayForCli()
  const made = await Promise.all([
    ...['alice', 'bob', 'carol'].map((name) =>
      run('register', name, '--no-passphrase', '--relay', relay.url, ...home(name)),
    ),
    run('authority', 'init', '--mode', 'ghost-device', '--out', 'ghost.key'),
    run('authority', 'init', '--mode', 'key-substitution', '--out', 'impostor.key'),
  ])
  const instruments = await Promise.all([
    instrument('ghost-device', 'ghost.key', 'alice.ghost', 'alice', 'alice'),
    instrument('ghost-device', 'ghost.key', 'zed.ghost', 'bob', 'zed'),
    instrument('key-substitution', 'impostor.key', 'alice.impostor', 'alice'),
  ])
  const failed = [...made, ...instruments].find(({ code }) => code !== 0)
  if (failed) throw new Error(failed.stderr)
})
afterAll(() => relay.stop())

describe('an instrument', () => {
  it('is for its owner alone, and names the next command', async () => {
    expect(statSync(relay.path('alice.impostor')).mode & 0o777).toBe(0o600)
    const made = await instrument('ghost-device', 'ghost.key', 'two.ghost', 'alice', 'bob')
    expect(made.stdout).toBe(
      'two.ghost: an instrument of ghost-device, for alice and bob\nfor the operator: doormat access tap ghost-device two.ghost\n',
    )
  })

  it('is not made of another key, for nobody, for too many, or over a file', async () => {
    const many = Array.from({ length: 12 }, (_, i) => `target${i}`)
    const said = await Promise.all([
      instrument('message-key-escrow', 'ghost.key', 'out', 'alice'),
      instrument('ghost-device', 'impostor.key', 'out', 'alice'),
      instrument('ghost-device', 'ghost.key', 'out', 'Alice B'),
      instrument('ghost-device', 'ghost.key', 'out', ...many),
      instrument('ghost-device', 'ghost.key', 'alice.ghost', 'alice'),
    ])
    expect(said.map(refused)).toEqual([
      [
        1,
        'doormat: message-key-escrow takes no tap: its operator only switches it on; there is ghost-device, key-substitution',
      ],
      [1, 'doormat: impostor.key is a key of key-substitution, not of ghost-device [bad-key-file]'],
      [1, 'doormat: "Alice B" is not the name of one person'],
      [1, expect.stringMatching(/^doormat: an instrument for 12 people has \d+ bytes, and a relay takes 786432/)],
      [1, 'doormat: alice.ghost is there already, and is not written over [bad-key-file]'],
    ])
  })
})

describe('a tap', () => {
  it('needs the mode in force, an instrument of it, people who are registered, and the operator', async () => {
    expect(refused(await operate('tap', 'ghost-device', 'alice.ghost'))).toEqual([
      1,
      'doormat: ghost-device is not in force at this relay; what is, is none',
    ])
    await operate('on', 'ghost-device', '--authority-key', 'ghost.key.pub')
    const impostor = readFileSync(relay.path('alice.impostor'), 'utf8')
    writeFileSync(relay.path('renamed'), impostor.replace('key-substitution', 'ghost-device'))
    const tap = (...args: string[]) => operate('tap', ...args)
    const said = await Promise.all([
      tap('message-key-escrow', 'alice.ghost'),
      tap('ghost-device', 'alice.impostor'),
      tap('ghost-device', 'renamed'),
      tap('ghost-device', 'ghost.key'),
      tap('ghost-device', 'zed.ghost'),
      tap('ghost-device', 'alice.ghost', '--token-file', 'ghost.key'),
    ])
    expect(said.map(refused)).toEqual([
      [
        1,
        'doormat: message-key-escrow takes no tap: its operator only switches it on; there is ghost-device, key-substitution',
      ],
      [1, 'doormat: alice.impostor is an instrument of key-substitution, not of ghost-device'],
      [1, 'doormat: renamed: not the instrument of a ghost [bad-key-file]'],
      [1, 'doormat: ghost.key is not an instrument of doormat [bad-key-file]'],
      [1, 'doormat: nobody has registered the name zed here [unknown-user]'],
      [1, "doormat: that is not the operator's token [not-the-operator]"],
    ])
    await say('alice', 'bob', 'no tap yet')
    expect(await opened('ghost.key')).toEqual([])
  })

  it('of a ghost lets the authority read what its target sends and gets, and nobody else, until the mode is off', async () => {
    const tapped = await operate('tap', 'ghost-device', 'alice.ghost', '--json')
    expect(objects(tapped)).toEqual([{ mode: 'ghost-device', people: ['alice'] }])
    expect(differences(objects(tapped)[0] ?? {}, 'tap')).toEqual([])
    await say('alice', 'bob', 'from her')
    await say('bob', 'alice', 'to her')
    await say('bob', 'carol', 'about neither')
    const caught = ['alice to bob: from her', 'bob to alice: to her']
    expect(await opened('ghost.key')).toEqual(caught)
    await operate('off')
    await say('bob', 'alice', 'after it')
    await operate('on', 'ghost-device', '--authority-key', 'ghost.key.pub')
    await say('alice', 'bob', 'on again, and no tap')
    expect(await opened('ghost.key')).toEqual(caught)
  })

  it('of impostors stands between people who have not met, and their safety numbers differ', async () => {
    await operate('on', 'key-substitution', '--authority-key', 'impostor.key.pub')
    const tapped = await operate('tap', 'key-substitution', 'alice.impostor')
    expect(tapped.stdout).toMatch(/^tap: key-substitution, for alice, .*\nit is in the memory of the relay alone: /)
    expect([await say('carol', 'alice', 'we have not met'), await say('alice', 'carol', 'indeed')]).toEqual([0, 0])
    expect(await say('carol', 'bob', 'we have')).toBe(0)
    expect(await say('alice', 'bob', 'is it you?')).toBe(4)
    expect(await opened('impostor.key')).toEqual(['carol to alice: we have not met', 'alice to carol: indeed'])
    const numbers = await Promise.all(
      [
        ['alice', 'carol'],
        ['carol', 'alice'],
        ['bob', 'carol'],
        ['carol', 'bob'],
      ].map(
        async ([one = '', other = '']) => objects(await run('verify', other, '--json', ...home(one)))[0]?.['digits'],
      ),
    )
    expect(numbers.every((digits) => /^\d{60}$/.test(String(digits)))).toBe(true)
    expect(numbers[0]).not.toBe(numbers[1])
    expect(numbers[2]).toBe(numbers[3])
  })
})
