import { existsSync } from 'node:fs'
import { modeCalled, modes } from '../../../crypto/access/index.ts'
import { hex } from '../../../crypto/bytes.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { AuthorityError, type AuthorityErrorCode } from '../../authority/errors.ts'
import { isDesk, openDesk } from '../../authority/order/desk-folder.ts'
import { createDesk, revokeIssuer, trustIssuer } from '../../authority/order/desk-setup.ts'
import { createIssuer, readIssuer, readIssuerSecret, writeIssuer } from '../../authority/order/issuer.ts'
import { jurisdictionCalled, type Kind, type Path, standards } from '../../authority/order/law.ts'
import { instant, readOrderText, writeOrder } from '../../authority/order/order-file.ts'
import { draftOrder, type Order, type SignedOrder } from '../../authority/order/order.ts'
import { submitOrder } from '../../authority/order/received.ts'
import { Stop } from '../exit.ts'
import { timeIn } from '../instant.ts'
import { columns, paragraph } from '../layout.ts'
import { print } from '../output.ts'
import { checkPerson } from '../person.ts'
import { commandRows } from '../shell.ts'
import { visible } from '../../words/visible.ts'

export interface IssuerFlags {
  readonly name: string
  readonly jurisdiction: string
  readonly out: string
}

/** A sentence to a person, and under it the command that comes next. */
export function printNext(said: string, words: readonly string[]): void {
  printText(said)
  for (const row of commandRows(words, 2, columns())) print(visible(row))
}

export const printText = (text: string, first = ''): void =>
  paragraph(visible(text), { first }).forEach((row) => print(row))

export function issuer(flags: IssuerFlags): void {
  writeIssuer(flags.out, createIssuer(flags.name, flags.jurisdiction, systemRandom))
  printText(`${flags.out}: the key of ${flags.name}. Whoever has a copy of it signs orders in that name.`)
  printNext(`${flags.out}.pub: the public half, for order desks, which are told to trust it by:`, [
    'doormat',
    'authority',
    'order',
    'desk',
    '--trust',
    `${flags.out}.pub`,
  ])
}

export interface DeskFlags {
  readonly desk: string
  readonly jurisdiction?: string
  readonly trust?: string
  readonly revoke?: string
}

/** Makes an order desk where there is none, tells it whom to trust, and shows whom it trusts. */
export async function desk(flags: DeskFlags): Promise<void> {
  const now = Date.now()
  if (!isDesk(flags.desk) && flags.jurisdiction !== undefined)
    await createDesk(flags.desk, flags.jurisdiction, systemRandom, now)
  const there = openDesk(flags.desk)
  if (flags.jurisdiction !== undefined && flags.jurisdiction !== there.jurisdiction)
    throw new Stop('user', `${flags.desk} is an order desk in ${stateOf(there.jurisdiction)}, and stays one`)
  if (flags.trust !== undefined) await trustIssuer(flags.desk, readIssuer(flags.trust), now)
  if (flags.revoke !== undefined) await revokeIssuer(flags.desk, readIssuer(flags.revoke), now)
  const { jurisdiction, key, issuers } = openDesk(flags.desk)
  printText(
    `${flags.desk}: the order desk of a company in ${stateOf(jurisdiction)}. It signs its log with ${hex(key)}.`,
  )
  for (const { name, jurisdiction: state, revoked } of issuers)
    printText(`${name}, ${stateOf(state)}${revoked === null ? '' : `: revoked at ${instant(revoked)}`}`, '  ')
  if (issuers.length === 0)
    printNext('It trusts nobody yet. To have it trust an issuer:', [
      'doormat',
      'authority',
      'order',
      'desk',
      '--desk',
      flags.desk,
      '--trust',
      'minister.key.pub',
    ])
}

const stateOf = (id: string) => jurisdictionCalled(id)?.name ?? id

