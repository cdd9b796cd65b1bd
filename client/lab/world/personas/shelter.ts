import type { Group } from '../conversation.ts'

/** Somebody who has left an abusive partner, and the friend who shelters them. One address must stay unknown. */
export const shelter: Group = {
  people: [
    { name: 'ines', role: 'somebody who has left an abusive partner' },
    { name: 'tove', role: 'friend who gives shelter' },
  ],
  sociable: ['tove'],
  conversations: [
    {
      between: ['ines', 'tove'],
      verified: false,
      scenes: [
        {
          day: 1,
          time: '07:32',
          lines: [
            [0, 'He is at work until six. I have one bag and the cat.'],
            [1, 'Come. The kettle is on. Not with the car, he knows the car.'],
            [0, 'I am taking the slow tram, as we said.'],
            [1, 'The blue door behind the old pottery. The bell without a name is mine.'],
          ],
        },
        {
          day: 1,
          time: '22:50',
          lines: [
            [0, 'Thank you. I can hear you snoring through the wall, and it is the nicest sound in the world.'],
            [1, 'I am awake, and I do not snore. That is the cat.'],
          ],
        },
        {
          day: 4,
          time: '13:15',
          lines: [
            [
              0,
              'He has asked my mother where I sleep. She said that she does not know, which is true, because I have not told her. It was horrible not to tell her.',
            ],
            [1, 'It was right. One person who knows is enough, and that is me.'],
            [0, 'And the cat.'],
            [1, 'The cat will not talk. I have bought the expensive fish.'],
          ],
        },
        {
          day: 6,
          time: '16:50',
          lines: [
            [0, 'I went out for bread in your yellow coat and felt like a lighthouse.'],
            [1, 'Take the brown one next time. Or I go. What do you need?'],
            [0, 'Toothpaste, the drops from the chemist, and something to read in which nobody falls in love.'],
          ],
        },
        {
          day: 10,
          time: '21:40',
          lines: [
            [
              0,
              'Somebody stood on the other side of the street for a quarter of an hour. A man with a dog. I think the dog was only slow. But I have moved the chair in front of the door.',
            ],
            [
              1,
              'I know that dog. He is called Waffle, and he is fourteen. Leave the chair, though. I am home at eleven, and I will knock three times, then once.',
            ],
          ],
        },
        {
          day: 12,
          time: '12:00',
          lines: [
            [
              1,
              'The woman from the advice centre can see you on Tuesday at nine. Use the side entrance, by the bicycles. She says: bring nothing that has an old address on it.',
            ],
            [0, 'Everything I own has an old address on it.'],
            [1, 'Then bring yourself.'],
          ],
        },
        {
          day: 16,
          time: '11:20',
          lines: [
            [
              0,
              'She was kind. She wrote everything down and asked twice whether I was sure that nobody else reads my telephone. I said that it is a new one. She said good, and asked a third time.',
            ],
            [1, 'I like her.'],
            [
              0,
              'There will be a hearing on the 26th. I have to say it all once more, in front of a judge. Will you come along?',
            ],
            [1, 'I have already taken the day off.'],
          ],
        },
        {
          day: 20,
          time: '09:30',
          lines: [
            [
              1,
              'The letter with your new key goes to my cousin and not to us. I told him that it is a surprise for a birthday. He loves a secret, as long as he does not know what it is.',
            ],
            [0, 'A flat of my own. Two rooms and a plum tree. I have read the message from the landlady nine times.'],
          ],
        },
        {
          day: 22,
          time: '18:25',
          lines: [
            [
              0,
              'My mother cried on the telephone. I still did not say where I am. I told her about the plum tree, without saying where it stands.',
            ],
            [1, 'She will sit under it soon enough.'],
          ],
        },
        {
          day: 25,
          time: '15:40',
          lines: [
            [
              0,
              'He may not come near me, and he may not write. It took twenty minutes. Afterwards I wanted pancakes. I am writing it down so that it is real.',
            ],
            [1, 'It is real. I was there, I saw the pancakes. There were six of them 🥞'],
          ],
        },
        {
          day: 28,
          time: '10:00',
          lines: [
            [1, 'I have measured the van. Your bed fits if it takes off its feet.'],
            [0, 'I do not have a bed.'],
            [1, 'You do now. It is your birthday, my cousin says.'],
          ],
        },
        {
          day: 30,
          time: '20:15',
          lines: [
            [
              0,
              'The plum tree is in flower. The yellow house behind the brickworks, third floor, on the left, and from the kitchen window you can touch it. Nobody else has this address. Only you and the cat.',
            ],
            [1, 'Then nobody will hear it from either of us. Sleep well 🌸'],
          ],
        },
      ],
    },
  ],
}
