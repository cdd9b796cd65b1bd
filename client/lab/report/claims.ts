export interface Claim {
  readonly row: number
  readonly who: string
  /** in few words; what stands between quotation marks was said so */
  readonly claim: string
}

const said: readonly (readonly [who: string, claim: string])[] = [
  [
    'open letter',
    'no end-to-end encryption “without including a means for lawful access to the content of communications”',
  ],
  ['open letter', 'content “in a readable and usable format”'],
  ['open letter', '“no reduction to user safety”'],
  ['open letter', '“we support strong encryption” for banking, commerce and communications'],
  ['open letter', 'without access to content, agencies cannot search for abuse and terrorism'],
  ['US, Aug 2018', 'a suspect’s voice conversation can be listened to'],
  ['UK-US agreement', 'demands go directly to companies instead of years through governments'],
  ['Privacy International', 'other countries step around the legal standard of the country that holds the data'],
  ['Zuckerberg', 'without content you fight “with at least a hand tied behind your back”'],
  ['Zuckerberg', 'predators can be found by patterns of activity, without content'],
  ['Zuckerberg', 'how adults can interact with minors can be limited'],
  ['EFF', '“nothing less than access to every conversation that crosses every digital device”'],
  ['EFF', 'journalists, activists and people at risk from a partner are ignored'],
  ['EFF', 'encryption keeps criminals and corporations from spying'],
  ['EFF', 'the same door opens for authoritarian governments'],
  ['open letter / EFF', 'criminals cannot, or can, move away'],
  ['Keys Under Doormats', 'escrow and forward secrecy do not go together'],
  ['Keys Under Doormats', 'who controls the keys, and in which countries?'],
  ['Levy and Robinson', 'exceptional access can keep to six principles'],
  ['Levy and Robinson', 'a ghost is no more intrusive than the “virtual crocodile clips” of wiretapping'],
  ['Comey', 'a “front door”, with due process'],
  ['NCMEC’s figures', 'reports fell after end-to-end encryption became the default'],
]

/** Whose sentences the experiments try. */
export const claims: readonly Claim[] = said.map(([who, claim], i) => ({ row: i + 1, who, claim }))

export const claimsOf = (rows: readonly number[]): readonly Claim[] => claims.filter(({ row }) => rows.includes(row))
