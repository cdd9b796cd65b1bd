import { existsSync, realpathSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { NativeSodium } from '../crypto/native.ts'
import about from '../package.json' with { type: 'json' }

/*
 * The one loader of native cryptography, for relay and client: the package sodium-native, where `DOORMAT_NATIVE=1` asks
 * for it and this machine can run it. Everything else, and every other machine, computes in WebAssembly.
 */

/** Which libsodium computes here; `fault` says why it is not the native one that was asked for. */
export type Libsodium =
  | { readonly kind: 'webassembly'; readonly fault: string | null }
  | { readonly kind: 'native'; readonly version: string }

const packageName = 'sodium-native'
/** no range: how it loads its file is known of this version */
const wanted = about.optionalDependencies[packageName]
const alwaysInstalled = 'libsodium-wrappers-sumo'

let libsodium: Libsodium = { kind: 'webassembly', fault: null }
let loading: Promise<Libsodium> | null = null

export const libsodiumInUse = (): Libsodium => libsodium

const isWanted = () => process.env['DOORMAT_NATIVE'] === '1'

/**
 * Before anything is computed in a process or a thread. Asked again, it does nothing more.
 * @throws Error where the native library gives other answers than WebAssembly
 */
export async function loadNative(): Promise<Libsodium> {
  if (!isWanted()) return libsodium
  libsodium = await (loading ??= loadFrom(createRequire(import.meta.url)))
  return libsodium
}

/** @param require finds the package */
export async function loadFrom(require: NodeJS.Require): Promise<Libsodium> {
  const found = find(require)
  if (typeof found === 'string') return { kind: 'webassembly', fault: found }
  const { handOver } = await import('../crypto/native.ts')
  handOver(found.native)
  return { kind: 'native', version: found.version }
}

/** @returns why it cannot be used, in words for a person */
function find(require: NodeJS.Require): { readonly native: NativeSodium; readonly version: string } | string {
  try {
    const manifest = require.resolve(`${packageName}/package.json`)
    if (!isInstalledWithUs(require, manifest))
      return `${packageName} was not installed with Doormat, and one in a folder above is not used`
    const { version } = require(manifest) as { version: string }
    if (version !== wanted) return `${packageName} is version ${version} here, and Doormat goes with ${wanted}`
    // the file for Linux is for another C library than Alpine's
    if (isAlpine()) return `${packageName} has nothing for Alpine Linux`
    const folder = dirname(manifest)
    const file = join(folder, 'prebuilds', `${process.platform}-${process.arch}`, `${packageName}.node`)
    if (!existsSync(file)) return `${packageName} has nothing for ${process.platform} on ${process.arch}`
    putInPlace(require, join(folder, 'binding.js'), file)
    return { native: require(folder) as NativeSodium, version }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'MODULE_NOT_FOUND') return `${packageName} is not installed`
    return `${packageName} cannot be loaded: ${message.split('\n')[0]}`
  }
}

/**
 * Node looks for a package in every folder above the program, whoever may write there. So this one counts only as far up as
 * libsodium in WebAssembly is found, which every installation has.
 */
function isInstalledWithUs(require: NodeJS.Require, manifest: string): boolean {
  const folders = require.resolve.paths(alwaysInstalled) ?? []
  const last = folders.findIndex((folder) => existsSync(join(folder, alwaysInstalled, 'package.json')))
  return folders
    .slice(0, last + 1)
    .map((folder) => join(folder, packageName, 'package.json'))
    .some((path) => existsSync(path) && realpathSync(path) === realpathSync(manifest))
}

const isAlpine = () => process.platform === 'linux' && existsSync('/etc/alpine-release')

/**
 * Loads this file in the place of the package's own loader. That one searches every folder above the package where it
 * finds nothing in it, and goes by names of its own for a platform.
 */
function putInPlace(require: NodeJS.Require, loader: string, file: string): void {
  require.cache[loader] = Object.assign(new Module(loader), { exports: require(file) as unknown, loaded: true })
}
