import { existsSync } from 'node:fs'
import { join, parse } from 'node:path'
import { z } from 'zod'
import { base64url, fromBase64url } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { readHanded } from '../../server/disk/handed.ts'
import { writeNew } from '../../server/disk/whole-file.ts'
import { AuthorityError } from './errors.ts'

/** What the authority keeps, and what it gives to the operator. docs/protocol.md, section 13d. */
export interface SecretKeyFile {
  readonly mode: string
  readonly secret: Uint8Array
}

export interface PublicKeyFile {
  readonly mode: string
  readonly parameters: Uint8Array
}

/** What the operator's relay works by, where a mode needs that. */
export interface InstrumentFile {
  readonly mode: string
  readonly instrument: Uint8Array
}

const secretSchema = z.object({ doormat: z.literal('escrow key'), mode: z.string(), secret: z.string() })
const publicSchema = z.object({ doormat: z.literal('escrow public key'), mode: z.string(), parameters: z.string() })
const instrumentSchema = z.object({ doormat: z.literal('instrument'), mode: z.string(), instrument: z.string() })

/** `escrow.key`, or `escrow.1.key` and on where a mode has several secrets, for several holders. */
function secretPaths(path: string, count: number): readonly string[] {
  const { dir, name, ext } = parse(path)
  return count === 1 ? [path] : Array.from({ length: count }, (_, i) => join(dir, `${name}.${i + 1}${ext}`))
}

/**
 * A file for each secret, and one for the public half; an existing file is never written over.
 * @returns the secrets' files in their order
 */
export function writeKeyFiles(
  path: string,
  mode: string,
  secrets: readonly Uint8Array[],
  parameters: Uint8Array,
): { readonly paths: readonly string[]; readonly publicPath: string } {
  const publicPath = `${path}.pub`
  const paths = secretPaths(path, secrets.length)
  for (const taken of [...paths, publicPath].filter((one) => existsSync(one)))
    throw new AuthorityError('bad-key-file', `${taken} already exists and is not overwritten`)
  const file = (path: string, value: object, mode: number) => ({ path, content: `${JSON.stringify(value)}\n`, mode })
  writeNew([
    ...secrets.map((secret, i) =>
      file(paths[i] ?? path, { doormat: 'escrow key', mode, secret: base64url(secret) }, 0o600),
    ),
    file(publicPath, { doormat: 'escrow public key', mode, parameters: base64url(parameters) }, 0o666),
  ])
  return { paths, publicPath }
}

/** Readable by its owner alone: some modes' instruments hold a secret. An existing file is never written over. */
export function writeInstrument(path: string, { mode, instrument }: InstrumentFile): void {
  if (existsSync(path)) throw new AuthorityError('bad-key-file', `${path} already exists and is not overwritten`)
  const value = { doormat: 'instrument', mode, instrument: base64url(instrument) }
  writeNew([{ path, content: `${JSON.stringify(value)}\n`, mode: 0o600 }])
}

export function readInstrument(path: string): InstrumentFile {
  const { mode, instrument } = read(path, instrumentSchema, 'an instrument')
  return { mode, instrument: bytes(instrument, path) }
}

export function readSecretKey(path: string): SecretKeyFile {
  const { mode, secret } = read(path, secretSchema, 'an escrow key')
  return { mode, secret: bytes(secret, path) }
}

export function readPublicKey(path: string): PublicKeyFile {
  const { mode, parameters } = read(path, publicSchema, 'an escrow public key')
  return { mode, parameters: bytes(parameters, path) }
}

function read<S extends z.ZodType>(path: string, schema: S, what: string): z.output<S> {
  if (!existsSync(path)) throw new AuthorityError('bad-key-file', `there is no ${path}`)
  let value: unknown
  try {
    value = JSON.parse(readHanded(path, (message, hint) => new AuthorityError('bad-key-file', message, hint)))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new AuthorityError('bad-key-file', `${path} is not ${what} of doormat`)
  return parsed.data
}

function bytes(text: string, path: string): Uint8Array {
  try {
    return fromBase64url(text)
  } catch (error) {
    if (error instanceof CryptoError)
      throw new AuthorityError('bad-key-file', `${path} is damaged: it is not base64url`)
    throw error
  }
}
