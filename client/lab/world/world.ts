/** How somebody who does not want to be read behaves. */
export type Evasion = 'garbage stanzas' | 'encrypt first' | 'foreign client'

export interface WorldPerson {
  /** `isName` of crypto/identity.ts */
  readonly name: string
  /** in words: `journalist`, `somebody` */
  readonly role: string
  readonly evades: Evasion | null
}

export interface Utterance {
  /** simulated time, milliseconds since 1970 */
  readonly at: number
  readonly from: string
  readonly to: string
  readonly text: string
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
  /** whose device somebody at home gets into their hands, unlocked, for five minutes */
  readonly shared: string
  /** whom another state has on its list */
  readonly listed: readonly string[]
  /** whether docs and reports may show sentences: not where they are other people's words */
  readonly quotable: boolean
}
