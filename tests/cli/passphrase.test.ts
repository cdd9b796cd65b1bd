import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { doormat, objects, relayForCli } from '../support/world-cli.ts'
import { isLong } from '../support/long.ts'

/* Passphrases as people use them without a terminal. The tests go on from each other's state. */

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]
const file = (name: string, content: string) => {
  writeFileSync(relay.path(name), content, { mode: 0o600 })
  return relay.path(name)
}
const register = (name: string, folder: string, ...flags: string[]) =>
  doormat(['register', name, '--relay', relay.url, ...home(folder), ...flags])
const withFile = (path: string) => ({ env: { DOORMAT_PASSPHRASE_FILE: path } })
const history = (folder: string, options = {}) => doormat(['history', '--json', ...home(folder)], options)
const rawOf = (folder: string) =>
  Buffer.concat(readdirSync(relay.path(folder)).map((name) => readFileSync(join(relay.path(folder), name))))

let first: string
let second: string

beforeAll(async () => {
  relay = await relayForCli()
  first = file('first', 'the first passphrase\r\nand a second line\n')
  second = file('second', 'the second passphrase')
})
afterAll(() => relay.stop())

describe('doormat register', () => {
  it('is refused where nobody can be asked and nothing was said, and leaves no device', async () => {
    const refused = await register('alice', 'unasked')
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^doormat: .*\ntry: doormat register alice --passphrase-file FILE\n$/),
    })
    expect(existsSync(relay.path('unasked/device.db'))).toBe(false)
  })

  it('takes a passphrase of 8 characters or more, from the first line of a file that is there', async () => {
    const short = await register('alice', 'short', '--passphrase-file', file('7', 'ärgerli\n'))
    const missing = await register('alice', 'missing', '--passphrase-file', relay.path('nothing'))
    expect([short.code, missing.code]).toEqual([1, 3])
    expect(short.stderr).toMatch(/^doormat: a passphrase needs at least 8 characters\n/)
    expect(existsSync(relay.path('short/device.db'))).toBe(false)
    const made = await register('alice', 'alice', '--passphrase-file', first)
    expect(made).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/keys in .*, encrypted\n$/) })
    const plain = await register('bob', 'bob', '--no-passphrase')
    expect(plain).toMatchObject({ code: 0, stdout: expect.stringContaining('NOT encrypted') })
  })

  it.skipIf(!isLong)(
    '(in test:long) encrypts a device whose owner asks for it, though a try before in this folder did not',
    async () => {
      expect((await register('alice', 'again', '--no-passphrase')).stderr).toMatch(/\[name-taken\]/)
      const made = await register('carol', 'again', '--passphrase-file', first)
      expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/, encrypted\n$/) })
      expect((await history('again')).code).toBe(1)
      expect((await history('again', withFile(first))).code).toBe(0)
      expect(rawOf('again').includes(relay.url)).toBe(false)
    },
  )

  it.skipIf(!isLong)('(in test:long) leaves a device that is there as it is', async () => {
    const again = await register('dave', 'bob', '--passphrase-file', first)
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[device-exists\]/) })
    expect((await history('bob')).code).toBe(0)
    expect((await register('dave', 'alice', '--no-passphrase')).stderr).toMatch(/\[locked\]|\[device-exists\]/)
    expect((await history('alice')).stderr).toMatch(/\[locked\]/)
  })
})

describe('a device with a passphrase', () => {
  it('works with the file that the environment names, and keeps what is said from whoever reads its files', async () => {
    const sent = await doormat(['send', 'bob', 'a-text-under-lock', ...home('alice')], withFile(first))
    expect(sent.code).toBe(0)
    const told = await history('alice', withFile(first))
    expect(objects(told)).toMatchObject([{ kind: 'access' }, { text: 'a-text-under-lock' }])
    for (const secret of ['a-text-under-lock', relay.url, 'the first passphrase'])
      expect(rawOf('alice').includes(secret)).toBe(false)
  })

  it.skipIf(!isLong)(
    '(in test:long) ends with 5 for a wrong one, and with 1 where there is none and nobody to ask',
    async () => {
      const commands = [
        ['history'],
        ['contacts'],
        ['send', 'bob', 'hello'],
        ['listen'],
        ['passphrase', '--no-passphrase'],
      ]
      for (const command of commands) {
        const [wrong, none] = await Promise.all([
          doormat([...command, ...home('alice')], withFile(second)),
          doormat([...command, ...home('alice')]),
        ])
        expect([command, wrong.code, none.code, wrong.stdout + none.stdout]).toEqual([command, 5, 1, ''])
        expect(wrong.stderr).toMatch(/^doormat: .*\[wrong-passphrase\]\n$/)
        expect(none.stderr).toMatch(/^doormat: .*\[locked\]\n/)
      }
    },
  )
})

describe('doormat passphrase', () => {
  const set = (folder: string, flags: readonly string[], options = {}) =>
    doormat(['passphrase', ...home(folder), ...flags], options)

  it.skipIf(!isLong)('(in test:long) changes it: the one before opens nothing any more', async () => {
    expect((await set('alice', ['--passphrase-file', second], withFile(second))).code).toBe(5)
    expect((await set('alice', ['--passphrase-file', second], withFile(first))).code).toBe(0)
    const ends = await Promise.all([history('alice', withFile(first)), history('alice', withFile(second))])
    expect(ends.map(({ code }) => code)).toEqual([5, 0])
    expect(objects(ends[1]).at(-1)).toMatchObject({ text: 'a-text-under-lock' })
  })

  it.skipIf(!isLong)('(in test:long) takes it away, aloud', async () => {
    expect((await set('alice', [], withFile(second))).code).toBe(1)
    expect((await history('alice')).code).toBe(1)
    expect((await set('alice', ['--no-passphrase'], withFile(second))).code).toBe(0)
    expect(objects(await history('alice')).at(-1)).toMatchObject({ text: 'a-text-under-lock' })
  })

  it.skipIf(!isLong)('(in test:long) sets one where there was none', async () => {
    expect((await set('alice', ['--passphrase-file', first])).code).toBe(0)
    expect((await history('alice')).code).toBe(1)
    expect((await history('alice', withFile(first))).code).toBe(0)
    expect(rawOf('alice').includes('a-text-under-lock')).toBe(false)
  })

  it('needs a device', async () => {
    const none = await set('nowhere', ['--no-passphrase'])
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[no-device\]/) })
    expect(existsSync(relay.path('nowhere'))).toBe(false)
  })
})
