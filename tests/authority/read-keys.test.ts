import { afterAll, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { readKeys } from '../../client/authority/desk.ts'
import { writeKeyFiles } from '../../client/authority/key-file.ts'
import { refusal } from '../support/orders.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'

const { path, remove } = scratch()
afterAll(remove)

/** The files of a mode's secrets, after something was done to them. */
function filesOf(mode: string, name: string, change: (bytes: Uint8Array, i: number) => Uint8Array = (bytes) => bytes) {
  const { parameters, secrets } = modeCalled(mode).setup(seededRandom(name))
  const held = secrets.map(({ bytes }, i) => change(bytes, i))
  return writeKeyFiles(path(`${name}.key`), mode, held, parameters).paths
}

it('names the file whose share was altered, and two whose shares do not go together', () => {
  const shares = filesOf('split-escrow', 'shares', (bytes, i) =>
    i === 3 ? bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte)) : bytes,
  )
  const others = filesOf('split-escrow', 'others')
  const [first = '', second = '', , altered = ''] = shares
  expect(readKeys([first, second])).toHaveLength(2)
  expect(refusal(() => readKeys(shares))).toBe(`bad-key-file: ${altered}: the share is not that of custodian 4`)
  const foreign = others[2] ?? ''
  expect(refusal(() => readKeys([first, second, foreign]))).toBe(
    `bad-key-file: ${first} and ${foreign}: the shares are of different keys, and open nothing together`,
  )
  const [escrow = ''] = filesOf('message-key-escrow', 'escrow')
  expect(refusal(() => readKeys([first, escrow]))).toMatch(
    /^bad-key-file: .*shares\.1\.key and .*escrow\.key: keys of one mode are needed, not of split-escrow and message-key-escrow$/,
  )
})
