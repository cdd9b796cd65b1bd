import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { modeCalled } from '../../../crypto/access/index.ts'
import { base64url } from '../../../crypto/bytes.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { readPublicKey, readSecretKey, type SecretKeyFile, writeKeyFiles } from '../../authority/key-file.ts'

/** The key files in the authority's folder: `MODE.key`, or `MODE.1.key` and on where a mode has several secrets. */
export interface Keys {
  /** the modes that there is a key of */
  modes(): readonly string[]
  /** Makes a key where there is none. @returns the public half, base64url */
  make(mode: string): string
  /** in their order, which is that of the mode's holders */
  of(mode: string): readonly SecretKeyFile[]
  /** @returns what the relay taps these people by, base64url */
  instrument(mode: string, people: readonly string[]): string
  /** Copies all of them, and another file. @returns the names of the copies */
  copy(into: string, another: string): readonly string[]
}

export function keysIn(folder: string): Keys {
  const publicPath = (mode: string) => join(folder, `${mode}.key.pub`)
  const numberOf = (name: string) => Number(/\.(\d+)\.key$/.exec(name)?.[1] ?? 0)
  const modes = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.key.pub'))
      .map((name) => name.slice(0, -'.key.pub'.length))
  const secretsOf = (mode: string) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${mode}.`) && name.endsWith('.key'))
      .sort((one, other) => numberOf(one) - numberOf(other))
      .map((name) => join(folder, name))
  const of = (mode: string) => secretsOf(mode).map(readSecretKey)
  return {
    modes,
    of,
    make(mode) {
      if (!existsSync(publicPath(mode))) {
        const { parameters, secrets } = modeCalled(mode).setup(systemRandom)
        const bytes = secrets.map((secret) => secret.bytes)
        writeKeyFiles(join(folder, `${mode}.key`), mode, bytes, parameters)
      }
      return base64url(readPublicKey(publicPath(mode)).parameters)
    },
    instrument(mode, people) {
      const { tapping } = modeCalled(mode)
      if (!tapping) throw new Error(`${mode} taps nobody`)
      const secrets = of(mode).map(({ secret }) => secret)
      return base64url(tapping.instrument(secrets, people))
    },
    copy(into, another) {
      mkdirSync(into, { recursive: true, mode: 0o700 })
      const files = [...modes().flatMap(secretsOf), another]
      for (const path of files) copyFileSync(path, join(into, basename(path)))
      return files.map((path) => basename(path))
    },
  }
}
