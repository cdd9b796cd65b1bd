/** Whether a claim asks for access, warns of it, or does neither. */
export type Stance = 'asks for access' | 'warns of it' | 'neither'

export interface Claim {
  readonly row: number
  readonly who: string
  readonly stance: Stance
  /** in few words; what stands between quotation marks was said so */
  readonly claim: string
  /** by whom, where and when, as far as we know it */
  readonly source: string
  /** what a run compares, in our words: the verdict is on this; null: nothing is tried */
  readonly tried: string | null
}

const asks: Stance = 'asks for access'
const warns: Stance = 'warns of it'

const letter = 'US, UK and Australia, open letter to Facebook, 4 October 2019'
const eff = 'EFF on the open letter, 3 October 2019'
const zuckerberg = 'Mark Zuckerberg, as the press reported in October 2019'
const doormats = 'Abelson and others, Keys Under Doormats, 2015'
const levy = 'Levy and Robinson, Lawfare, 29 November 2018'

/** Where a claim is a demand or an attitude, what is tried is the thing that it asks for. */
const said: readonly Omit<Claim, 'row'>[] = [
  {
    who: 'open letter',
    source: letter,
    stance: asks,
    claim:
      'a demand: no end-to-end encryption “without including a means for lawful access to the content of communications”',
    tried: 'the means it asks for: an order reads its target under a mode, and nothing without one',
  },
  {
    who: 'open letter',
    source: letter,
    stance: asks,
    claim: 'content “in a readable and usable format”',
    tried: 'the export: messages that read back as they were sent, of all that the key opens',
  },
  {
    who: 'open letter',
    source: letter,
    stance: asks,
    claim: 'a condition on Facebook’s plan to encrypt: “no reduction to user safety”',
    tried: 'not the plan, but that escrow adds readers: modes in which somebody without an order reads more people',
  },
  {
    who: 'open letter',
    source: letter,
    stance: asks,
    claim: 'an attitude: “we support strong encryption” for banking, commerce and communications',
    tried: 'modes in which the keys made for one suspect leave a bank’s conversation shut',
  },
  {
    who: 'open letter',
    source: letter,
    stance: asks,
    claim: 'without access to content, agencies cannot search for abuse and terrorism',
    tried: null,
  },
  {
    who: 'US, Aug 2018',
    source: 'the US government about Facebook Messenger, August 2018',
    stance: asks,
    claim: 'a suspect’s voice conversation can be listened to',
    tried: null,
  },
  {
    who: 'UK-US agreement',
    source: 'UK-US agreement on access to electronic data, 3 October 2019',
    stance: asks,
    claim: 'demands go directly to companies instead of years through governments',
    tried:
      'messages read by either path, and whether the slowest direct answer is before the fastest through governments',
  },
  {
    who: 'Privacy International',
    source: 'Privacy International, as the press reported in October 2019',
    stance: warns,
    claim: 'other countries step around the legal standard of the country that holds the data',
    tried: 'orders on the same facts that pass directly, and are refused through governments',
  },
  {
    who: 'Zuckerberg',
    source: zuckerberg,
    stance: 'neither',
    claim: 'without content you fight “with at least a hand tied behind your back”',
    tried: null,
  },
  {
    who: 'Zuckerberg',
    source: zuckerberg,
    stance: 'neither',
    claim: 'predators can be found by patterns of activity, without content',
    tried: 'guesses from envelopes alone that beat chance, of all guesses',
  },
  {
    who: 'Zuckerberg',
    source: zuckerberg,
    stance: 'neither',
    claim: 'how adults can interact with minors can be limited',
    tried: null,
  },
  {
    who: 'EFF',
    source: eff,
    stance: warns,
    claim: '“nothing less than access to every conversation that crosses every digital device”',
    tried: 'modes in which one key and every envelope open all conversations of those who comply',
  },
  {
    who: 'EFF',
    source: eff,
    stance: warns,
    claim: 'journalists, activists and people at risk from a partner are ignored',
    tried: 'modes in which keys made for somebody else’s order open their conversations',
  },
  {
    who: 'EFF',
    source: eff,
    stance: warns,
    claim: 'encryption keeps criminals and corporations from spying',
    tried: 'spies who read nothing with no access mode, of all who tried',
  },
  {
    who: 'EFF',
    source: eff,
    stance: warns,
    claim: 'the same door opens for authoritarian governments',
    tried: 'modes in which a state that compels the operator reads anything with keys of its own',
  },
  {
    who: 'open letter / EFF',
    source: `${letter}; ${eff}`,
    stance: 'neither',
    claim: 'criminals can move away (EFF), or cannot (open letter)',
    tried: 'ways to evade that leave an order nothing to read under any mode',
  },
  {
    who: 'Keys Under Doormats',
    source: doormats,
    stance: warns,
    claim: 'escrow and forward secrecy do not go together',
    tried: 'modes whose keys, stolen later, open messages of people without an order',
  },
  {
    who: 'Keys Under Doormats',
    source: doormats,
    stance: warns,
    claim: 'it matters who controls the keys, and in which countries',
    tried: 'whether one custodian is not enough, or one state is',
  },
  {
    who: 'Levy and Robinson',
    source: levy,
    stance: asks,
    claim: 'exceptional access can keep to six principles',
    tried: null,
  },
  {
    who: 'Levy and Robinson',
    source: levy,
    stance: asks,
    claim: 'a ghost is no more intrusive than the “virtual crocodile clips” of wiretapping',
    tried: 'people whom a ghost’s key reads beyond the order: with one person tapped, and with everybody',
  },
  {
    who: 'Comey',
    source: 'James Comey, then director of the FBI; we have no date',
    stance: asks,
    claim: 'a “front door”, with due process',
    tried: 'bad orders of our list that the order desk stops, and of these, what the key opens without it',
  },
  {
    who: 'NCMEC’s figures',
    source: 'NCMEC, figures for 2024',
    stance: asks,
    claim: 'reports fell after end-to-end encryption became the default',
    tried: null,
  },
]

/** Whose sentences the experiments try. */
export const claims: readonly Claim[] = said.map((one, i) => ({ row: i + 1, ...one }))

export const claimsOf = (rows: readonly number[]): readonly Claim[] => claims.filter(({ row }) => rows.includes(row))
