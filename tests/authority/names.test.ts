import { existsSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeKeyFiles } from '../../client/authority/key-file.ts'
import { writeIssuer } from '../../client/authority/order/issuer.ts'
import { modeCalled } from '../../crypto/access/index.ts'
import { base64url } from '../../crypto/bytes.ts'
import { few } from '../support/long.ts'
import { crown, recordedTown } from '../support/orders.ts'
import { archiveOf } from '../support/recorded.ts'
import { seededRandom } from '../support/random.ts'
import { scratch } from '../support/program.ts'
import { doormat } from '../support/world-cli.ts'

const { path, remove } = scratch()
afterAll(remove)

/** A capital, an accent, two people, everybody, nobody, too long, an address, a letter of another script. */
const names = [
  'Alice',
  'zoë',
  'alice,bob',
  'alice bob',
  '*',
  '',
  'a'.repeat(33),
  'alice@example.org',
  '\u0430lice',
  'bob\n',
]

const evidence = ['--archive', 'passed.archive']
const draft = ['--issuer', 'court.key', '--serial', '1', '--standard', 'uk-interception', '--from', '2026-03-01']
const doors: Readonly<Record<string, (name: string) => readonly string[]>> = {
  open: (name) => ['authority', 'open', ...evidence, '--person', name],
  search: (name) => ['authority', 'search', 'van', ...evidence, '--person', name],
  export: (name) => ['authority', 'export', ...evidence, '--person', name, '--out', 'out'],
  draft: (name) => [
    ...['authority', 'order', 'draft', ...draft, '--to', '2026-03-08', '--expires', '2099-01-01'],
    ...['--person', name, '--out', 'out'],
  ],
  instrument: (name) => [
    'authority',
    'instrument',
    '--mode',
    'ghost-device',
    '--key',
    'ghost.key',
    '--person',
    name,
    '--out',
    'out',
  ],
  history: (name) => ['history', name, '--home', 'device'],
  verify: (name) => ['verify', name, '--home', 'device'],
  forget: (name) => ['forget', name, '--home', 'device'],
  block: (name) => ['contacts', 'block', name, '--home', 'device'],
  lifetime: (name) => ['contacts', 'lifetime', name, '7d', '--home', 'device'],
}

beforeAll(() => {
  const { recorded, key } = recordedTown()
  writeFileSync(path('passed.archive'), archiveOf(recorded))
  writeFileSync(
    path('escrow.key'),
    JSON.stringify({ doormat: 'escrow key', mode: key.mode, secret: base64url(key.secret) }),
  )
  writeIssuer(path('court.key'), crown)
  const [ghost] = modeCalled('ghost-device').setup(seededRandom('names')).secrets
  writeKeyFiles(path('ghost.key'), 'ghost-device', ghost ? [ghost.bytes] : [], new Uint8Array())
})

describe('a name that nobody can have', () => {
  it.each(Object.keys(doors).map((door, i) => [door, few(names.slice(i % 9, (i % 9) + 2), 1)] as const))(
    'is refused in the same words by %s, and nothing comes of it',
    async (door, names) => {
      const said = await Promise.all(names.map((name) => doormat(doors[door]?.(name) ?? [], { cwd: path('') })))
      const told = /^doormat: .* is not a name: a name is a lower-case letter, /
      expect(said).toEqual(names.map(() => ({ code: 1, stdout: '', stderr: expect.stringMatching(told) })))
      expect(existsSync(path('out'))).toBe(false)
    },
  )
})
