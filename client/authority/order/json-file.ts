import { existsSync } from 'node:fs'
import type { z } from 'zod'
import { fromBase64url } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { readHanded } from '../../../server/disk/handed.ts'
import { AuthorityError, type AuthorityErrorCode } from '../errors.ts'

/** How a kind of file is spoken of when it is not one. */
export interface Fault {
  readonly code: AuthorityErrorCode
  /** an order desk, an issuer's key */
  readonly what: string
  readonly hint?: string
}

/** @throws AuthorityError with the code given, for a file that is not there, or of another form */
export function readJson<S extends z.ZodType>(path: string, schema: S, { code, what, hint }: Fault): z.output<S> {
  if (!existsSync(path)) throw new AuthorityError(code, `there is no ${path}`, hint)
  let value: unknown
  try {
    value = JSON.parse(readHanded(path, (message, next) => new AuthorityError(code, message, next ?? hint)))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new AuthorityError(code, `${path} is not ${what} of doormat`, hint)
  return parsed.data
}

/** @throws AuthorityError with the code given, for what is no key in base64url */
export function keyIn<K>(text: string, path: string, { code }: Fault, check: (bytes: Uint8Array) => K): K {
  try {
    return check(fromBase64url(text))
  } catch (error) {
    if (error instanceof CryptoError) throw new AuthorityError(code, `${path} is damaged: ${error.message}`)
    throw error
  }
}

/** JSON in ASCII: it parses to the same value, and nothing in it plays tricks on whoever looks at the file. */
export const asciiJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
