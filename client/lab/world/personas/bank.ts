import type { Group } from '../conversation.ts'

/** A bank and its customer. The bank also has the target for a customer: see target.ts. */
export const bank: Group = {
  people: [
    { name: 'bank', role: 'bank' },
    { name: 'yusuf', role: "bank's customer" },
  ],
  sociable: ['yusuf'],
  conversations: [
    {
      between: ['bank', 'yusuf'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '10:00',
          lines: [
            [
              1,
              'Good morning. I want to pay the deposit for a shop, and the screen says that the sum is too high for one day. Is that you, or is that me?',
            ],
            [
              0,
              'Good morning, Yusuf, this is Agnieszka at the counter. It is us. I can raise the limit for two days, but first I have to know that it is you. What did you buy on the day you opened the account?',
            ],
            [1, 'A stamp. And you gave me a coffee, because the machine was new.'],
            [
              0,
              'That is what stands here, word for word. The limit is raised until Thursday evening. Your code for the payment is: plum, kettle, seventeen. Please give it to nobody, also not to somebody who says that he is me.',
            ],
            [1, 'Plum, kettle, seventeen. Thank you!'],
          ],
        },
        {
          day: 9,
          time: '14:20',
          lines: [
            [
              1,
              'Somebody rang and said that he is from the bank and that my card is in danger. He did not know what I bought on the first day. Was that one of you?',
            ],
            [
              0,
              'No. You did everything right, and I have reported it. Did you tell him anything at all? A code, a birthday?',
            ],
            [1, 'I told him the way to the police station. He said thank you.'],
            [0, 'I have just read that out to the whole office.'],
          ],
        },
        {
          day: 15,
          time: '09:40',
          lines: [
            [
              0,
              'Your application for the loan is on my desk. We would like to see the figures of the last three months and the lease. You can send them here.',
            ],
            [1, 'I will tell you now that January was bad. My father was in hospital and I closed for nine days.'],
            [
              0,
              'Then write it beside the figure, in one sentence. A number without a reason always looks worse than it is.',
            ],
          ],
        },
        {
          day: 18,
          time: '16:30',
          lines: [
            [
              1,
              'January: father in hospital, shop closed for nine days, he is at home again and eats like a horse.\nCan I write that?',
            ],
            [0, 'It is the best sentence in the file.'],
          ],
        },
        {
          day: 23,
          time: '11:00',
          lines: [
            [0, 'The loan has been approved, all of it, over six years. You can sign on Friday at ten.'],
            [1, 'I had to sit down on a sack of rice. Thank you. Thank you very much.'],
          ],
        },
        {
          day: 26,
          time: '15:10',
          lines: [
            [1, 'I left my pen on your counter. It is worth nothing, but it is my father’s.'],
            [0, 'It is in the safe, with a form of its own 🖋️'],
          ],
        },
        {
          day: 30,
          time: '09:15',
          lines: [
            [
              1,
              'The shop opens on Thursday. There will be baklava, and a sign on the door that says that the bank may have seconds.',
            ],
            [0, 'The bank accepts.'],
          ],
        },
      ],
    },
  ],
}
