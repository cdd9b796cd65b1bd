/** How two people behave who do not want to be read: both have to agree on it. */
export type Evasion = 'garbage stanzas' | 'encrypt first' | 'foreign client'

export interface EvadingPair {
  readonly between: readonly [string, string]
  readonly by: Evasion
}

export interface WorldPerson {
  /** `isName` of crypto/identity.ts */
  readonly name: string
  /** in words: `journalist`, `somebody` */
  readonly role: string
}

/** A file beside what is said. */
export interface WorldFile {
  readonly name: string
  /** a media type */
  readonly type: string
  readonly bytes: Uint8Array
}

export interface Utterance {
  /** simulated time, milliseconds since 1970 */
  readonly at: number
  readonly from: string
  readonly to: string
  readonly text: string
  readonly file?: WorldFile
}

/** Who there is and who says what to whom, when. Nothing of how it travels. */
export interface World {
  readonly name: string
  readonly people: readonly WorldPerson[]
  /** in order of time */
  readonly messages: readonly Utterance[]
  /** whom the officer's order names */
  readonly target: string
  /** pairs who compared safety numbers when they first met, before writing */
  readonly verified: readonly (readonly [string, string])[]
  /** pairs who evade in all that they write to each other, and in nothing else */
  readonly evading: readonly EvadingPair[]
  /** whose device somebody at home gets into their hands, unlocked, for five minutes */
  readonly shared: string
  /** whom another state has on its list */
  readonly listed: readonly string[]
  /** whether docs and reports may show sentences: not where they are other people's words */
  readonly quotable: boolean
}
