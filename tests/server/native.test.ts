import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { inWebAssembly, primitives } from '../../crypto/primitives.ts'
import { loadFrom } from '../../server/native.ts'
import { missing } from '../support/missing.ts'
import { likeNative, restorePrimitives, sodiumNative } from '../support/native.ts'

restorePrimitives()
const folder = mkdtempSync(join(tmpdir(), 'doormat-native-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A package with this in it, which has something for these platforms. */
function packageWith(content: () => unknown, platforms: readonly string[]): NodeJS.Require {
  const place = mkdtempSync(join(folder, 'package-'))
  const manifest = join(place, 'package.json')
  writeFileSync(manifest, JSON.stringify({ version: '9.9.9' }))
  for (const platform of platforms) {
    mkdirSync(join(place, 'prebuilds', platform), { recursive: true })
    writeFileSync(join(place, 'prebuilds', platform, 'sodium-native.node'), '')
  }
  const require = (name: string) => (name === manifest ? { version: '9.9.9' } : content())
  return Object.assign(require, { resolve: () => manifest }) as unknown as NodeJS.Require
}

const thisPlatform = `${process.platform}-${process.arch}`

describe('native code that was asked for', () => {
  it('is used where the package is there and gives the right answers', async () => {
    expect(await loadFrom(packageWith(likeNative, [thisPlatform]))).toEqual({ kind: 'native', version: '9.9.9' })
    expect(primitives.agree).not.toBe(inWebAssembly.agree)
  })

  const installed = sodiumNative() !== null
  const without = missing(installed, 'sodium-native cannot be loaded here: npm ci')
  it.skipIf(!installed)(`is that of the package which package.json names${without}`, async () => {
    const loaded = await loadFrom(createRequire(import.meta.url))
    const { optionalDependencies } = createRequire(import.meta.url)('../../package.json') as {
      optionalDependencies: Record<string, string>
    }
    expect(loaded).toEqual({ kind: 'native', version: optionalDependencies['sodium-native'] })
  })

  it.each([
    ['is not installed', createRequire(join(folder, 'nowhere.js'))],
    [`has nothing for ${process.platform} on ${process.arch}`, packageWith(likeNative, ['plan9-pdp11'])],
    [
      'cannot be loaded: invalid ELF header',
      packageWith(() => {
        throw new Error('invalid ELF header\nand more')
      }, [thisPlatform]),
    ],
  ])('is done without where it %s, and that is said in words', async (fault, require) => {
    const before = primitives.agree
    expect(await loadFrom(require)).toEqual({ kind: 'webassembly', fault: `sodium-native ${fault}` })
    expect(primitives.agree).toBe(before)
  })

  it('ends everything where its answers differ: somebody may have put it there', async () => {
    const lying = packageWith(() => ({ ...likeNative(), crypto_sign_verify_detached: () => true }), [thisPlatform])
    await expect(loadFrom(lying)).rejects.toThrow('answers otherwise')
  })
})
