/*
 * The law, as far as the order desk goes by it: small tables that a reader can see and dispute. docs/orders.md shows them
 * with their sources, and a test holds page and tables together.
 */

/** How an order comes to the company: from those who made it, or by way of the state that holds the data. */
export type Path = 'direct' | 'government'
/** What was said; or only who wrote to whom, when, and how much. */
export type Kind = 'content' | 'metadata'
/** What keeps a rule: mathematics; a program that its owner can change; or somebody's word. */
export type EnforcedBy = 'cryptography' | 'software' | 'a promise'

export interface Jurisdiction {
  readonly id: string
  readonly name: string
}

export const jurisdictions: readonly Jurisdiction[] = [
  { id: 'us', name: 'the United States' },
  { id: 'uk', name: 'the United Kingdom' },
  { id: 'xa', name: 'Xanadu, an invented state' },
]

/** What has to be shown for an order, and to whom. */
export interface Standard {
  readonly id: string
  readonly jurisdiction: string
  readonly title: string
  /** what has to be shown */
  readonly test: string
  /** whose signature makes it an order */
  readonly signedBy: string
  /** who finds that it has been shown, and is independent of who asks: the signer, or somebody else; null where nobody has to */
  readonly approvedBy: string | null
  readonly kinds: readonly Kind[]
  /** null where the law names no longest time */
  readonly longestWindowDays: number | null
  readonly source: string
}

export const standards: readonly Standard[] = [
  {
    id: 'us-warrant',
    jurisdiction: 'us',
    title: 'warrant for stored content',
    test: 'probable cause',
    signedBy: 'a judge',
    approvedBy: 'a judge',
    kinds: ['content', 'metadata'],
    longestWindowDays: null,
    source: '18 USC 2703(a) to (c); Federal Rules of Criminal Procedure, rule 41',
  },
  {
    id: 'us-2703d',
    jurisdiction: 'us',
    title: 'court order for records',
    test: 'specific and articulable facts that give reasonable grounds to believe that the records are relevant and material',
    signedBy: 'a judge',
    approvedBy: 'a judge',
    kinds: ['metadata'],
    longestWindowDays: null,
    source: '18 USC 2703(c), (d)',
  },
  {
    id: 'us-wiretap',
    jurisdiction: 'us',
    title: 'interception order',
    test: 'probable cause, and other ways have failed or are unlikely to succeed',
    signedBy: 'a judge',
    approvedBy: 'a judge',
    kinds: ['content', 'metadata'],
    longestWindowDays: 30,
    source: '18 USC 2518(3), (5)',
  },
  {
    id: 'uk-interception',
    jurisdiction: 'uk',
    title: 'targeted interception warrant',
    test: 'necessary on one of the grounds in the Act, and proportionate',
    signedBy: 'a Secretary of State',
    approvedBy: 'a Judicial Commissioner',
    kinds: ['content', 'metadata'],
    longestWindowDays: 184,
    source: 'Investigatory Powers Act 2016, sections 19, 20, 23 and 32',
  },
  {
    id: 'uk-production',
    jurisdiction: 'uk',
    title: 'overseas production order',
    test: 'reasonable grounds to believe that an indictable offence was committed and that the data are of substantial value',
    signedBy: 'a Crown Court judge',
    approvedBy: 'a Crown Court judge',
    kinds: ['content'],
    longestWindowDays: null,
    source: 'Crime (Overseas Production Orders) Act 2019, sections 1, 3 and 4',
  },
  {
    id: 'uk-data',
    jurisdiction: 'uk',
    title: 'communications data authorisation',
    test: 'lawful, necessary and proportionate',
    signedBy: 'the Office for Communications Data Authorisations',
    approvedBy: 'the Office for Communications Data Authorisations',
    kinds: ['metadata'],
    longestWindowDays: null,
    source: 'Investigatory Powers Act 2016, part 3',
  },
  {
    id: 'xa-ministry',
    jurisdiction: 'xa',
    title: 'order of the ministry',
    test: 'the ministry asks',
    signedBy: 'the ministry',
    approvedBy: null,
    kinds: ['content', 'metadata'],
    longestWindowDays: null,
    source: 'invented',
  },
]

/** Two states that let each other's orders go directly to companies. */
export interface Agreement {
  readonly title: string
  readonly parties: readonly [string, string]
  readonly inForce: string
  readonly source: string
}

export const agreements: readonly Agreement[] = [
  {
    title: 'Agreement on Access to Electronic Data for the Purpose of Countering Serious Crime',
    parties: ['uk', 'us'],
    inForce: '2022-10-03',
    source: '18 USC 2523; text of 3 October 2019; US Department of Justice, 3 October 2022',
  },
]

/** What has been published of how long a path takes. */
export interface Delay {
  readonly path: Path
  /** the state that asks, of the other party to the agreement */
  readonly requestedBy: string
  readonly fromDays: number
  readonly toDays: number
  readonly words: string
  readonly source: string
}

/** Where a path is not here, no figure has been found. */
export const delays: readonly Delay[] = [
  {
    path: 'direct',
    requestedBy: 'uk',
    fromDays: 0,
    toDays: 7,
    words:
      'an overseas production order is to be met within 7 days of being served, unless the judge sets another time',
    source: 'Crime (Overseas Production Orders) Act 2019, section 5',
  },
  {
    path: 'government',
    requestedBy: 'uk',
    fromDays: 182,
    toDays: 731,
    words: 'six months to two years',
    source: 'Home Office, 3 October 2019',
  },
]

export const jurisdictionCalled = (id: string): Jurisdiction | null =>
  jurisdictions.find((one) => one.id === id) ?? null
export const standardCalled = (id: string): Standard | null => standards.find((one) => one.id === id) ?? null

/** The agreement between two states that was in force at a time, in milliseconds since 1970. */
export const agreementBetween = (a: string, b: string, time: number): Agreement | null =>
  agreements.find(
    ({ parties, inForce }) => parties.includes(a) && parties.includes(b) && Date.parse(inForce) <= time,
  ) ?? null

/** The published range for orders of a state on a path, with its source; null where no figure has been published. */
export const delayOf = (path: Path, requestedBy: string): Delay | null =>
  delays.find((one) => one.path === path && one.requestedBy === requestedBy) ?? null
