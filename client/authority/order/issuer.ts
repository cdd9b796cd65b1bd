import { existsSync } from 'node:fs'
import { z } from 'zod'
import { base64url } from '../../../crypto/bytes.ts'
import {
  checkSigningKey,
  generateSigningPair,
  keySizeBytes,
  type SigningKey,
  signingPairFrom,
  sized,
} from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import { writeNew } from '../../../server/disk/whole-file.ts'
import { AuthorityError } from '../errors.ts'
import { asciiJson, type Fault, keyIn, readJson } from './json-file.ts'
import { jurisdictionCalled, jurisdictions } from './law.ts'
import { isIssuerName, type Issuer, type IssuerSecret } from './order.ts'

const named = { name: z.string(), jurisdiction: z.string() }
const secretSchema = z.object({ doormat: z.literal('issuer key'), ...named, secret: z.string() })
const publicSchema = z.object({ doormat: z.literal('issuer public key'), ...named, key: z.string() })

const secretFault: Fault = {
  code: 'bad-key-file',
  what: "an issuer's key",
  hint: "doormat authority order issuer --name 'District Court' --jurisdiction us --out FILE",
}
const publicFault: Fault = { code: 'bad-key-file', what: "an issuer's public key" }

/** @throws AuthorityError `bad-order` for a name or a jurisdiction that no issuer has */
export function createIssuer(name: string, jurisdiction: string, random: Random): IssuerSecret {
  if (!isIssuerName(name)) throw new AuthorityError('bad-order', 'an issuer needs a name of at most 100 bytes')
  checkJurisdiction(jurisdiction)
  const pair = generateSigningPair(random)
  return { name, jurisdiction, key: pair.public, secret: pair.secret }
}

/** @throws AuthorityError `bad-order` for a state of which nothing is known */
export function checkJurisdiction(id: string): void {
  if (!jurisdictionCalled(id))
    throw new AuthorityError(
      'bad-order',
      `there is no jurisdiction ${id}; there is ${jurisdictions.map((one) => one.id).join(', ')}`,
    )
}

/** Both halves; an existing file is never written over. */
export function writeIssuer(path: string, { name, jurisdiction, key, secret }: IssuerSecret): void {
  const publicPath = `${path}.pub`
  for (const taken of [path, publicPath].filter((one) => existsSync(one)))
    throw new AuthorityError('bad-key-file', `${taken} already exists and is not overwritten`)
  const file = (path: string, value: object, mode: number) => ({ path, content: `${asciiJson(value)}\n`, mode })
  writeNew([
    file(path, { doormat: 'issuer key', name, jurisdiction, secret: base64url(secret) }, 0o600),
    file(publicPath, { doormat: 'issuer public key', name, jurisdiction, key: base64url(key) }, 0o644),
  ])
}

export function readIssuerSecret(path: string): IssuerSecret {
  const { name, jurisdiction, secret } = readJson(path, secretSchema, secretFault)
  const pair = keyIn(secret, path, secretFault, signingPairFrom)
  return { name, jurisdiction, key: pair.public, secret: pair.secret }
}

export function readIssuer(path: string): Issuer {
  const { name, jurisdiction, key } = readJson(path, publicSchema, publicFault)
  return { name, jurisdiction, key: keyIn(key, path, publicFault, signingKeyFrom) }
}

export const signingKeyFrom = (bytes: Uint8Array): SigningKey => checkSigningKey(sized<SigningKey>(bytes, keySizeBytes))
