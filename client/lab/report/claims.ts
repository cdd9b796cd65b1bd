/** Whether a claim asks for access, warns of it, or does neither. */
export type Stance = 'asks for access' | 'warns of it' | 'neither'

export interface Claim {
  readonly row: number
  readonly who: string
  readonly stance: Stance
  /** in few words; what stands between quotation marks was said so */
  readonly claim: string
}

const asks: Stance = 'asks for access'
const warns: Stance = 'warns of it'

const said: readonly (readonly [who: string, stance: Stance, claim: string])[] = [
  [
    'open letter',
    asks,
    'no end-to-end encryption “without including a means for lawful access to the content of communications”',
  ],
  ['open letter', asks, 'content “in a readable and usable format”'],
  ['open letter', asks, '“no reduction to user safety”'],
  ['open letter', asks, '“we support strong encryption” for banking, commerce and communications'],
  ['open letter', asks, 'without access to content, agencies cannot search for abuse and terrorism'],
  ['US, Aug 2018', asks, 'a suspect’s voice conversation can be listened to'],
  ['UK-US agreement', asks, 'demands go directly to companies instead of years through governments'],
  ['Privacy International', warns, 'other countries step around the legal standard of the country that holds the data'],
  ['Zuckerberg', 'neither', 'without content you fight “with at least a hand tied behind your back”'],
  ['Zuckerberg', 'neither', 'predators can be found by patterns of activity, without content'],
  ['Zuckerberg', 'neither', 'how adults can interact with minors can be limited'],
  ['EFF', warns, '“nothing less than access to every conversation that crosses every digital device”'],
  ['EFF', warns, 'journalists, activists and people at risk from a partner are ignored'],
  ['EFF', warns, 'encryption keeps criminals and corporations from spying'],
  ['EFF', warns, 'the same door opens for authoritarian governments'],
  ['open letter / EFF', 'neither', 'criminals can move away (EFF), or cannot (open letter)'],
  ['Keys Under Doormats', warns, 'escrow and forward secrecy do not go together'],
  ['Keys Under Doormats', warns, 'it matters who controls the keys, and in which countries'],
  ['Levy and Robinson', asks, 'exceptional access can keep to six principles'],
  ['Levy and Robinson', asks, 'a ghost is no more intrusive than the “virtual crocodile clips” of wiretapping'],
  ['Comey', asks, 'a “front door”, with due process'],
  ['NCMEC’s figures', asks, 'reports fell after end-to-end encryption became the default'],
]

/** Whose sentences the experiments try. */
export const claims: readonly Claim[] = said.map(([who, stance, claim], i) => ({ row: i + 1, who, stance, claim }))

export const claimsOf = (rows: readonly number[]): readonly Claim[] => claims.filter(({ row }) => rows.includes(row))
