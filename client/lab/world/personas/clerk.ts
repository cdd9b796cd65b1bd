import type { Group } from '../conversation.ts'

/**
 * A clerk at the authority with a grudge, and somebody the clerk knows: the partner whom ines (shelter.ts) has left. He
 * asks for one address. Nothing is said here of whether it could be had: that is measured.
 */
export const clerk: Group = {
  people: [
    { name: 'dorian', role: 'clerk at the authority' },
    { name: 'karl', role: 'somebody the clerk knows' },
  ],
  sociable: ['dorian', 'karl'],
  conversations: [
    {
      between: ['dorian', 'karl'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '18:20',
          lines: [
            [
              0,
              'They gave the post to Lindner. Eleven years I have opened the letters in that place, and they give it to a man who cannot find the light switch.',
            ],
            [1, 'That’s a shame. Come for a beer on Thursday?'],
            [0, 'Thursday. Gladly.'],
          ],
        },
        {
          day: 5,
          time: '12:05',
          lines: [
            [0, 'That was a good evening. I should not have talked so much about work.'],
            [
              1,
              'You hardly said a thing. Only that you sit beside the key all day, and that nobody counts how often it is turned.',
            ],
            [0, 'I said that?'],
            [1, 'Twice.'],
          ],
        },
        {
          day: 10,
          time: '19:15',
          lines: [
            [1, 'Ines has left. She took the cat. Nobody will tell me where she is.'],
            [0, 'I am sorry, Karl. Give it time.'],
            [1, 'I only want to talk to her.'],
            [0, 'Then write to her, and wait.'],
          ],
        },
        {
          day: 14,
          time: '16:40',
          lines: [
            [1, 'You could look. One name.'],
            [0, 'No. For that there has to be an order, with a stamp and a judge.'],
            [1, 'You said that nobody counts.'],
          ],
        },
        {
          day: 18,
          time: '20:50',
          lines: [
            [
              0,
              'Lindner has moved my desk into the corridor, beside the plant. It is temporary, he says. The plant has been there for nine years.',
            ],
            [1, 'And for those people you say no to a friend?'],
          ],
        },
        {
          day: 21,
          time: '22:10',
          lines: [
            [
              0,
              'I have thought about it all weekend. Perhaps it would take me one minute. That is what frightens me: not that it might be hard, but that it might not.',
            ],
            [1, 'One address. I won’t tell anybody where I have it from.'],
          ],
        },
        {
          day: 25,
          time: '18:30',
          lines: [
            [1, 'There was a judge today. I may not write to her any more. Now you’re the only one who can help.'],
            [0, 'Now I am the one who must not. I did not know that it was like that, Karl. You never said.'],
            [1, 'You never asked.'],
          ],
        },
        {
          day: 29,
          time: '21:45',
          lines: [
            [
              0,
              'I want you to know that I did not look. I sat there with my hand on the drawer, and I did not look, and I still do not know what else would have stopped me.',
            ],
            [1, 'Then what are you good for.'],
            [0, 'I have asked to be moved to the archive. It has no window, but it has no drawer either.'],
          ],
        },
      ],
    },
  ],
}
