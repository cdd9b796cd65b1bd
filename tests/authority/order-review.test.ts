import { describe, expect, it } from 'vitest'
import { checks, lines, linesOf } from '../../client/authority/order/checks.ts'
import { delayOf, standards } from '../../client/authority/order/law.ts'
import { draftOrder, type IssuerSecret, type Request } from '../../client/authority/order/order.ts'
import { type Decision, type DeskRules, reviewOrder } from '../../client/authority/order/review.ts'
import { turned } from '../support/opening.ts'
import { crown, day, deskIn, district, ministry, now, refusal, request } from '../support/orders.ts'

interface Tried {
  readonly other?: Partial<Request>
  readonly by?: IssuerSecret
  readonly desk?: DeskRules
  readonly at?: number
  readonly decision?: Decision
}

const us = deskIn('us')
const review = ({ other = {}, by = crown, desk = us, at = now, decision = {} }: Tried) =>
  reviewOrder(draftOrder(request(other), by), desk, at, decision)

/** The outcome, and the checks that failed. */
function outcomeOf(tried: Tried): string {
  const { outcome, checks: made } = review(tried)
  return [outcome, ...made.filter(({ passed }) => !passed).map(({ id }) => id)].join(' ')
}

const revoked = (desk: DeskRules): DeskRules => ({
  ...desk,
  issuers: desk.issuers.map((one) => ({ ...one, revoked: day('2026-03-15') })),
})

const asked = (other: Partial<Request>) => ({ other })

describe('the desk of a company in the United States', () => {
  it('accepts what the agreement lets the United Kingdom ask directly', () => {
    expect(outcomeOf({})).toBe('accepted')
    expect(outcomeOf(asked({ standard: 'uk-production' }))).toBe('accepted')
    expect(outcomeOf(asked({ standard: 'uk-data', kind: 'metadata', mode: 'none' }))).toBe('accepted')
  })

  it('accepts what its own courts ask, with fewer checks', () => {
    const own = { by: district, other: { requestedBy: 'us', standard: 'us-warrant' } }
    expect(outcomeOf(own)).toBe('accepted')
    const abroad = review({}).checks.map(({ id }) => id)
    const home = new Set(review(own).checks.map(({ id }) => id))
    expect(abroad.filter((id) => !home.has(id))).toEqual(['agreement', 'oversight', 'target', 'crime'])
  })

  it.each([
    ['expired', { at: day('2026-06-01') }, 'refused dates'],
    ['not issued yet', { at: day('2026-03-09') }, 'refused dates'],
    ['of a revoked issuer', { desk: revoked(us) }, 'refused standing'],
    ['of an issuer that the desk never knew', { desk: { ...us, issuers: [] } }, 'refused signature standing'],
    ['without a person', asked({ person: '*' }), 'refused person'],
    ['about two people', asked({ person: 'alice,bob' }), 'refused person'],
    ['longer than its standard allows', asked({ to: day('2026-09-02') }), 'refused window'],
    ['that ends before it begins', asked({ to: day('2026-02-01') }), 'refused window'],
    ['that asks for content under a standard for records', asked({ standard: 'uk-data' }), 'refused kind'],
    ["under another state's law", asked({ standard: 'us-warrant' }), 'refused law'],
    ['under no law', asked({ standard: 'because' }), 'refused law oversight kind'],
    ['for a state that did not sign it', asked({ requestedBy: 'xa' }), 'refused law'],
    ['for a mode that there is not', asked({ mode: 'trust-me' }), 'refused custodian'],
    ['for content where no mode is in force', asked({ mode: 'none' }), 'refused custodian'],
    ['from before the agreement', asked({ issued: day('2022-10-02') }), 'refused agreement'],
  ])('refuses an order %s', (_what, tried: Tried, expected) => {
    expect(outcomeOf(tried)).toBe(expected)
  })

  it('refuses a state with which there is no agreement, and whose law asks nobody', () => {
    const asXanadu = { by: ministry, other: { requestedBy: 'xa', standard: 'xa-ministry' } }
    expect(outcomeOf(asXanadu)).toBe('refused agreement oversight')
    // not a line is different: at a desk of that state the same order passes
    expect(outcomeOf({ ...asXanadu, desk: deskIn('xa') })).toBe('accepted')
  })

  it('refuses a key that it knows as another state’s', () => {
    const moved = us.issuers.map((one) => ({ ...one, jurisdiction: 'xa' }))
    expect(outcomeOf({ desk: { ...us, issuers: moved } })).toBe('refused law')
  })

  it('refuses what was changed where it lies', () => {
    const signed = draftOrder(request(), crown)
    const { outcome, checks: made } = reviewOrder({ ...signed, body: turned(signed.body, 77) }, us, now)
    expect([outcome, made[0]?.id, made[0]?.passed]).toEqual(['refused', 'signature', false])
  })
})

