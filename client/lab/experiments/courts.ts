import type { Random } from '../../../crypto/random.ts'
import { createDesk, trustIssuer } from '../../authority/order/desk-setup.ts'
import { createIssuer } from '../../authority/order/issuer.ts'
import type { IssuerSecret, Request } from '../../authority/order/order.ts'
import { temporaryFolder } from '../../node/temporary.ts'
import type { Played } from '../simulation/played.ts'

/** Those who sign orders in the experiments: in each state, whoever its law has sign that kind of order. */
export interface Courts {
  /** interception warrants */
  readonly uk: IssuerSecret
  /** overseas production orders */
  readonly ukCourt: IssuerSecret
  /** communications data authorisations */
  readonly ukData: IssuerSecret
  readonly us: IssuerSecret
  readonly xa: IssuerSecret
}

export const courtsOf = (random: Random): Courts => ({
  uk: createIssuer('a Secretary of State', 'uk', random),
  us: createIssuer('a District Court', 'us', random),
  xa: createIssuer('the ministry', 'xa', random),
  ukCourt: createIssuer('the Crown Court', 'uk', random),
  ukData: createIssuer('the Office for Communications Data Authorisations', 'uk', random),
})

export const dayMs = 86_400_000

/** When everything that an order is about has passed, and somebody asks for it. */
export const askedAt = ({ timetable }: Played): number => timetable.off

/** The target's messages while the mode was on, asked for directly under the United Kingdom's law; else where told. */
export const requestIn = (played: Played, serial: string, other: Partial<Request> = {}): Request => ({
  serial,
  requestedBy: 'uk',
  standard: 'uk-interception',
  person: played.world.target,
  from: played.timetable.on,
  to: played.timetable.off,
  kind: 'content',
  path: 'direct',
  mode: played.mode.id,
  custodian: played.holdings.authority[0]?.secrets[0]?.holder ?? 'the operator',
  issued: askedAt(played),
  expires: askedAt(played) + 90 * dayMs,
  ...other,
})

/** The same, by way of the state that holds the data. */
export const throughGovernments: Partial<Request> = { path: 'government', requestedBy: 'uk' }

/**
 * A desk in a folder of its own, which is removed afterwards.
 * @param now milliseconds since 1970, as all times at the desk
 */
export async function atDesk<T>(
  jurisdiction: string,
  trusted: readonly IssuerSecret[],
  random: Random,
  now: number,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const { path, remove } = temporaryFolder()
  try {
    await createDesk(path, jurisdiction, random, now)
    for (const issuer of trusted) await trustIssuer(path, issuer, now)
    return await work(path)
  } finally {
    remove()
  }
}
