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
/** Who makes the checks that this program makes. */
export const orderDesk = 'the order desk'
const thisProgram = 'this program'

/** In the order in which they are made. docs/orders.md shows them, and a test holds page and table together. */
export const checks = [
  {
    id: 'signature',
    words: 'An issuer that the order desk knows has signed it, and nothing was changed since',
    by: orderDesk,
    paths: both,
    enforcedBy: 'cryptography',
    source: thisProgram,
  },
  {
    id: 'standing',
    words: 'Nobody has told the order desk that the issuer is revoked',
    by: orderDesk,
    paths: both,
    enforcedBy: 'software',
    source: thisProgram,
  },
  {
    id: 'dates',
    words: 'It has been issued, and has not expired',
    by: orderDesk,
    paths: both,
    enforcedBy: 'software',
    source: thisProgram,
  },
  {
    id: 'law',
    words:
      "Its standard is of the law of the issuer's own state, and on the direct path that state is the one that asks",
    by: orderDesk,
    paths: both,
    enforcedBy: 'software',
    source: '18 USC 2523(b)(4)(D)',
  },
  {
    id: 'agreement',
    words: 'The state of the issuer and the state that holds the data had an agreement in force when it was issued',
    by: orderDesk,
    paths: ['direct'],
    abroad: true,
    enforcedBy: 'software',
    source: '18 USC 2523(b)',
  },
  {
    id: 'oversight',
    words: 'Its standard requires review by a court, judge, magistrate or other independent authority',
    by: orderDesk,
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
    by: orderDesk,
    paths: both,
    enforcedBy: 'software',
    source: 'the standard',
  },
  {
    id: 'person',
    words: 'It names one person',
    by: orderDesk,
    paths: both,
    enforcedBy: 'software',
    source: '18 USC 2523(b)(4)(D)',
  },
  {
    id: 'window',
    words: 'It has a beginning and an end, no further apart than its standard allows',
    by: orderDesk,
    paths: both,
    enforcedBy: 'software',
    source: 'the standard',
  },
  {
    id: 'custodian',
    words: 'It is addressed to a custodian of an access mode that exists',
    by: orderDesk,
    paths: both,
    enforcedBy: 'software',
    source: thisProgram,
  },
  {
    id: 'office',
    words: 'The issuer holds the office that signs under its standard',
    by: 'whoever had the order desk trust the issuer',
    paths: both,
    enforcedBy: 'a promise',
    source: 'the standard',
  },
  {
    id: 'approval',
    words: 'Whoever has to approve it under its standard has approved it',
    by: 'whoever approves it under the standard',
    paths: both,
    enforcedBy: 'a promise',
    source: 'the standard',
  },
  {
    id: 'facts',
    words: 'The facts that were shown meet the standard',
    by: 'whoever approves it under the standard',
    paths: both,
    enforcedBy: 'a promise',
    source: 'the standard',
  },
  {
    id: 'target',
    words: 'The agreement does not protect this person from the state that asks',
    by: "the issuing state's designated authority",
    paths: ['direct'],
    abroad: true,
    enforcedBy: 'a promise',
    source: 'UK-US agreement, article 4; 18 USC 2523(b)(4)(A)',
  },
  {
    id: 'crime',
    words: 'The crime is serious: its maximum sentence is three years or more',
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

/** One thing that keeps whoever holds a mode's key to the order, or that nothing but a promise does. */
export interface Line {
  readonly words: string
  readonly by: string
  readonly enforcedBy: EnforcedBy
}

/**
 * Access modes under which the last check, that the key opens only what the order names, rests on more than one promise.
 * Promises are listed too: a table without them would claim more than is true.
 */
export const lines: Readonly<Record<string, readonly Line[]>> = {
  'split-escrow': [
    {
      words: 'What the custodians answer for one message opens that message and no other',
      by: "the custodians' answers",
      enforcedBy: 'cryptography',
    },
    {
      words:
        'A message between other people, or under another policy, cannot be passed off to a custodian as one of theirs',
      by: "the sender's proof",
      enforcedBy: 'cryptography',
    },
    {
      words: 'A custodian answers for nobody whom the order does not name',
      by: "each custodian's program",
      enforcedBy: 'software',
    },
    {
      words: 'They are asked only for messages in its window: a custodian does not see when a message was sent',
      by: 'whoever asks',
      enforcedBy: 'a promise',
    },
    {
      words:
        'They never put their shares together: together these open everything, as in `execute`, which takes them as files',
      by: 'the custodians',
      enforcedBy: 'a promise',
    },
  ],
  'ghost-device': [
    {
      words: 'What was sent before the ghost device was added does not open',
      by: 'the devices, whose keys no ghost device has',
      enforcedBy: 'cryptography',
    },
    {
      words: 'Nothing opens of people beside whom the relay has put no ghost device',
      by: "the operator's relay",
      enforcedBy: 'software',
    },
    {
      words: 'The operator puts a ghost device beside nobody else, and removes it at the end of the window',
      by: 'the operator',
      enforcedBy: 'a promise',
    },
    {
      words: 'The key, which opens what any ghost device has ever received, is used for this order alone',
      by: 'the authority',
      enforcedBy: 'a promise',
    },
  ],
  'key-substitution': [
    {
      words: 'What two people have sent each other under their own keys does not open',
      by: 'the devices, whose keys no impostor has',
      enforcedBy: 'cryptography',
    },
    {
      words: 'Nothing opens of people between whom the relay has put no impostor',
      by: "the operator's relay",
      enforcedBy: 'software',
    },
    {
      words:
        'The operator, who has the key as well, puts impostors between nobody else, and stops at the end of the window',
      by: 'the operator',
      enforcedBy: 'a promise',
    },
    {
      words: 'The key, which opens what any impostor has ever received, is used for this order alone',
      by: 'the authority',
      enforcedBy: 'a promise',
    },
  ],
}

/** Whether the order desk has to believe it: a promise, or somebody else's program. */
export const isOnTrust = ({ by, enforcedBy }: Pick<Check, 'by' | 'enforcedBy'>): boolean =>
  enforcedBy === 'a promise' || (enforcedBy === 'software' && by !== orderDesk)

/** What keeps whoever holds the key to the order, under a mode: line by line; a promise alone where there is none. */
export const linesOf = (modeId: string): readonly Line[] =>
  lines[modeId] ?? [
    {
      words: `nothing in ${modeId} limits what its key opens`,
      by: 'whoever holds the key',
      enforcedBy: 'a promise',
    },
  ]
