import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { instrument, tap } from '../../client/cli/commands/tap.ts'
import { emptyTally, openEvidence } from '../../client/authority/reading.ts'
import { archiveEvidence } from '../../client/authority/evidence.ts'
import { readPublicKey, readSecretKey, writeKeyFiles } from '../../client/authority/key-file.ts'
import { transcriber } from '../../client/authority/transcript.ts'
import { relayAt } from '../../client/node/relay.ts'
import { here } from '../support/here.ts'
import { seededRandom } from '../support/random.ts'
import { objects, relayForCli } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'

/*
 * Authority and operator in the modes in which the operator has a part: three people around one relay that keeps an
 * archive, all in this process; where only a refusal counts, it is the command's own function. The tests go on from each
 * other's state.
 */

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]
const run = (...args: string[]) => here(args, { cwd: relay.path('') })
const operate = (...args: string[]) => run('access', ...args, '--relay', relay.url, '--token-file', relay.tokenFile)
const say = async (from: string, to: string, text: string) => (await run('send', to, text, ...home(from))).code

const switchTo = (mode: string, key: string | null) =>
  relayAt(relay.url).switchAccess(
    readFileSync(relay.tokenFile, 'utf8').trim(),
    mode,
    key === null ? new Uint8Array() : readPublicKey(relay.path(`${key}.pub`)).parameters,
  )

const makeInstrument = (mode: string, key: string, out: string, ...person: string[]) =>
  run('authority', 'instrument', '--mode', mode, '--key', key, '--out', out, '--person', ...person)

/** What the commands say when they refuse. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    return (error as Error).message
  }
  return 'not refused'
}

const refusedInstrument = (mode: string, key: string, out: string, ...person: string[]) =>
  refusal(() => instrument({ mode, key: [relay.path(key)], out: relay.path(out), person }))
const refusedTap = (mode: string, file: string, tokenFile = relay.tokenFile) =>
  refusal(() => tap(mode, relay.path(file), { relay: relay.url, tokenFile }))
/** in the folder of this run, whose name differs */
const inRun = (text: string) => relay.path(text)

/** What the holder of a key reads of all that has passed. */
function opened(key: string): string[] {
  const lineOf = transcriber()
  const evidence = archiveEvidence(relay.path('passed.archive'))
  return [...openEvidence(evidence, [readSecretKey(relay.path(key))], emptyTally())].flatMap((reading) => {
    const line = lineOf(reading)
    return line
      ? [`${line.from} to ${line.to}${line.saysSentTo ? `, says to ${line.saysSentTo}` : ''}: ${line.text}`]
      : []
  })
}

beforeAll(async () => {
  relay = await relayForCli()
  for (const [mode, file] of [
    ['ghost-device', 'ghost.key'],
    ['key-substitution', 'impostor.key'],
  ] as const) {
    const { parameters, secrets } = modeCalled(mode).setup(seededRandom(file))
    const held = secrets.map(({ bytes }) => bytes)
    writeKeyFiles(relay.path(file), mode, held, parameters)
  }
  const made = await Promise.all([
    ...['alice', 'bob', 'carol'].map((name) =>
      run('register', name, '--no-passphrase', '--relay', relay.url, ...home(name)),
    ),
    makeInstrument('ghost-device', 'ghost.key', 'alice.ghost', 'alice', 'alice'),
    makeInstrument('key-substitution', 'impostor.key', 'alice.impostor', 'alice'),
  ])
  const failed = made.find(({ code }) => code !== 0)
  if (failed) throw new Error(failed.stderr)
})
afterAll(() => relay.stop())

describe('an instrument', () => {
  it('is for its owner alone, and names the next command', async () => {
    expect(statSync(relay.path('alice.impostor')).mode & 0o777).toBe(0o600)
    expect((await makeInstrument('ghost-device', 'ghost.key', 'two.ghost', 'bob', 'zed')).stdout).toBe(
      'two.ghost: an instrument of ghost-device, for bob and zed\nFor the operator: doormat access tap ghost-device two.ghost\n',
    )
  })

  it('is not made of another key, for nobody, for too many, or over a file', async () => {
    const many = Array.from({ length: 12 }, (_, i) => `target${i}`)
    expect(await refusedInstrument('message-key-escrow', 'ghost.key', 'out', 'alice')).toBe(
      'message-key-escrow needs no tap: the operator only switches it on. Those with a tap are ghost-device and key-substitution',
    )
    expect(await refusedInstrument('ghost', 'ghost.key', 'out', 'alice')).toMatch(/^there is no access mode ghost; /)
    expect(await refusedInstrument('ghost-device', 'impostor.key', 'out', 'alice')).toBe(
      `${inRun('impostor.key')} is a key of key-substitution, not of ghost-device`,
    )
    expect(await refusedInstrument('ghost-device', 'ghost.key', 'out', 'Alice B')).toBe(
      '"Alice B" is not a name: a name is a lower-case letter, then up to 31 of a-z 0-9 . _ -',
    )
    expect(await refusedInstrument('ghost-device', 'ghost.key', 'out', ...many)).toMatch(
      /^an instrument for 12 people has \d+ bytes, and a relay takes 786432: name fewer$/,
    )
    expect(await refusedInstrument('ghost-device', 'ghost.key', 'alice.ghost', 'alice')).toBe(
      `${inRun('alice.ghost')} already exists and is not overwritten`,
    )
  })
})