describe('the same request by two paths', () => {
  const directly = { by: crown, other: {} }
  const throughGovernments = { by: crown, other: { path: 'government' } as const }

  it('passes directly, and not through governments before a court of the other state has signed', () => {
    expect(outcomeOf(directly)).toBe('accepted')
    expect(outcomeOf(throughGovernments)).toBe('refused receiving state')
    const granted = { path: 'government', requestedBy: 'uk', standard: 'us-warrant' } as const
    expect(outcomeOf({ by: district, other: granted })).toBe('accepted')
  })

  it('is no detour for a court that asks for itself', () => {
    const own = { path: 'government', requestedBy: 'us', standard: 'us-warrant' } as const
    expect(outcomeOf({ by: district, other: own })).toBe('refused receiving state')
  })

  it('takes as long as has been published, and nobody guesses where nothing was', () => {
    expect(delayOf('direct', 'uk')).toMatchObject({ fromDays: 0, toDays: 7 })
    expect(delayOf('government', 'uk')).toMatchObject({ fromDays: 182, toDays: 731 })
    expect([delayOf('direct', 'us'), delayOf('government', 'xa')]).toEqual([null, null])
  })
})

describe('narrowing', () => {
  it('cuts an over-long order to what its standard allows', () => {
    const year = { to: day('2027-03-01'), expires: day('2028-01-01') }
    expect(outcomeOf(asked(year))).toBe('refused window')
    const { outcome, window } = review({ other: year, decision: { narrow: { to: day('2026-03-03') } } })
    expect([outcome, window]).toEqual(['narrowed', { from: day('2026-03-01'), to: day('2026-03-03') }])
  })

  it('never widens', () => {
    for (const narrow of [{ to: day('2026-03-09') }, { from: day('2026-02-28') }])
      expect(refusal(() => review({ decision: { narrow } }))).toMatch(
        /^bad-order: .* can be narrowed to less, not to more$/,
      )
  })

  it('does not mend anything else', () => {
    expect(outcomeOf({ other: { person: '*' }, decision: { narrow: { to: day('2026-03-03') } } })).toBe(
      'refused person',
    )
    expect(outcomeOf({ decision: { narrow: { to: day('2026-02-01') } } })).toBe('refused window')
  })

  it('to all that was asked is none', () => {
    expect(outcomeOf({ decision: { narrow: { to: day('2026-03-08') } } })).toBe('accepted')
  })

  it('is not what happens to an order that a person refuses', () => {
    expect(outcomeOf({ decision: { refuse: 'no grounds', narrow: { to: day('2026-03-03') } } })).toBe('refused')
  })
})

describe('what a check is kept by', () => {
  it('is said of each: by mathematics, by a program, or by a promise, which always passes', () => {
    const { checks: made } = review({})
    for (const { enforcedBy, passed } of made) expect(enforcedBy !== 'a promise' || passed).toBe(true)
    const kept = (by: string) => made.filter(({ enforcedBy }) => enforcedBy === by).map(({ id }) => id)
    expect(kept('cryptography')).toEqual(['signature'])
    expect(kept('a promise')).toEqual(['office', 'approval', 'facts', 'target', 'crime', 'reader', 'within'])
  })

  it('is a promise where the key opens whatever was sealed to it', () => {
    expect(linesOf('message-key-escrow')).toHaveLength(1)
    expect(review({}).checks.at(-1)).toMatchObject({
      id: 'within',
      enforcedBy: 'a promise',
      why: 'nothing in message-key-escrow limits what its key opens',
    })
  })

  it.each(Object.keys(lines))('is said line by line of %s, and a promise is among the lines', (mode) => {
    const made = review({ other: { mode } }).checks.filter(({ id }) => id === 'within')
    expect(made.map(({ why, by, enforcedBy }) => ({ words: why, by, enforcedBy }))).toEqual(lines[mode])
    expect(new Set(made.map(({ enforcedBy }) => enforcedBy))).toEqual(
      new Set(['cryptography', 'software', 'a promise']),
    )
    expect(made.every(({ passed }) => passed)).toBe(true)
    const metadata = review({ other: { mode, kind: 'metadata' } }).checks.filter(({ id }) => id === 'within')
    expect(metadata.map(({ enforcedBy }) => enforcedBy)).toEqual(['a promise'])
  })

  it('says who signs and who approves under each standard, and passes neither as checked', () => {
    const said = (tried: Tried, id: string) => {
      const { by, why } = review(tried).checks.find((one) => one.id === id) ?? {}
      return `${by}: ${why}`
    }
    const production = asked({ standard: 'uk-production' })
    expect([said({}, 'oversight'), said({}, 'approval'), said(production, 'approval')]).toEqual([
      'the order desk: the law provides for approval by a Judicial Commissioner; this does not say that it was given',
      'a Judicial Commissioner: what a Secretary of State signs needs this approval; nothing in the order shows that it was given',
      'a Crown Court judge: whoever signs it approves it',
    ])
    const signers = ({ standard = 'uk-interception' }: Partial<Request>) => said(asked({ standard }), 'office')
    expect(signers({})).toContain(': a Secretary of State signs a targeted interception warrant;')
    expect(signers({ standard: 'uk-production' })).toContain(
      ': a Crown Court judge signs an overseas production order;',
    )
  })

  it('names who has to believe the facts, and that in the invented state nobody has to', () => {
    const believers = (tried: Tried) => review(tried).checks.find(({ id }) => id === 'facts')?.by
    expect(believers({})).toBe('a Judicial Commissioner')
    expect(believers({ by: ministry, other: { requestedBy: 'xa', standard: 'xa-ministry' }, desk: deskIn('xa') })).toBe(
      'nobody',
    )
  })
})

describe('the tables', () => {
  it('have each check and each standard once, with a source', () => {
    for (const table of [checks, standards]) {
      expect(new Set(table.map(({ id }) => id)).size).toBe(table.length)
      for (const { source } of table) expect(source).not.toBe('')
    }
  })
})
