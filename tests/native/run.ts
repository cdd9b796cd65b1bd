import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { loadNative } from '../../server/native.ts'
import { missing } from '../support/missing.ts'

/*
 * `npm run test:native`: the tests of cryptography, with its vectors, of the contracts and of the demo, computed natively.
 * Arguments go on to vitest. Where sodium-native cannot be loaded nothing is run, and that is said; under .ci/run it is a failure.
 */

const files = ['tests/crypto', 'tests/server/native', 'tests/server/relay', 'tests/server/store', 'tests/project/demo']

process.env['DOORMAT_NATIVE'] = '1'
const libsodium = await loadNative()
if (libsodium.kind === 'native') {
  console.log(`computed by sodium-native ${libsodium.version}`)
  const vitest = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--project', 'together', '--project', 'alone', ...files, ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
} else console.log(`the tests of native code${missing(false, libsodium.fault ?? 'it was not asked for')}`)
