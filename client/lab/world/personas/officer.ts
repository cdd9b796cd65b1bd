import type { Group } from '../conversation.ts'

/** An officer with an order, and the prosecutor who asked a judge for it. They use the same messenger as everybody. */
export const officer: Group = {
  people: [
    { name: 'brandt', role: 'officer with an order' },
    { name: 'lindqvist', role: 'prosecutor' },
  ],
  sociable: ['brandt'],
  conversations: [
    {
      between: ['brandt', 'lindqvist'],
      verified: false,
      scenes: [
        {
          day: 3,
          time: '09:10',
          lines: [
            [
              0,
              'Good morning. I would like to apply for an order: one person, until the end of the month. He goes by Rook, and he has told a barman that he will soon be drinking from silver.',
            ],
            [1, 'Good morning, Inspector. A remark in a bar is thin. What else have you got?'],
            [0, 'He has asked twice when the boathouse of the rowing club is cleaned. He does not row.'],
            [
              1,
              'Better. Put it in writing, with the dates. And write down what you do not want to read as well, the judge always asks.',
            ],
          ],
        },
        {
          day: 8,
          time: '14:00',
          lines: [
            [
              1,
              'The judge has signed. One name, content included, nothing from before today. The people he writes to are covered only while they talk to him. No fishing.',
            ],
            [0, 'Understood. I will ask the authority to open only that.'],
            [1, 'Ask them as well what else the same key could open. I should like to know, for my own sleep.'],
          ],
        },
        {
          day: 11,
          time: '16:30',
          lines: [
            [0, 'I have asked. They said that this is not on the form, and that I would have to measure it.'],
            [1, 'Then somebody ought to.'],
          ],
        },
        {
          day: 15,
          time: '11:20',
          lines: [
            [
              0,
              'Before you ask: whatever comes of it, most of it will be his mother, his landlord and football. It always is.',
            ],
            [1, 'That part is to be blacked out before it reaches me, with all the names.'],
            [0, 'I do it by hand. It takes longer than the reading.'],
          ],
        },
        {
          day: 19,
          time: '15:40',
          lines: [
            [
              0,
              'The barman again. There seems to be a second man, who pays for nothing and says even less. Shall I ask for an order for him too?',
            ],
            [1, 'On what grounds? That he is quiet?'],
            [0, 'I withdraw the question.'],
          ],
        },
        {
          day: 24,
          time: '10:45',
          lines: [
            [
              0,
              'One thing for the file. I hear the same kind of story of three other pairs, and each is said to have found a way not to be read. What is an order worth against somebody who does not use the program as it comes?',
            ],
            [1, 'That is not on the form either, I suppose.'],
            [0, 'No. I have looked.'],
          ],
        },
        {
          day: 29,
          time: '23:40',
          lines: [
            [
              0,
              'The caretaker rang. Two men, one long ladder, and nobody there any more when we came. Nothing is missing that was worth anything: the cups are plastic, the real ones have been somewhere safe since autumn.',
            ],
            [
              1,
              'Then I need what you have by tomorrow, in a form that a judge can read without me standing beside him.',
            ],
          ],
        },
        {
          day: 30,
          time: '09:05',
          lines: [
            [0, 'It is on your desk. I have also asked for the order to be closed today, and not when it runs out.'],
            [1, 'Thank you. Not everybody asks.'],
          ],
        },
      ],
    },
  ],
}
