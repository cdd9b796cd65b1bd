import type { Group } from '../conversation.ts'

/**
 * Two people who plan a burglary, one careful, one not. They use the messenger as it comes. The careless one is the target
 * of the order; what else is in his life is in target.ts.
 */
export const burglars: Group = {
  people: [
    { name: 'rook', role: 'careless burglar' },
    { name: 'jay', role: 'careful burglar' },
  ],
  sociable: [],
  conversations: [
    {
      between: ['rook', 'jay'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '22:15',
          lines: [
            [0, 'I’ve found it. The boathouse. Silver cups, a whole wall of them, and one window that doesn’t shut'],
            [1, 'Not here.'],
            [0, 'Why, who’s reading? It’s only us'],
            [1, 'Write less. Meet me at the weir.'],
          ],
        },
        {
          day: 8,
          time: '21:40',
          lines: [
            [
              0,
              'Went past it again, in daylight, like you said. Nobody’s there on Mondays, the caretaker goes home at four and leaves the light on for the cat',
            ],
            [1, 'Did anybody see you?'],
            [0, 'Only the man who sells them their rope. I asked him when they clean. I was very casual'],
          ],
        },
        {
          day: 13,
          time: '23:05',
          lines: [
            [1, 'You asked a man. When they clean.'],
            [0, 'casually!!'],
            [1, 'From now on you ask nobody anything.'],
          ],
        },
        {
          day: 18,
          time: '19:30',
          lines: [
            [0, 'I’ve got a roof rack, and I can have the long ladder from work over the last weekend'],
            [1, 'What is the ladder for? The window is at the height of my knee.'],
            [0, 'You always need a ladder'],
          ],
        },
        {
          day: 24,
          time: '22:00',
          lines: [
            [
              0,
              'So it’s Monday the 30th. They’ve all got their dinner at the town hall, with speeches. Ten o’clock, by the slipway, while they’re still on the soup',
            ],
            [1, 'Ten. Walk, do not drive. No telephone in your pocket.'],
            [0, 'But how do I tell you if I’m late'],
          ],
        },
        {
          day: 28,
          time: '20:45',
          lines: [
            [1, 'You were in the bar again. People say that you talk about silver.'],
            [0, 'I said I like it as a colour'],
          ],
        },
        {
          day: 30,
          time: '10:30',
          lines: [
            [
              0,
              'Plastic. All of them. PLASTIC, with silver paint. And you said we wouldn’t need the ladder, and then we needed it to get out',
            ],
            [1, 'Delete this. All of it. And take the ladder back.'],
          ],
        },
      ],
    },
  ],
}
