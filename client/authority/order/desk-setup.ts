import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { equal } from '../../../crypto/bytes.ts'
import { generateSigningPair } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import { privateFolder } from '../../../server/private.ts'
import { AuthorityError } from '../errors.ts'
import type { AuditFacts } from './audit.ts'
import { writeDeskKey, writeRules } from './desk-folder.ts'
import { logIn, withLog } from './desk-log.ts'
import { checkJurisdiction } from './issuer.ts'
import type { Issuer } from './order.ts'

export const receivedIn = (folder: string): string => join(folder, 'received')

/**
 * Makes a desk: a key of its own, nobody that it trusts yet, and a log that says so.
 * @throws AuthorityError `bad-order` | `bad-desk`
 */
export async function createDesk(folder: string, jurisdiction: string, random: Random, now: number): Promise<void> {
  checkJurisdiction(jurisdiction)
  privateFolder(folder)
  if (readdirSync(folder).length > 0) throw new AuthorityError('bad-desk', `there is something else in ${folder}`)
  mkdirSync(receivedIn(folder), { mode: 0o700 })
  writeFileSync(logIn(folder), '', { mode: 0o600 })
  const { public: key, secret } = generateSigningPair(random)
  writeDeskKey(folder, secret)
  writeRules({ folder, jurisdiction, key, issuers: [] })
  await withLog(folder, ({ append }) => append(ofDesk('opened', jurisdiction, '', now)))
}

/** Takes the word of an issuer from now on; again, if it was revoked. */
export const trustIssuer = (folder: string, issuer: Issuer, now: number): Promise<void> =>
  changeIssuer(folder, issuer, null, ofDesk('trusted', issuer.jurisdiction, issuer.name, now))

/** Takes it no more: what has not been executed yet will not be. */
export const revokeIssuer = (folder: string, issuer: Issuer, now: number): Promise<void> =>
  changeIssuer(folder, issuer, now, ofDesk('revoked', issuer.jurisdiction, issuer.name, now))

async function changeIssuer(folder: string, issuer: Issuer, revoked: number | null, facts: AuditFacts): Promise<void> {
  const { name, jurisdiction, key } = issuer
  checkJurisdiction(jurisdiction)
  await withLog(folder, ({ desk, append }) => {
    const others = desk.issuers.filter((one) => !equal(one.key, key))
    if (revoked !== null && others.length === desk.issuers.length)
      throw new AuthorityError('unknown-issuer', `this desk has never trusted ${name}`)
    append(facts)
    writeRules({ ...desk, issuers: [...others, { name, jurisdiction, key, revoked }] })
  })
}

const ofDesk = (
  what: 'opened' | 'trusted' | 'revoked',
  jurisdiction: string,
  note: string,
  time: number,
): AuditFacts => ({ time, what, jurisdiction, order: null, messages: 0, people: 0, note })
