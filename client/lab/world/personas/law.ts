import type { Group } from '../conversation.ts'

/** A lawyer and a client. What the other side would give to know the sum. */
export const law: Group = {
  people: [
    { name: 'farida', role: 'lawyer' },
    { name: 'osman', role: "lawyer's client" },
  ],
  sociable: ['osman'],
  conversations: [
    {
      between: ['farida', 'osman'],
      verified: false,
      scenes: [
        {
          day: 1,
          time: '16:20',
          lines: [
            [
              1,
              'Good afternoon. My sister said that I may write to you here. The letter from my old master’s lawyers came today. He says that I have stolen his sourdough.',
            ],
            [
              0,
              'You may. What you write here stays between a client and a lawyer, so please write everything, also what you would rather leave out. Did you take it?',
            ],
            [1, 'A spoonful. In a jam jar. He gave some to everybody at Christmas!'],
            [0, 'That is a good sentence. Keep the jar.'],
          ],
        },
        {
          day: 3,
          time: '10:05',
          lines: [
            [
              0,
              'I have read the letter twice. They claim three things: the sourdough, the recipe book, and that you promised not to open a bakery within an hour’s walk. The first is silly. The second depends on who wrote the book. The third worries me. Is that your signature, yes or no?',
            ],
            [1, 'I do not remember.'],
            [0, 'Osman.'],
            [
              1,
              'Yes. I signed it. He put it in front of me on the morning my son was born, and I would have signed anything, even for a pony.',
            ],
            [
              0,
              'Thank you. That is bad, and it is much better that I learn it now than in court. Say it to nobody else. Not to your sister either.',
            ],
          ],
        },
        {
          day: 8,
          time: '18:30',
          lines: [
            [
              1,
              'A man came in, bought one roll and asked how long I have had my sourdough. He was wearing very clean shoes.',
            ],
            [0, 'Then he works for them. Sell him rolls, and tell him nothing but the price.'],
          ],
        },
        {
          day: 12,
          time: '09:15',
          lines: [
            [
              0,
              'This is what I want to send. Please read it slowly and tell me what is not true, however small.\n\n“Our client worked for eleven years in your client’s bakery. Each December every employee was given a spoonful of the sourdough in a jam jar, with a ribbon and a card, and the words: take good care of it. He has taken good care of it. The recipe book was written by our client, in our client’s hand, on paper that our client bought. As to the promise, we ask you to tell us on which day, at what hour, and in which state of mind it was signed. We are ready to talk. We are not ready to pay for a spoonful of flour and water.”',
            ],
            [1, 'It was not every employee. Jiří never got any, he was new.'],
            [0, 'That is exactly why I ask. I have written “nearly every”.'],
            [1, 'And the ribbon was string.'],
            [0, 'String it is.'],
          ],
        },
        {
          day: 16,
          time: '20:40',
          lines: [
            [
              0,
              'They want to talk. Now I need a number that only you and I know. Up to which sum would you pay and be done with it?',
            ],
            [1, 'Four thousand would hurt. Six would close the shop.'],
            [0, 'Then I begin at one and a half, and get angry at three. They must never learn that four is possible.'],
            [1, 'I have already forgotten it.'],
          ],
        },
        {
          day: 19,
          time: '13:00',
          lines: [
            [
              1,
              'My old master stood outside the window today and looked at the bread. He did not come in. I think he was crying, but it was raining too.',
            ],
            [0, 'Did he see you?'],
            [1, 'I waved. I did not know what else to do 🍞'],
          ],
        },
        {
          day: 23,
          time: '11:10',
          lines: [
            [
              0,
              'We meet them on Thursday. You will want to speak. Please do not. If they ask about the promise, look at me.',
            ],
            [1, 'I can look at you very well. I have practised with the dog.'],
          ],
        },
        {
          day: 25,
          time: '17:45',
          lines: [
            [
              0,
              'Two thousand two hundred, nothing admitted, and you may stay where you are. There is one condition that nobody has ever put into a contract of mine: on the first Sunday of every month you bring him a loaf.',
            ],
            [1, 'He asked for that?'],
            [0, 'He did. His lawyers were as surprised as I was.'],
            [
              1,
              'Tell him it will be the dark one. My wife says thank you. The boy says something too, but it is mostly about the pony.',
            ],
          ],
        },
        {
          day: 30,
          time: '10:00',
          lines: [
            [
              0,
              'The papers are signed. I keep this conversation for as long as the law asks me to, and not a day longer.',
            ],
            [1, 'There is a loaf on its way to your office. Do not let the clean shoes have any.'],
          ],
        },
      ],
    },
  ],
}
