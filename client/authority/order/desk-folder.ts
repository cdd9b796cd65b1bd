import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { base64url, equal } from '../../../crypto/bytes.ts'
import { type SigningKey, signingPairFrom, type SigningSecret } from '../../../crypto/keys.ts'
import { stageFiles, type Staged, writeWhole } from '../../../server/disk/whole-file.ts'
import { AuthorityError } from '../errors.ts'
import { signingKeyFrom } from './issuer.ts'
import { asciiJson, type Fault, keyIn, readJson } from './json-file.ts'
import type { DeskRules } from './review.ts'

/** The desk of a company at which orders come in, in its folder. */
export interface OrderDesk extends DeskRules {
  readonly folder: string
  /** which the entries of its log are signed with */
  readonly key: SigningKey
}

const issuerSchema = z.object({
  name: z.string(),
  jurisdiction: z.string(),
  key: z.string(),
  revoked: z.number().nullable(),
})
const rulesSchema = z.object({
  doormat: z.literal('order desk'),
  jurisdiction: z.string(),
  key: z.string(),
  issuers: z.array(issuerSchema),
})
const keySchema = z.object({ doormat: z.literal('desk key'), secret: z.string() })

export const receivedIn = (folder: string): string => join(folder, 'received')
const rulesIn = (folder: string) => join(folder, 'desk.json')
const keyFileIn = (folder: string) => join(folder, 'desk.key')

export const isDesk = (folder: string): boolean => existsSync(rulesIn(folder))

/** @throws AuthorityError `bad-desk` for a folder that is none */
export function openDesk(folder: string): OrderDesk {
  const fault: Fault = { code: 'bad-desk', what: 'an order desk' }
  const path = rulesIn(folder)
  if (!isDesk(folder))
    throw new AuthorityError(
      'bad-desk',
      `there is no order desk in ${folder}`,
      `doormat authority order desk --desk ${folder} --jurisdiction us`,
    )
  const { jurisdiction, key, issuers } = readJson(path, rulesSchema, fault)
  return {
    folder,
    jurisdiction,
    key: keyIn(key, path, fault, signingKeyFrom),
    issuers: issuers.map((one) => ({ ...one, key: keyIn(one.key, path, fault, signingKeyFrom) })),
  }
}

/** What the desk goes by once it is committed. @param sequence of the entry that the log has of it */
export function stageRules({ folder, jurisdiction, key, issuers }: OrderDesk, sequence: number): Staged {
  const path = rulesIn(folder)
  const listed = issuers.map((one) => ({ ...one, key: base64url(one.key) }))
  const rules = { doormat: 'order desk', jurisdiction, key: base64url(key), issuers: listed }
  return stageFiles([{ path, content: `${asciiJson(rules, 2)}\n`, mode: 0o600 }], markOf(sequence))
}

/** Of files that change with an entry of the log. */
export const markOf = (sequence: number): string => `entry-${sequence}`

export const writeDeskKey = (folder: string, secret: SigningSecret): void =>
  writeWhole(keyFileIn(folder), `${JSON.stringify({ doormat: 'desk key', secret: base64url(secret) })}\n`, 0o600)

export function readDeskKey({ folder, key }: OrderDesk): SigningSecret {
  const path = keyFileIn(folder)
  const fault: Fault = { code: 'bad-desk', what: 'the key of an order desk' }
  const pair = keyIn(readJson(path, keySchema, fault).secret, path, fault, signingPairFrom)
  if (!equal(pair.public, key)) throw new AuthorityError('bad-desk', `${path} is not the key that desk.json names`)
  return pair.secret
}
