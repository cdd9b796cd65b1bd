import type { Group } from '../conversation.ts'

/** A family of four, who know things that not all of them know. */
export const family: Group = {
  people: [
    { name: 'rosa', role: 'mother in a family' },
    { name: 'milan', role: 'father in a family' },
    { name: 'anouk', role: 'daughter in a family' },
    { name: 'opa-jan', role: 'grandfather in a family' },
  ],
  sociable: ['rosa', 'milan'],
  conversations: [
    {
      between: ['rosa', 'milan'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '12:05',
          lines: [
            [0, 'Can you fetch Anouk from choir? I am in a meeting about a meeting.'],
            [1, 'I can. Does she know, or will there be a scene with the bicycle again?'],
          ],
        },
        {
          day: 8,
          time: '18:40',
          lines: [
            [1, 'We have: half an onion, a heroic amount of rice, one egg.\nIdeas?'],
            [0, 'That is called dinner. I bring a second egg.'],
          ],
        },
        {
          day: 12,
          time: '16:30',
          lines: [
            [
              0,
              'The doctor rang. The second picture is clear, it was only a shadow. I am sitting in the car park and cannot drive yet, because I am crying.',
            ],
            [1, 'Stay there. I come on the bicycle, we leave it there, and I drive.'],
            [0, 'Do not tell Anouk. She does not know that there was a first picture.'],
            [1, 'I know. Five minutes. I love you.'],
          ],
        },
        {
          day: 17,
          time: '13:15',
          lines: [
            [
              1,
              'The school has written. Anouk has corrected the geography teacher. In front of everybody. With a map.',
            ],
            [0, 'Was she right?'],
            [1, 'She was right.'],
            [0, 'Then we are strict with her, and buy her an atlas.'],
          ],
        },
        {
          day: 23,
          time: '07:20',
          lines: [
            [0, 'Whose turn is it to visit Papa on Sunday? He says nobody’s, and to bring cake.'],
            [1, 'Ours. The clocks change that night, so he will have been up for an hour and be cross about it.'],
          ],
        },
        {
          day: 29,
          time: '22:15',
          lines: [
            [1, 'Tomorrow it is sixteen years. I have hidden something in the rice, so please do not cook.'],
            [0, 'I found it on Friday. It is lovely. I put it back 💛'],
          ],
        },
      ],
    },
    {
      between: ['rosa', 'anouk'],
      verified: false,
      scenes: [
        {
          day: 3,
          time: '15:50',
          lines: [
            [1, 'mama can I stay at Zoë’s till 7 we have to finish the volcano'],
            [0, 'Until half past six. Is it the same volcano as last week?'],
            [1, 'it’s a better volcano'],
          ],
        },
        {
          day: 6,
          time: '11:00',
          lines: [
            [0, 'Why is there vinegar in the bathtub?'],
            [1, 'science'],
          ],
        },
        {
          day: 13,
          time: '20:45',
          lines: [
            [1, 'Zoë has got her ears pierced. I’m just telling you as a fact, not as a question'],
            [0, 'Thank you for the fact. The answer is fourteen.'],
            [1, 'that’s a number not an answer'],
          ],
        },
        {
          day: 16,
          time: '14:10',
          lines: [
            [
              1,
              'The volcano came second!!! First was a robot that waters plants. Honestly I would have voted for it too',
            ],
            [0, 'I am so proud that I told the man at the tram stop.'],
            [1, 'mama no'],
          ],
        },
        {
          day: 24,
          time: '08:05',
          lines: [
            [1, 'I forgot my gym things, and my lunch, and the form. I remembered my recorder though 🎶'],
            [0, 'I bring the things, the lunch and the form. I had so hoped that it would be the recorder.'],
          ],
        },
        {
          day: 28,
          time: '17:30',
          lines: [
            [1, 'Opa says he had a boat when he was my age. Is that true or is it an Opa story?'],
            [0, 'It was a bathtub, and it floated for nearly a minute. Ask him about the goose.'],
          ],
        },
      ],
    },
    {
      between: ['anouk', 'opa-jan'],
      verified: false,
      scenes: [
        {
          day: 4,
          time: '18:00',
          lines: [
            [
              1,
              'Dear Anouk, this is your grandfather. The young man in the shop has shown me how to write to you. I am pressing very carefully.\nWith kind regards, Opa Jan',
            ],
            [0, 'OPA!!! you’re on here!! You don’t have to sign it, it says that it’s you'],
            [1, 'Dear Anouk, I see.\nWith kind regards, Opa Jan'],
          ],
        },
        {
          day: 11,
          time: '17:20',
          lines: [
            [0, 'Opa what was the name of your goose'],
            [1, 'Admiral. She bit the postman and two bishops.'],
            [0, 'TWO'],
          ],
        },
        {
          day: 18,
          time: '16:45',
          lines: [
            [1, 'I have found the little pictures. 🦆🦆🦆🚲 This is the story of how I met your grandmother.'],
            [0, 'I need the long version please'],
            [
              1,
              'The long version has a ferry in it, and for that I need you, a blanket, and the tin with the biscuits. On Sunday?',
            ],
          ],
        },
        {
          day: 25,
          time: '19:00',
          lines: [
            [0, 'Mama was crying in the kitchen the other day, but it was the happy kind, I think. Do you know why?'],
            [1, 'I do. She will tell you when you are both ready. It is a good story, and it is over.'],
          ],
        },
        {
          day: 29,
          time: '16:00',
          lines: [
            [0, 'I’m learning the ferry song on the recorder for you. Papa has moved to the cellar'],
            [1, 'Your papa has no ear. Play it loud.'],
          ],
        },
      ],
    },
  ],
}
