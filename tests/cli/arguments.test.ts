import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { here } from '../support/here.ts'
import { command } from '../support/program.ts'
import { doormat, objects, relayForCli } from '../support/world-cli.ts'

/* What a shell hands over as arguments. The tests go on from each other's state. */

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]
const written = async () =>
  objects(await here(['history', '--json', ...home('alice')])).flatMap(({ kind, text }) =>
    kind === 'message' ? [text] : [],
  )

beforeAll(async () => {
  relay = await relayForCli()
  for (const name of ['alice', 'bob'])
    await here(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])
})
afterAll(() => relay.stop())

/** Runs the program with one more argument, of these bytes as `printf` writes them. */
const withBytes = (bytes: string) => ({
  under: ['sh', '-c', `argument=$(printf '${bytes}'); exec "$@" "$argument"`, 'sh'],
})

describe('an argument that is not UTF-8', () => {
  it('is refused, whatever it is for, and nothing is sent', async () => {
    for (const args of [
      ['send', 'bob', ...home('alice'), '--'],
      ['history', '--home'],
      ['authority', 'search', '--key', 'escrow.key', '--archive', 'passed.archive', '--'],
    ]) {
      const { errors } = await command(args, { ...withBytes(String.raw`caf\351`), code: 1 })
      expect(errors).toEqual(['doormat: an argument is not UTF-8: caf\ufffd'])
    }
    expect(await written()).toEqual([])
  })

  it('is not one in which somebody has written the sign for it', async () => {
    const send = ['send', 'bob', '--id', 'the-sign', ...home('alice'), '--']
    await command(send, withBytes(String.raw`caf\357\277\275`))
    expect(await written()).toEqual(['caf\ufffd'])
  })
})

describe('a text that begins with a dash', () => {
  it('goes behind --, which is said where it is taken for an option', async () => {
    const [sent, searched, checked] = await Promise.all([
      doormat(['send', 'bob', "-that's it", ...home('alice')]),
      doormat(['authority', 'search', '-5 degrees', '--key', 'escrow.key', '--archive', 'passed.archive']),
      doormat(['exercise', 'check', 'wire', '--dunno']),
    ])
    expect([sent, searched, checked].map(({ code, stderr }) => [code, stderr.trimEnd().split('\n')])).toEqual([
      [1, ["error: unknown option '-that's it'", String.raw`try: doormat send bob -- '-that'\''s it'`]],
      [1, ["error: unknown option '-5 degrees'", "try: doormat authority search -- '-5 degrees'"]],
      [1, ["error: unknown option '--dunno'", 'try: doormat exercise check wire -- --dunno']],
    ])
    expect((await doormat(['send', 'bob', ...home('alice'), '--', "-that's it"])).code).toBe(0)
    expect((await written()).at(-1)).toBe("-that's it")
  })

  it('may be -h: behind a name that is no quiet success, for nothing was sent', async () => {
    const [meant, asked, askedAtLength] = await Promise.all([
      doormat(['send', 'bob', '-h', ...home('alice')]),
      doormat(['send', '-h']),
      doormat(['send', 'bob', '--help']),
    ])
    expect(meant).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Usage: doormat send'),
      stderr: 'doormat: -h asks for help, and nothing else was done\ntry: doormat send bob -- -h\n',
    })
    for (const help of [asked, askedAtLength])
      expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: doormat send'), stderr: '' })
  })

  it('is not spoken of where no text is expected, or one is there already', async () => {
    const [listened, misspelt] = await Promise.all([
      doormat(['listen', '--jsn']),
      doormat(['send', 'bob', 'x', '--jsn']),
    ])
    expect(listened.stderr).not.toContain(' -- ')
    expect(misspelt.stderr).not.toContain(' -- ')
  })
})
