import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { NativeSodium } from '../crypto/native.ts'

/*
 * The one loader of native cryptography, for relay and client: the package sodium-native, where `DOORMAT_NATIVE=1` asks
 * for it and this machine can run it. Everything else, and every other machine, computes in WebAssembly.
 */

/** Which libsodium computes here; `fault` says why it is not the native one that was asked for. */
export type Libsodium =
  | { readonly kind: 'webassembly'; readonly fault: string | null }
  | { readonly kind: 'native'; readonly version: string }

const packageName = 'sodium-native'

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
    // where the package has nothing for a platform, it looks in every folder above its own, whoever may write there
    if (!existsSync(join(dirname(manifest), 'prebuilds', `${process.platform}-${process.arch}`, `${packageName}.node`)))
      return `${packageName} has nothing for ${process.platform} on ${process.arch}`
    const { version } = require(manifest) as { version: string }
    return { native: require(packageName) as NativeSodium, version }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'MODULE_NOT_FOUND') return `${packageName} is not installed`
    return `${packageName} cannot be loaded: ${message.split('\n')[0]}`
  }
}
