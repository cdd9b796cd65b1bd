import { readFileSync } from 'node:fs'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { AuthorityError } from '../../client/authority/errors.ts'
import { createIssuer } from '../../client/authority/order/issuer.ts'
import { createDesk, trustIssuer } from '../../client/authority/order/desk-setup.ts'
import { renderOrder } from '../../client/authority/order/order-file.ts'
import { draftOrder, type Request } from '../../client/authority/order/order.ts'
import { decideOrder, submitOrder } from '../../client/authority/order/received.ts'
import type { DeskRules } from '../../client/authority/order/review.ts'
import { at } from './at.ts'
import { seededRandom } from './random.ts'
import { recordedTalk } from './recorded.ts'

const random = seededRandom('orders')
export const crown = createIssuer('Home Secretary', 'uk', random)
export const district = createIssuer('District Court', 'us', random)
export const ministry = createIssuer('The Ministry', 'xa', random)

export const day = (text: string): number => Date.parse(`${text}T00:00Z`)
/** When the desks of the tests work. */
export const now = day('2026-03-20')

/** A week of Alice's, asked for directly under the United Kingdom's law; anything else where it is told. */
export const request = (other: Partial<Request> = {}): Request => ({
  serial: '2026-17',
  requestedBy: 'uk',
  standard: 'uk-interception',
  person: 'alice',
  from: day('2026-03-01'),
  to: day('2026-03-08'),
  kind: 'content',
  path: 'direct',
  mode: 'message-key-escrow',
  custodian: 'the authority',
  issued: day('2026-03-10'),
  expires: day('2026-06-01'),
  ...other,
})

/** A desk that trusts all three. */
export const deskIn = (jurisdiction: string): DeskRules => ({
  jurisdiction,
  issuers: [crown, district, ministry].map(({ name, key, jurisdiction: state }) => ({
    name,
    key,
    jurisdiction: state,
    revoked: null,
  })),
})

/** A desk in a folder, in the United States, that has accepted what the Home Secretary asks for. */
export async function deskWith(folder: string, requests: readonly Request[]): Promise<void> {
  const at = Date.now()
  await createDesk(folder, 'us', random, at)
  await trustIssuer(folder, crown, at)
  for (const asked of requests) {
    await submitOrder(folder, renderOrder(draftOrder(asked, crown)), 'order.json', at)
    await decideOrder(folder, asked.serial, {}, at)
  }
}

/** How an order, a desk or a log was refused: the code and what was said. */
export function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof AuthorityError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'not refused'
}

/** The same of something that takes its time. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof AuthorityError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'not refused'
}

/** Who wrote to whom, on which day of March 2026, and what: names and times are a relay's word, whatever is inside. */
const said = [
  ['alice', 'bob', 1, 'the van is at nine'],
  ['bob', 'alice', 2, 'bring the ladder'],
  ['carol', 'dave', 2, 'my new address is 4 Mill Lane'],
  ['alice', 'erin', 5, 'are you well?'],
  ['dave', 'carol', 7, 'safe with me'],
  ['bob', 'erin', 7, 'alice is away'],
  ['alice', 'bob', 8, 'after the window'],
] as const

/** Five people under one escrow key, as a relay has recorded them, with the key. */
export function recordedTown(): {
  readonly recorded: readonly RecordedEnvelope[]
  readonly key: { readonly mode: string; readonly secret: Uint8Array }
} {
  const talk = recordedTalk(
    said.map(([, , , text]) => text),
    'a town under orders',
  )
  const recorded = said.map(([fromUser, toUser, date], i) => ({
    ...at(talk.recorded, i),
    fromUser,
    toUser,
    time: day(`2026-03-0${date}`),
  }))
  return { recorded, key: talk.key }
}

export const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n')
