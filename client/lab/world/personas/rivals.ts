import type { Group } from '../conversation.ts'

/**
 * Three more pairs who plan the same kind of burglary as those in burglars.ts, on the same days and in as many messages,
 * one careful, one not. They write to nobody but each other. All the loot turns out worthless. Nothing in their stories
 * makes them evade: who does is drawn among all pairs of a world.
 */
export const rivals: Group = {
  people: [
    { name: 'magpie', role: 'careless burglar' },
    { name: 'wren', role: 'careful burglar' },
    { name: 'finch', role: 'careless burglar' },
    { name: 'swift', role: 'careful burglar' },
    { name: 'crow', role: 'careless burglar' },
    { name: 'starling', role: 'careful burglar' },
  ],
  sociable: [],
  conversations: [
    {
      between: ['magpie', 'wren'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '20:50',
          lines: [
            [
              0,
              'The villa with the green shutters. They’re away till April, and he’s got drawers full of old coins, he told the whole bowling club',
            ],
            [1, 'Too many words.'],
            [0, 'It’s a long villa'],
            [1, 'Tomorrow, the bench, seven. Leave the telephone at home.'],
          ],
        },
        {
          day: 8,
          time: '19:25',
          lines: [
            [0, 'I looked over the hedge. Two gates, one dog, and the dog is made of china. I checked with a biscuit'],
            [1, 'How long did you stand there?'],
            [0, 'About one biscuit'],
          ],
        },
        {
          day: 13,
          time: '21:15',
          lines: [
            [1, 'The neighbour waved at me today and asked after my friend with the biscuits.'],
            [0, 'she seems nice'],
            [1, 'You do not go there again before the night.'],
          ],
        },
        {
          day: 18,
          time: '22:40',
          lines: [
            [0, 'My cousin lends me his van. It says FRESH FISH on it, nobody ever looks twice at fish'],
            [1, 'It smells. Everybody looks twice.'],
            [0, 'I’ll park behind the chapel then, with the wind'],
          ],
        },
        {
          day: 24,
          time: '20:10',
          lines: [
            [0, 'So Monday the 30th, one o’clock in the night, side gate, and I whistle like an owl?'],
            [1, 'One o’clock. No whistling.'],
            [0, 'A small owl'],
          ],
        },
        {
          day: 28,
          time: '18:30',
          lines: [
            [1, 'Is the van clean?'],
            [0, 'It’s cleaner. I’ve put a lemon in it'],
          ],
        },
        {
          day: 30,
          time: '09:50',
          lines: [
            [
              0,
              'They were chocolate. In gold paper. I’d eaten two before I noticed, I thought it was just very good gold',
            ],
            [1, 'Your owl woke the whole street. Goodbye.'],
          ],
        },
      ],
    },
    {
      between: ['finch', 'swift'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '21:20',
          lines: [
            [
              0,
              'The old hotel on the hill is shut for repairs until May, and the cellar is full of wine. My uncle laid the tiles. He says there are bottles older than he is',
            ],
            [1, 'Read it twice first. Always. Then send it.'],
            [0, 'I did! That was it, read twice'],
            [1, 'Good. And do not mention your uncle again.'],
          ],
        },
        {
          day: 8,
          time: '20:30',
          lines: [
            [
              0,
              'I’ve counted the builders. Six, and they leave at half past four to the minute. The padlock on the coal hatch is only for show',
            ],
            [1, 'Where did you count from?'],
            [0, 'From the café. I had the soup. Three times'],
          ],
        },
        {
          day: 13,
          time: '22:20',
          lines: [
            [1, 'A waiter remembers three soups. Change the café.'],
            [0, 'But it’s very good soup'],
            [1, 'Then learn to cook it.'],
          ],
        },
        {
          day: 18,
          time: '20:55',
          lines: [
            [0, 'I’ve got crates for sixty bottles from the market. I said they were for kittens'],
            [1, 'Sixty kittens.'],
            [0, 'He didn’t ask'],
          ],
        },
        {
          day: 24,
          time: '21:35',
          lines: [
            [
              0,
              'Sunday the 29th then, at midnight. Coal hatch, crates, the handcart with the quiet wheels. I’ve written us a list',
            ],
            [1, 'Burn the list.'],
            [0, 'I’ll just copy it out first, so I don’t forget what was on it'],
          ],
        },
        {
          day: 28,
          time: '19:50',
          lines: [
            [1, 'Have you burned it?'],
            [0, 'Most of it. The part about the handcart was too useful'],
          ],
        },
        {
          day: 30,
          time: '11:20',
          lines: [
            [
              0,
              'Apple juice. Sixty bottles, pressed for the school fête. It turns out that my uncle can’t read a label without his glasses',
            ],
            [1, 'Put it back. All sixty. Tonight.'],
          ],
        },
      ],
    },
    {
      between: ['crow', 'starling'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '19:45',
          lines: [
            [
              0,
              'The clockmaker on the corner. She’s at her sister’s over the end of March, and in the back there’s a gold clock with a little ship on it. It rocks!',
            ],
            [1, 'I am reading this on the old telephone, and so are you, I hope.'],
            [0, 'Yes yes, the one you gave me, with the grey window. It’s ugly'],
            [1, 'Ugly is fine. Tell me the rest when we walk.'],
          ],
        },
        {
          day: 8,
          time: '20:05',
          lines: [
            [
              0,
              'I took her my grandfather’s watch, to have a look round. It’s going again for the first time in forty years. She wouldn’t take any money',
            ],
            [1, 'And the back room?'],
            [0, 'She makes a lovely tea. I forgot to look'],
          ],
        },
        {
          day: 13,
          time: '20:40',
          lines: [
            [1, 'Go again. Take the watch.'],
            [0, 'But it’s going. I’d have to break it first, and that feels wrong'],
            [1, 'Then take the kitchen clock.'],
          ],
        },
        {
          day: 18,
          time: '21:25',
          lines: [
            [
              0,
              'Seen it! Back room, on the left, on a shelf with a blanket. One window to the yard, and the latch is a bent spoon',
            ],
            [1, 'Who else was there?'],
            [0, 'Only the cat and eighty clocks. It’s like being ticked at by a choir'],
          ],
        },
        {
          day: 24,
          time: '22:30',
          lines: [
            [
              0,
              'Monday the 30th, ten to three in the night, I go in through the yard and you hold the light. Soft shoes. I’ve bought soft shoes',
            ],
            [1, 'Ten to three. In and out in ten minutes.'],
            [0, 'With a clock in my arms I can hardly lose track'],
          ],
        },
        {
          day: 28,
          time: '21:10',
          lines: [
            [1, 'The clocks went forward last night. Have you thought of that?'],
            [0, 'Of course. Is that an hour more, or less?'],
          ],
        },
        {
          day: 30,
          time: '12:10',
          lines: [
            [
              0,
              'At three they all struck at once. Eighty of them. And the one with the ship is made of tin and plays a polka. I ran with my shoes in my hand',
            ],
            [1, 'The light is off. So is this. Find another hobby.'],
          ],
        },
      ],
    },
  ],
}
