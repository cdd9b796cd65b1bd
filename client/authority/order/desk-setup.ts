import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { equal } from '../../../crypto/bytes.ts'
import { generateSigningPair } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import { privateFolder } from '../../../server/disk/private.ts'
import { writeWhole } from '../../../server/disk/whole-file.ts'
import { AuthorityError } from '../errors.ts'
import { type AuditFacts, nextEntry } from './audit.ts'
import { receivedIn, stageRules, writeDeskKey } from './desk-folder.ts'
import { logIn, withLog, writtenDown } from './desk-log.ts'
import { checkJurisdiction } from './issuer.ts'
import type { Issuer } from './order.ts'

/**
 * Makes a desk: a key of its own, nobody that it trusts yet, and a log that says so.
 * @throws AuthorityError `bad-order` | `bad-desk`
 */
export async function createDesk(folder: string, jurisdiction: string, random: Random, now: number): Promise<void> {
  checkJurisdiction(jurisdiction)
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  privateFolder(folder)
  if (readdirSync(folder).length > 0) throw new AuthorityError('bad-desk', `there is something else in ${folder}`)
  try {
    mkdirSync(receivedIn(folder), { mode: 0o700 })
    const { public: key, secret } = generateSigningPair(random)
    writeDeskKey(folder, secret)
    const { line } = nextEntry(null, ofDesk('opened', jurisdiction, '', now), secret)
    writeWhole(logIn(folder), `${line}\n`, 0o600)
    // what makes it a desk comes last
    stageRules({ folder, jurisdiction, key, issuers: [] }, 1).commit()
  } catch (error) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
    if (made !== undefined) rmSync(made, { recursive: true })
    throw error
  }
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
  await withLog(folder, ({ desk, next, append }) => {
    const others = desk.issuers.filter((one) => !equal(one.key, key))
    if (revoked !== null && others.length === desk.issuers.length)
      throw new AuthorityError('unknown-issuer', `this order desk has never trusted ${name}`)
    const rules = stageRules({ ...desk, issuers: [...others, { name, jurisdiction, key, revoked }] }, next)
    writtenDown(() => append(facts), rules)
  })
}

const ofDesk = (
  what: 'opened' | 'trusted' | 'revoked',
  jurisdiction: string,
  note: string,
  time: number,
): AuditFacts => ({ time, what, jurisdiction, order: null, messages: 0, people: 0, note })
