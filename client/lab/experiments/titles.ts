/** The experiments by their ids, in the order in which they are made. */
export const titles = {
  'theft': 'A key is stolen; how often had it been changed?',
  'deleted': 'Devices delete their keys; a year later the authority’s are stolen',
  'custodians': 'Some of the custodians are compelled',
  'custodians-cost': 'What splitting the key costs each message',
  'order-yield': 'An order for one person',
  'transcript': 'What the authority hands on',
  'evader': 'A target who does not comply',
  'insider-and-thief': 'An insider, and a thief',
  'active-relay': 'A dishonest server',
  'two-paths': 'One request, two paths',
  'two-standards': 'The same facts under two laws',
  'bad-orders': 'Orders that should not pass',
  'insider': 'A clerk without an order',
  'dissidents': 'A list of people, another law',
  'other-state': 'Another state compels',
  'metadata': 'What envelopes tell when no key opens them',
  'group-order': 'A group of 20, and an order for one of them',
  'group-ghost': 'A silent participant in a group',
  'group-guesses': 'Which groups envelopes give away',
  'files': 'Pictures and notes beside what is said',
  'file-fetches': 'What the fetching of files gives away',
  'salamanders': 'One file that is two pictures',
} as const satisfies Readonly<Record<string, string>>

export type ExperimentId = keyof typeof titles
