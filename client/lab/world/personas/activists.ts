import type { Group } from '../conversation.ts'

/** An activist group: four people, four of their six pairs, one march. One of them works for those it is about. */
export const activists: Group = {
  people: [
    { name: 'nadia', role: 'activist' },
    { name: 'emre', role: 'activist' },
    { name: 'lucie', role: 'activist' },
    { name: 'pavel', role: 'activist who works at the town hall' },
  ],
  sociable: ['nadia', 'emre', 'lucie', 'pavel'],
  conversations: [
    {
      between: ['nadia', 'emre'],
      verified: true,
      scenes: [
        {
          day: 2,
          time: '21:20',
          lines: [
            [
              0,
              'Eleven people came to the back room tonight. Eleven! Last year it was you, me and the man who thought it was a chess club.',
            ],
            [1, 'He has stayed, though. He is painting the second banner now.'],
          ],
        },
        {
          day: 6,
          time: '10:30',
          lines: [
            [
              1,
              'The first banner is dry. It says SAVE THE RIVER BATH in letters as tall as Łucja’s little brother. We measured.',
            ],
            [0, 'Store it at your aunt’s and not in the club room. Somebody has been asking the caretaker for a key.'],
            [1, 'My aunt says that it may stay if it behaves.'],
          ],
        },
        {
          day: 11,
          time: '22:10',
          lines: [
            [
              0,
              'The march is on the 21st. We start at the weighbridge and not at the quay, because everybody will be waiting for us at the quay.',
            ],
            [1, 'Who knows that?'],
            [0, 'You, Lucie and I. The others hear it on the morning.'],
            [1, 'Then I forget it until the morning. Good night 🕯️'],
          ],
        },
        {
          day: 17,
          time: '08:05',
          lines: [
            [
              1,
              'Two men in a grey car are parked across the street from my aunt’s. She has brought them tea. She says they were very embarrassed.',
            ],
            [0, 'Your aunt should run this campaign.'],
          ],
        },
        {
          day: 20,
          time: '22:30',
          lines: [
            [
              1,
              'I counted four hundred and twelve lanterns, and then I lost count because somebody gave me one to hold.',
            ],
            [0, 'I have no voice left, I am writing this from under a blanket. It was beautiful.'],
          ],
        },
        {
          day: 26,
          time: '09:00',
          lines: [
            [
              0,
              'The council has put off the vote until May. It is not a no. It is a not yet, and a not yet can be worked with.',
            ],
            [1, 'So I leave the banner up?'],
            [0, 'Fold it carefully.'],
          ],
        },
      ],
    },
    {
      between: ['nadia', 'lucie'],
      verified: true,
      scenes: [
        {
          day: 1,
          time: '20:15',
          lines: [
            [
              0,
              'Can you find out whether three people with a banner are already an assembly? Emre says yes, the chess man says that it depends on the banner.',
            ],
            [
              1,
              'From two people on, if they want something. I asked the woman at the counter and she looked it up with me. She wants something too, I think. She swims there.',
            ],
          ],
        },
        {
          day: 9,
          time: '12:40',
          lines: [
            [
              1,
              'The permit is in. The form says along the quay, as we agreed. If anybody has the other route, they will not have it from the form.',
            ],
            [0, 'You are frightening when you are organised.'],
            [1, 'I teach in a kindergarten. It is the same work, only with more scissors.'],
          ],
        },
        {
          day: 15,
          time: '21:00',
          lines: [
            [
              0,
              'Please make a list of whom to ring if somebody is taken along on Saturday. On paper, two copies, and none of it on a telephone.',
            ],
            [1, 'It is in the back of the songbook already, behind the lullabies. Nobody ever looks there.'],
          ],
        },
        {
          day: 19,
          time: '18:10',
          lines: [
            [
              1,
              'The last things for tomorrow:\nwater\nthe small first aid bag\nthe songbook\nyour scarf, it will be cold by the river\ncandles for those who forget theirs',
            ],
            [0, 'And who looks after you?'],
            [1, 'Thirty children, who have been told that I am going to the seaside.'],
          ],
        },
        {
          day: 21,
          time: '11:00',
          lines: [
            [0, 'Is everybody home? All of them?'],
            [
              1,
              'All of them. Pavel walked the last two to the tram. I ticked every name and then burned the page over the sink, like in a film. The kitchen smells of lullaby.',
            ],
          ],
        },
        {
          day: 27,
          time: '16:20',
          lines: [
            [
              0,
              'A man rang and offered us a room, free of charge, as often as we like. He would not say his name. Shall we?',
            ],
            [1, 'Nothing is free of charge. Let us stay in the back room with the bad lamp.'],
            [0, 'With the bad lamp, then.'],
          ],
        },
      ],
    },
    {
      between: ['emre', 'pavel'],
      verified: false,
      scenes: [
        {
          day: 5,
          time: '17:00',
          lines: [
            [
              1,
              'Hello, Nadia gave me your name. I can carry things, and I have a van on Saturdays. I would prefer not to be in photographs, because I work at the town hall.',
            ],
            [
              0,
              'Hello Pavel! We love vans. No photographs, I promise, and I will tell the chess man. He photographs everything, but mostly pigeons.',
            ],
          ],
        },
        {
          day: 10,
          time: '19:45',
          lines: [
            [1, 'What happens if my office finds out? I have two daughters and a boss who counts the pencils.'],
            [
              0,
              'Then you were never there. You are on no list, and the list of the lists is in my head, which is untidy.',
            ],
            [1, 'That is more comforting than it should be.'],
          ],
        },
        {
          day: 16,
          time: '20:20',
          lines: [
            [
              0,
              'Can the van hold forty folding chairs and one very old lady? She learned to swim there as a child, and she will speak first.',
            ],
            [1, 'Chairs in the back, lady in the front. Does she need a blanket?'],
            [0, 'She needs a microphone. The blanket, she says, is for the mayor.'],
          ],
        },
        {
          day: 20,
          time: '23:10',
          lines: [
            [
              1,
              'The chairs are back. She held my arm all the way to her door and told me about the summer when they all jumped from the crane. I think I am an activist now.',
            ],
            [0, 'Welcome. It is mostly chairs 🪑'],
          ],
        },
        {
          day: 24,
          time: '12:15',
          lines: [
            [1, 'They asked at work today who was there on Saturday. Everybody looked at the table. So did I.'],
            [0, 'Did anybody say your name?'],
            [
              1,
              'No. But Søren looked at my muddy boots for a long time and then talked about football until the boss went away.',
            ],
            [0, 'Buy Søren a beer.'],
          ],
        },
        {
          day: 29,
          time: '18:00',
          lines: [
            [1, 'I have bought Søren a beer. He asked if we need another van.'],
            [0, 'Tell him that we need a trailer and a reason.'],
          ],
        },
      ],
    },
    {
      between: ['lucie', 'pavel'],
      verified: false,
      scenes: [
        {
          day: 7,
          time: '15:30',
          lines: [
            [
              0,
              'You are the one with the van? I am the one with the songbook. Could you learn two songs by the 21st? They are easy. My children could sing them by lunch.',
            ],
            [1, 'I sing like a gate. But I can hold the lantern of somebody who sings well.'],
          ],
        },
        {
          day: 14,
          time: '10:10',
          lines: [
            [0, 'Your girls were very brave at the rehearsal. The little one has appointed herself conductor.'],
            [1, 'She conducted dinner as well. We had the soup in four-four time.'],
          ],
        },
        {
          day: 18,
          time: '07:50',
          lines: [
            [
              1,
              'I saw a paper on a desk at work. It was about our march, and it said the quay. I did not touch it, I only read upside down.',
            ],
            [0, 'The quay? Good. Thank you. And please do not read anything else upside down.'],
            [1, 'Why is that good?'],
            [0, 'Ask me on Sunday 🙂'],
          ],
        },
        {
          day: 21,
          time: '20:00',
          lines: [
            [1, 'It is Sunday. Why was it good?'],
            [0, 'Because we started at the weighbridge.'],
            [1, 'Oh.\nOH.'],
          ],
        },
        {
          day: 28,
          time: '19:10',
          lines: [
            [
              0,
              'There will be a summer party, whatever they decide. Will you bring the girls? The conductor has a contract with me, three songs long.',
            ],
            [1, 'We will be there. She asks for a higher podium.'],
          ],
        },
      ],
    },
  ],
}
