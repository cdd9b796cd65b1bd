import type { EnforcedBy, Path } from './law.ts'

/** What stands between an order and what it asks for. */
export interface Check {
  readonly id: string
  /** what is so when it holds */
  readonly words: string
  readonly by: string
  readonly paths: readonly Path[]
  /** only where the issuer is of another state than the data */
  readonly abroad?: true
  readonly enforcedBy: EnforcedBy
  readonly source: string
}

const both: readonly Path[] = ['direct', 'government']
const desk = "the desk's program"
const thisProgram = 'this program'

/** In the order in which they are made. docs/orders.md shows them, and a test holds page and table together. */
export const checks = [
  {
    id: 'signature',
    words: 'An issuer that the desk knows has signed it, and nothing was changed since',
    by: desk,
    paths: both,
    enforcedBy: 'cryptography',
    source: thisProgram,
  },
  {
    id: 'standing',
    words: 'Nobody has told the desk that the issuer is revoked',
    by: desk,
    paths: both,
    enforcedBy: 'software',
    source: thisProgram,
  },
  {
    id: 'dates',
    words: 'It has been issued, and has not expired',
    by: desk,
    paths: both,
    enforcedBy: 'software',
    source: thisProgram,
  },
  {
    id: 'law',
    words:
      "The issuer speaks for its own state, which is the one that asks if it comes directly, under a standard of that state's law",
    by: desk,
    paths: both,
    enforcedBy: 'software',
    source: '18 USC 2523(b)(4)(D)',
  },
  {
    id: 'agreement',
    words: 'The state of the issuer and the state that holds the data had an agreement in force when it was issued',
    by: desk,
    paths: ['direct'],
    abroad: true,
    enforcedBy: 'software',
    source: '18 USC 2523(b)',
  },
  {
    id: 'oversight',
    words: 'Its standard provides for a court, judge, magistrate or other independent authority',
    by: desk,
    paths: ['direct'],
    abroad: true,
    enforcedBy: 'software',
    source: '18 USC 2523(b)(4)(D)',
  },
  {
    id: 'receiving state',
    words: 'The state that holds the data has signed it, under its own law, for another that asks',
    by: "that state's central authority and court",
    paths: ['government'],
    enforcedBy: 'cryptography',
    source: '18 USC 3512',
  },
  {
    id: 'kind',
    words: 'Its standard gives what it asks for: content, or metadata',
    by: desk,
    paths: both,
    enforcedBy: 'software',
    source: 'the standard',
  },
  {
    id: 'person',
    words: 'It names one person',
    by: desk,
    paths: both,
    enforcedBy: 'software',
    source: '18 USC 2523(b)(4)(D)',
  },
  {
    id: 'window',
    words: 'It has a beginning and an end, no further apart than its standard allows',
    by: desk,
    paths: both,
    enforcedBy: 'software',
    source: 'the standard',
  },
  {
    id: 'custodian',
    words: 'It is addressed to a custodian of a mode that there is',
    by: desk,
    paths: both,
    enforcedBy: 'software',
    source: thisProgram,
  },
  {
    id: 'facts',
    words: 'The facts that were shown reach the standard',
    by: 'whoever approves it under the standard',
    paths: both,
    enforcedBy: 'a promise',
    source: 'the standard',
  },
  {
    id: 'target',
    words: 'The person is not one whom the agreement keeps from the other side',
    by: "the issuing state's designated authority",
    paths: ['direct'],
    abroad: true,
    enforcedBy: 'a promise',
    source: 'UK-US agreement, article 4; 18 USC 2523(b)(4)(A)',
  },
  {
    id: 'crime',
    words: 'The crime is a serious one: its longest sentence is three years or more',
    by: "the issuing state's designated authority",
    paths: ['direct'],
    abroad: true,
    enforcedBy: 'a promise',
    source: 'UK-US agreement, article 1',
  },
  {
    id: 'reader',
    words: 'Somebody at the company has read it, and could have objected',
    by: 'the company',
    paths: both,
    enforcedBy: 'a promise',
    source: 'UK-US agreement, article 5',
  },
  {
    id: 'within',
    words: 'The key is used for what the order names, and for nothing else',
    by: 'whoever holds the key',
    paths: both,
    enforcedBy: 'a promise',
    source: 'docs/access-modes.md',
  },
] as const satisfies readonly Check[]

export type CheckId = (typeof checks)[number]['id']

/** Modes in which something else than a promise keeps the last check: that the key opens only what the order names. */
const lines: Readonly<Record<string, EnforcedBy>> = {}

/** What keeps whoever holds the key to the order, under a mode. */
export const lineOf = (modeId: string): EnforcedBy => lines[modeId] ?? 'a promise'
