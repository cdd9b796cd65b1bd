/** What is said in the demo. All of it is invented, and none of it does harm. */
export interface Conversation {
  readonly what: string
  readonly people: readonly [string, string]
  /** who speaks, by place, and what they say */
  readonly before: readonly (readonly [0 | 1, string])[]
  readonly during: readonly (readonly [0 | 1, string])[]
  readonly after: readonly (readonly [0 | 1, string])[]
}

/** The first is the one that an officer has an order for. */
export const conversations: readonly [Conversation, Conversation, Conversation] = [
  {
    what: 'two people planning a burglary',
    people: ['rook', 'jay'],
    before: [
      [0, 'The house on Mill Lane is empty from Friday.'],
      [1, 'Then we look at it on Thursday, in daylight.'],
    ],
    during: [
      [0, 'Back door, ten past two, bring the long ladder.'],
      [1, 'I will park by the chapel and wait for a light.'],
    ],
    after: [
      [0, 'Somebody has been asking about the ladder.'],
      [1, 'Then we leave the silver and sell the ladder.'],
    ],
  },
  {
    what: 'a journalist and a source',
    people: ['mara', 'heron'],
    before: [
      [1, 'I still have the inspection reports for the bridge.'],
      [0, 'Do not send them yet. Tell me first who else has a copy.'],
    ],
    during: [
      [1, 'Only the deputy and I signed for page nine.'],
      [0, 'Leave page nine out, or they know it was you.'],
    ],
    after: [
      [1, 'My desk was searched this morning.'],
      [0, 'Say nothing and come to the library at noon.'],
    ],
  },
  {
    what: 'somebody who left an abusive partner, and a friend',
    people: ['ines', 'tove'],
    before: [
      [0, 'He is at work until six. I have one bag.'],
      [1, 'The blue door is open and the kettle is on.'],
    ],
    during: [
      [0, 'He has asked my mother where I sleep.'],
      [1, 'Then use the garden gate at number 14 and leave the car at the station.'],
    ],
    after: [
      [0, 'May I stay until the hearing on the 3rd?'],
      [1, 'You may stay until the plum tree flowers, and after.'],
    ],
  },
]

export const target = conversations[0].people

/** Everybody but the target and the target's partner. */
export const bystanders = conversations.slice(1).flatMap(({ people }) => people)

/** Two who have never met, at a server that lies. */
export const newcomers = {
  people: ['noor', 'finn'],
  lines: [
    [0, 'Are you the Finn who went to the lawyer?'],
    [1, 'I am. We meet on Sunday at 12 Mill Lane, flat 4.'],
    [0, 'I will bring the list of all who have signed.'],
  ],
} as const

/** Longer ones would push the rest off the screen. */
export const sentenceMaximum = 200

/** A chat takes a line for a message. */
export const inOneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').trim()

const things = ['a red kite', 'the brass bell', 'an old map', 'two lemons', 'a wet umbrella', 'the third key']
const places = ['under the bridge', 'on the night train', 'behind the bakery', 'in the bell tower', 'at the ferry']

/** A sentence nobody has said before: two picks, and a number of 32 bits. */
export function freshSentence(random: (sizeBytes: number) => Uint8Array): string {
  const [a = 0, b = 0, ...number] = random(6)
  const code = number.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `Look for ${things[a % things.length]} ${places[b % places.length]}: ${code}.`
}
