import fs, { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { inWebAssembly, primitives } from '../../crypto/primitives.ts'
import about from '../../package.json' with { type: 'json' }
import { loadFrom } from '../../server/native.ts'
import { missing } from '../support/missing.ts'
import { likeNative, restorePrimitives, sodiumNative } from '../support/native.ts'

restorePrimitives()
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'doormat-native-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const thisPlatform = `${process.platform}-${process.arch}`
const version = about.optionalDependencies['sodium-native']
const library = 'libsodium-wrappers-sumo'

/** A package of nothing but its manifest, in this folder's node_modules. */
function install(at: string, name: string, manifest: object = {}): string {
  const place = join(at, 'node_modules', name)
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name, ...manifest }))
  return place
}

/** sodium-native, which has something for these platforms. */
function installNative(at: string, platforms: readonly string[] = [thisPlatform], as = version): string {
  const place = install(at, 'sodium-native', { version: as })
  writeFileSync(join(place, 'index.js'), '')
  writeFileSync(join(place, 'binding.js'), "throw new Error('its own loader was asked')")
  for (const platform of platforms) {
    mkdirSync(join(place, 'prebuilds', platform), { recursive: true })
    writeFileSync(join(place, 'prebuilds', platform, 'sodium-native.node'), '')
  }
  return place
}

const newFolder = () => mkdtempSync(join(folder, 'place-'))

/** The packages that a program finds from its folder, with this in sodium-native. */
function packagesOf(at: string, content: () => unknown = likeNative): NodeJS.Require {
  const real = createRequire(join(at, 'program.js'))
  const require = (name: string): unknown => {
    if (name.endsWith('.json')) return real(name)
    return name.endsWith('.node') ? {} : content()
  }
  return Object.assign(require, { resolve: real.resolve, cache: {} }) as unknown as NodeJS.Require
}

/** Doormat in a folder, and sodium-native beside its other packages. */
function packageWith(content: () => unknown, platforms = [thisPlatform], as = version): NodeJS.Require {
  const at = newFolder()
  install(at, library)
  installNative(at, platforms, as)
  return packagesOf(at, content)
}

describe('native code that was asked for', () => {
  it('is used where the package is there and gives the right answers', async () => {
    expect(await loadFrom(packageWith(likeNative))).toEqual({ kind: 'native', version })
    expect(primitives.agree).not.toBe(inWebAssembly.agree)
  })

  const installed = sodiumNative() !== null
  const without = missing(installed, 'sodium-native cannot be loaded here: npm ci')
  it.skipIf(!installed)(`is that of the package which package.json names${without}`, async () => {
    const loaded = await loadFrom(createRequire(import.meta.url))
    expect(loaded).toEqual({ kind: 'native', version })
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it.each([
    ['is not installed', createRequire(join(folder, 'nowhere.js'))],
    [`has nothing for ${process.platform} on ${process.arch}`, packageWith(likeNative, ['plan9-pdp11'])],
    [`is version 9.9.9 here, and Doormat goes with ${version}`, packageWith(likeNative, [thisPlatform], '9.9.9')],
    [
      'cannot be loaded: invalid ELF header',
      packageWith(() => {
        throw new Error('invalid ELF header\nand more')
      }),
    ],
  ])('is done without where it %s, and that is said in words', async (fault, require) => {
    const before = primitives.agree
    expect(await loadFrom(require)).toEqual({ kind: 'webassembly', fault: `sodium-native ${fault}` })
    expect(primitives.agree).toBe(before)
  })

  it('ends everything where its answers differ: somebody may have put it there', async () => {
    const lying = packageWith(() => ({ ...likeNative(), crypto_sign_verify_detached: () => true }))
    await expect(loadFrom(lying)).rejects.toThrow('answers otherwise')
  })
})

describe('only what was installed with Doormat counts', () => {
  const used = { kind: 'native', version }
  const notOurs = {
    kind: 'webassembly',
    fault: 'sodium-native was not installed with Doormat, and one in a folder above is not used',
  }
  const planted = () => {
    throw new Error('what was planted has run')
  }

  it('and not a package in a folder above, which Node would find', async () => {
    const above = newFolder()
    const program = join(above, 'work', 'doormat')
    installNative(above)
    install(program, library)
    expect(await loadFrom(packagesOf(program, planted))).toEqual(notOurs)
  })

  it('and none where nothing else of Doormat is found either', async () => {
    const at = newFolder()
    installNative(at)
    expect(await loadFrom(packagesOf(at, planted))).toEqual(notOurs)
  })

  it.each<[string, (root: string) => string]>([
    [
      'beside it, where it was installed as a package',
      (root) => {
        installNative(root)
        install(root, library)
        return join(install(root, 'doormat-chat'), 'dist')
      },
    ],
    [
      'in its own folder, where another package needs another version',
      (root) => {
        installNative(root, [thisPlatform], '4.0.0')
        install(root, library)
        const doormat = install(root, 'doormat-chat')
        installNative(doormat)
        return join(doormat, 'dist')
      },
    ],
    [
      'where a link leads to',
      (root) => {
        const [native, sodium] = [installNative(join(root, 'a')), install(join(root, 'b'), library)]
        const doormat = install(join(root, 'c'), 'doormat-chat')
        for (const place of [native, sodium]) symlinkSync(place, join(dirname(doormat), place.split('/').at(-1) ?? ''))
        return join(doormat, 'dist')
      },
    ],
  ])('%s', async (_, layOut) => {
    expect(await loadFrom(packagesOf(layOut(newFolder())))).toEqual(used)
  })

  const isLinux = process.platform === 'linux'
  it.skipIf(!isLinux)(`and on Alpine Linux nothing${missing(isLinux, 'only Linux can be Alpine')}`, async () => {
    const { existsSync } = fs
    vi.spyOn(fs, 'existsSync').mockImplementation((path) => path === '/etc/alpine-release' || existsSync(path))
    syncBuiltinESMExports()
    expect(await loadFrom(packageWith(planted))).toEqual({
      kind: 'webassembly',
      fault: 'sodium-native has nothing for Alpine Linux',
    })
  })

  const installed = sodiumNative() !== null
  const without = missing(installed, 'sodium-native cannot be loaded here: npm ci')
  it.skipIf(!installed)(
    `and the package's own loader, which searches all folders above, is not asked${without}`,
    async () => {
      const at = newFolder()
      install(at, library)
      const place = installNative(at)
      const real = createRequire(import.meta.url)
      const from = dirname(real.resolve('sodium-native/package.json'))
      for (const file of ['index.js', join('prebuilds', thisPlatform, 'sodium-native.node')])
        cpSync(join(from, file), join(place, file))
      const runtime = dirname(real.resolve('which-runtime/package'))
      cpSync(runtime, join(at, 'node_modules', 'which-runtime'), { recursive: true })
      expect(await loadFrom(createRequire(join(at, 'program.js')))).toEqual(used)
    },
  )
})

afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
})
