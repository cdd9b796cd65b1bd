import type { Group } from '../conversation.ts'

/** A journalist and a source. Nobody must be able to say who talked. */
export const press: Group = {
  people: [
    { name: 'mara', role: 'journalist' },
    { name: 'heron', role: "journalist's source" },
  ],
  sociable: [],
  conversations: [
    {
      between: ['mara', 'heron'],
      verified: true,
      scenes: [
        {
          day: 1,
          time: '21:14',
          lines: [
            [1, 'It is me. The words on your screen were the same as on mine, so I suppose I can stop whispering now.'],
            [0, 'They were. Write as you would speak, and take your time. Nobody is waiting with a deadline yet.'],
            [
              1,
              'Good, because this is not short. I inspect bridges for the county. Last autumn I wrote that eleven bolts on the old river bridge were rusted through. In January the file said that they had been replaced. On Friday I was under the bridge with a lamp. They have not been replaced. Somebody has painted them.',
            ],
            [0, 'Painted?'],
            [1, 'Grey. Quite neatly, I must say.'],
          ],
        },
        {
          day: 4,
          time: '12:31',
          lines: [
            [
              0,
              'Two questions. Who could know that you looked under the bridge on Friday? And is there a page that only you have seen?',
            ],
            [
              1,
              'The lamp is signed out in a book, so the man at the store knows. He is my friend, and deaf to gossip.\nPage nine of the report was seen by two people: the deputy and me.',
            ],
            [0, 'Then page nine stays out of the newspaper, or they will know that it was you.'],
            [1, 'But it is the best page!'],
            [0, 'It always is.'],
          ],
        },
        {
          day: 9,
          time: '20:05',
          lines: [
            [
              1,
              'They moved the files to the basement today. All of them, in one afternoon, on a trolley that squeaks. I have never seen anybody in that office hurry before.',
            ],
            [0, 'Did anybody ask you anything?'],
            [1, 'The deputy asked whether I like my work. I said that I like bridges.'],
            [
              0,
              'Do not copy anything else. What you have told me can be found in another way too, and I would rather find it there.',
            ],
          ],
        },
        {
          day: 13,
          time: '09:42',
          lines: [
            [
              0,
              'I went for a walk with an engineer who owes you nothing and does not know that you exist. She needed binoculars and four minutes. She counted nine, not eleven.',
            ],
            [1, 'Nine from the towpath. The other two can only be seen from a boat.'],
            [0, 'Then we hire a boat 🛶'],
          ],
        },
        {
          day: 17,
          time: '22:31',
          lines: [
            [1, 'My desk was searched over lunch. They were polite and put everything back in the wrong order.'],
            [0, 'Was there anything in it that I should know about?'],
            [
              1,
              'Peppermints. A drawing by my daughter. And the lamp book, which I had borrowed, but for that I have a reason.',
            ],
            [0, 'From now on I answer at odd hours. If you hear nothing for two days, that is on purpose.'],
          ],
        },
        {
          day: 22,
          time: '07:05',
          lines: [
            [
              0,
              'We sent the county forty questions this morning. Yours are the sixth, the nineteenth and the thirty-third. The other thirty-seven are about road salt, so that nobody can see which ones matter.',
            ],
            [1, 'Thirty-seven questions about salt. You know that I have to sit through the meeting about this?'],
            [0, 'I am sorry. Bring the peppermints.'],
          ],
        },
        {
          day: 27,
          time: '11:15',
          lines: [
            [
              0,
              'It will be on the front page on Monday, with the pictures from the boat. Your name is nowhere. I read it aloud to three people and asked who could have told me. I got three different names, and none of them was yours.',
            ],
            [1, 'Whom did they name?'],
            [0, 'I will not tell you that either.'],
          ],
        },
        {
          day: 29,
          time: '18:50',
          lines: [
            [
              1,
              'The bridge has been closed to lorries since noon. A man with a drill looked at the bolts, rang his boss and said a word that I cannot repeat.',
            ],
            [1, 'My daughter asked why I was smiling at a traffic jam.'],
            [0, 'What did you tell her?'],
            [1, 'That I like bridges. Thank you, Mara. I am going to delete all of this now.'],
            [0, 'So am I. Be well.'],
          ],
        },
      ],
    },
  ],
}