export interface DraftFlags {
  readonly issuer: string
  readonly serial: string
  readonly standard: string
  readonly person: string
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly path: string
  readonly requestedBy?: string
  readonly mode?: string
  readonly custodian?: string
  readonly expires: string
  readonly out: string
}

export function draft(flags: DraftFlags): void {
  checkPerson(flags.person)
  const by = readIssuerSecret(flags.issuer)
  const kind = oneOf<Kind>('kind', flags.kind, ['content', 'metadata'])
  const mode = oneOf(
    'access mode',
    flags.mode ?? (kind === 'content' ? 'message-key-escrow' : 'none'),
    modes.map(({ id }) => id),
  )
  const signed = draftOrder(
    {
      serial: flags.serial,
      requestedBy: flags.requestedBy ?? by.jurisdiction,
      standard: oneOf(
        'standard',
        flags.standard,
        standards.map(({ id }) => id),
      ),
      person: flags.person,
      from: timeIn('from', flags.from),
      to: timeIn('to', flags.to),
      kind,
      path: oneOf<Path>('path', flags.path, ['direct', 'government']),
      mode,
      custodian: flags.custodian ?? holderOf(mode),
      issued: Date.now(),
      expires: timeIn('expires', flags.expires),
    },
    by,
  )
  if (existsSync(flags.out))
    throw new Stop(
      'user',
      `${flags.out} already exists and is not overwritten`,
      `doormat authority order draft --issuer ${flags.issuer} --serial ${flags.serial} --standard ${flags.standard} --person ${flags.person} --from ${flags.from} --to ${flags.to} --expires ${flags.expires} --out ANOTHER`,
    )
  writeOrder(flags.out, signed)
  printText(`${flags.out}: ${summary(signed.order)}`)
  printNext(`Signed by ${by.name}. To hand it in at the order desk:`, [
    'doormat',
    'authority',
    'order',
    'submit',
    flags.out,
  ])
}

/** Who keeps the secrets of a mode; without secrets it is the operator who has what there is. */
const holderOf = (mode: string): string => modeCalled(mode).setup(systemRandom).secrets[0]?.holder ?? 'the operator'

function oneOf<T extends string>(what: string, given: string, all: readonly T[]): T {
  const one = all.find((known) => known === given)
  if (one === undefined) throw new Stop('user', `there is no ${what} ${given}; there is ${all.join(', ')}`)
  return one
}

/** An order in a line. */
export const summary = ({ serial, issuer, path, kind, person, from, to }: Order): string =>
  visible(
    `order ${serial} of ${issuer.name} (${issuer.jurisdiction}), ${path}: ${kind} of ${person}, ${instant(from)} to ${instant(to)}`,
  )

export async function submit(file: string, flags: { readonly desk: string }): Promise<void> {
  if (!existsSync(file)) throw new Stop('user', `there is no ${file}`, 'doormat authority order draft --help')
  const { order, digest } = await submitted(file, flags.desk)
  printText(`Received: ${summary(order)}. The audit log calls it ${hex(digest)}.`)
  printNext('To check it, and accept or refuse it:', [
    'doormat',
    'authority',
    'order',
    'review',
    order.serial,
    '--desk',
    flags.desk,
  ])
}

/** What to do next about an order that is turned away: look at whom the desk trusts, or get another copy. */
const afterwards: Partial<Record<AuthorityErrorCode, string>> = {
  'bad-order': 'submit ANOTHER',
  'forged-order': 'desk',
  'unknown-issuer': 'desk',
}

async function submitted(file: string, desk: string): Promise<SignedOrder> {
  try {
    return await submitOrder(desk, readOrderText(file), file, Date.now())
  } catch (error) {
    const next = error instanceof AuthorityError && error.hint === null ? afterwards[error.code] : undefined
    if (!(error instanceof AuthorityError) || next === undefined) throw error
    throw new AuthorityError(error.code, error.message, `doormat authority order ${next} --desk ${desk}`)
  }
}