describe('a tap', () => {
  it('needs the mode in force, an instrument of it, people who are registered, and the operator', async () => {
    expect(await refusedTap('ghost-device', 'alice.ghost')).toBe(
      'ghost-device is not in force at this relay: no access mode is',
    )
    await switchTo('ghost-device', 'ghost.key')
    const impostor = readFileSync(relay.path('alice.impostor'), 'utf8')
    writeFileSync(relay.path('renamed'), impostor.replace('key-substitution', 'ghost-device'))
    expect(await refusedTap('message-key-escrow', 'alice.ghost')).toMatch(/^message-key-escrow needs no tap: /)
    expect(await refusedTap('ghost-device', 'alice.impostor')).toBe(
      `${inRun('alice.impostor')} is an instrument of key-substitution, not of ghost-device`,
    )
    expect(await refusedTap('ghost-device', 'renamed')).toBe(`${inRun('renamed')}: not the instrument of a ghost`)
    expect(await refusedTap('ghost-device', 'ghost.key')).toBe(`${inRun('ghost.key')} is not an instrument of doormat`)
    expect(await refusedTap('ghost-device', 'two.ghost')).toBe('nobody has registered the name zed here')
    expect(await refusedTap('ghost-device', 'alice.ghost', relay.path('relay/policy.key'))).toBe(
      "that is not the operator's token",
    )
    await say('alice', 'bob', 'no tap yet')
    expect(opened('ghost.key')).toEqual([])
  })

  it('of a ghost lets the authority read what its target sends and gets, and nobody else, until the mode is off', async () => {
    const tapped = await operate('tap', 'ghost-device', 'alice.ghost', '--json')
    expect(objects(tapped)).toEqual([{ mode: 'ghost-device', people: ['alice'] }])
    expect(differences(objects(tapped)[0] ?? {}, 'tap')).toEqual([])
    await say('alice', 'bob', 'from her')
    await Promise.all([say('bob', 'alice', 'to her'), say('carol', 'bob', 'about neither')])
    await say('bob', 'carol', 'nor this')
    const caught = ['alice to alice, says to bob: from her', 'bob to alice: to her']
    expect(opened('ghost.key')).toEqual(caught)
    await switchTo('none', null)
    await switchTo('ghost-device', 'ghost.key')
    await say('alice', 'bob', 'on again, and no tap')
    expect(opened('ghost.key')).toEqual(caught)
  })

  it('of impostors stands between people who have not met, and their safety numbers differ', async () => {
    await switchTo('key-substitution', 'impostor.key')
    const tapped = await operate('tap', 'key-substitution', 'alice.impostor')
    expect(tapped.stdout).toMatch(/^Tapped under key-substitution: alice\. .*\nIt is only in the relay's memory: /)
    expect([await say('carol', 'alice', 'we have not met'), await say('alice', 'carol', 'indeed')]).toEqual([0, 0])
    expect(await say('alice', 'bob', 'is it you?')).toBe(4)
    expect(opened('impostor.key')).toEqual(['carol to alice: we have not met', 'alice to carol: indeed'])
    const pairs = [
      ['alice', 'carol'],
      ['carol', 'alice'],
      ['bob', 'carol'],
      ['carol', 'bob'],
    ] as const
    const numbers = await Promise.all(
      pairs.map(async ([one, other]) => objects(await run('verify', other, '--json', ...home(one)))[0]?.['digits']),
    )
    for (const digits of numbers) expect(digits).toMatch(/^\d{60}$/)
    expect(numbers[0]).not.toBe(numbers[1])
    expect(numbers[2]).toBe(numbers[3])
  })
})
