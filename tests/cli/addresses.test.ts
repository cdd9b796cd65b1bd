import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratch } from '../support/program.ts'
import { doormat } from '../support/world-cli.ts'
import { few, isLong } from '../support/long.ts'

const { path, remove } = scratch()
const taken = createServer()
let port = 0
beforeAll(async () => {
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening))
  port = (taken.address() as { port: number }).port
})
afterAll(() => {
  taken.close()
  remove()
})

const said = ({ code, stdout, stderr }: Awaited<ReturnType<typeof doormat>>) => ({
  code,
  stdout,
  lines: stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{')),
})

describe('the address of a relay', () => {
  const doors: Record<string, readonly string[]> = {
    'register bob': ['register', 'bob', '--no-passphrase'],
    'link': ['link', '--no-passphrase'],
    'access status': ['access', 'status'],
    'access off': ['access', 'off', '--token-file', path('token')],
  }

  it.each(few(Object.entries(doors), 2))(
    'is host and port alone for %s: nothing else is passed over in silence',
    async (_name, door) => {
      for (const [relay, what] of [
        ['http://127.0.0.1:1/doormat', 'a path'],
        ['http://127.0.0.1:1/?room=1', 'a query'],
        ['http://127.0.0.1:1/#here', 'a fragment'],
        ['http://ann:secret@127.0.0.1:1', 'a name or a password'],
      ] as const) {
        const refused = said(await doormat([...door, '--relay', relay], { env: { DOORMAT_HOME: path('home') } }))
        expect(refused).toEqual({
          code: 1,
          stdout: '',
          lines: [
            `doormat: the address of a relay is its host and port, without ${what}`,
            expect.stringMatching(/^try: doormat .* --relay http:\/\/127\.0\.0\.1:1$/),
          ],
        })
      }
    },
  )

  it('may end with a slash', async () => {
    const { stderr } = await doormat(['access', 'status', '--relay', 'http://127.0.0.1:1/'])
    expect(stderr).toMatch(/^doormat: no relay answers .*\[unreachable\]\n/)
  })
})

describe('doormat relay', () => {
  const relay = async (...flags: readonly string[]) => said(await doormat(['relay', '--dir', path('relay'), ...flags]))

  it.skipIf(!isLong)('(in test:long) says in one line why it cannot listen, and what to type instead', async () => {
    expect(await relay('--port', String(port))).toEqual({
      code: 3,
      stdout: '',
      lines: [
        `doormat: another program, perhaps another relay, listens on port ${port} of 127.0.0.1 already`,
        `try: doormat relay --dir ${path('relay')} --port 0`,
      ],
    })
    // TEST-NET-3 of RFC 5737, which no machine has
    expect(await relay('--host', '203.0.113.1', '--trusted-network')).toEqual({
      code: 3,
      stdout: '',
      lines: [
        'doormat: this machine has no address 203.0.113.1',
        `try: doormat relay --dir ${path('relay')} --host 127.0.0.1`,
      ],
    })
    expect(await relay('--host', 'nowhere.invalid', '--trusted-network')).toEqual({
      code: 3,
      stdout: '',
      lines: [
        'doormat: this machine has no address nowhere.invalid',
        `try: doormat relay --dir ${path('relay')} --host 127.0.0.1`,
      ],
    })
  })
})
