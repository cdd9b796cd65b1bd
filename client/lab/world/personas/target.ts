import type { Group } from '../conversation.ts'

/** What else an order for rook lets somebody read: people who have nothing to do with it, and trust him with theirs. */
export const target: Group = {
  people: [
    { name: 'hilde', role: "target's mother" },
    { name: 'deniz', role: "target's friend from football" },
    { name: 'okoro', role: "target's landlord" },
    { name: 'kaya', role: "target's employer" },
  ],
  sociable: ['hilde', 'deniz', 'okoro', 'kaya'],
  conversations: [
    {
      between: ['rook', 'hilde'],
      verified: false,
      scenes: [
        {
          day: 1,
          time: '18:30',
          lines: [
            [1, 'Have you eaten?'],
            [0, 'Yes mum'],
            [1, 'Something warm?'],
            [0, 'Toast is warm'],
          ],
        },
        {
          day: 5,
          time: '12:10',
          lines: [
            [1, 'Your aunt asks if you still play the accordion. I said yes. Please play it before Sunday.'],
            [0, 'I sold it, mum. I’ve told you. twice'],
          ],
        },
        {
          day: 11,
          time: '19:40',
          lines: [
            [
              1,
              'The results came. It is the sugar, as I thought, but only a little. I am to walk every day and say goodbye to the marmalade. Do not tell your aunt, she will write a poem about it.',
            ],
            [0, 'I’ll come and walk with you. Sundays. I mean it'],
            [1, 'Bring proper shoes.'],
          ],
        },
        {
          day: 14,
          time: '09:00',
          lines: [
            [0, 'Happy mother’s day! There’s something on your step, don’t fall over it'],
            [1, 'Tulips! In the milk jug that I have been looking for since Christmas. So that is where it was.'],
          ],
        },
        {
          day: 22,
          time: '20:15',
          lines: [
            [1, 'You were so quiet on our walk. Are you in some sort of trouble? You know that you can tell me.'],
            [0, 'No trouble mum. just thinking about work'],
            [1, 'You were a bad liar when you were six, and you have not improved.'],
          ],
        },
        {
          day: 28,
          time: '18:00',
          lines: [
            [1, 'Four kilometres today! My feet are singing. Thank you for coming.'],
            [0, 'you were faster than me, it was embarrassing'],
          ],
        },
      ],
    },
    {
      between: ['rook', 'deniz'],
      verified: false,
      scenes: [
        {
          day: 2,
          time: '20:05',
          lines: [
            [1, 'Training’s moved to Thursday, the pitch is a lake'],
            [0, 'I can do Thursday. I’m better on water anyway'],
          ],
        },
        {
          day: 7,
          time: '17:30',
          lines: [
            [1, '4:1. FOUR ONE. You scored with your back, do you know that?'],
            [0, 'it’s called technique'],
          ],
        },
        {
          day: 12,
          time: '22:20',
          lines: [
            [
              1,
              'I’ll tell you something that nobody knows yet, not even my mother. We’re having a baby. In September. Elif is sick every morning and I’m happy all day, it’s very unfair',
            ],
            [0, 'Deniz!!! Best thing anyone’s told me all year. I’ll be so quiet about it'],
            [1, 'If you tell Marek I’ll put you in goal'],
          ],
        },
        {
          day: 17,
          time: '18:00',
          lines: [
            [0, 'can I ask you something odd, have you still got the roof rack'],
            [1, 'Sure. What are you moving?'],
            [0, 'a ladder. for my mum. her gutters'],
            [1, 'You’re a good son. Fetch it whenever you like'],
          ],
        },
        {
          day: 23,
          time: '21:30',
          lines: [
            [1, 'The doctor says it might be two. TWO. I’ve got to sit down, and I’m already sitting'],
            [0, 'you’ll need a bigger car and a smaller sofa 👶👶'],
          ],
        },
        {
          day: 29,
          time: '12:00',
          lines: [
            [1, 'Are you in on Saturday? Marek’s got a knee'],
            [0, 'Should be. depends how tonight goes'],
            [1, 'What’s tonight?'],
            [0, 'nothing. gutters'],
          ],
        },
      ],
    },
    {
      between: ['rook', 'okoro'],
      verified: false,
      scenes: [
        {
          day: 1,
          time: '09:15',
          lines: [
            [1, 'Good morning. The rent for March has not arrived. I am sure that it is an oversight. Regards, Okoro'],
            [0, 'morning mr okoro, it’s coming this week, the bank’s being slow'],
          ],
        },
        {
          day: 6,
          time: '10:00',
          lines: [[1, 'It has arrived, thank you. In two parts and from two accounts, but it has arrived.']],
        },
        {
          day: 10,
          time: '17:20',
          lines: [
            [0, 'the tap in the kitchen’s started singing again. same note as last time'],
            [
              1,
              'I shall send Mr Brązik on Friday between eight and twelve. Please be in, and please do not try to mend it yourself this time.',
            ],
            [0, 'that was ONE time'],
            [1, 'It was the ceiling of Mrs Lamb.'],
          ],
        },
        {
          day: 16,
          time: '13:45',
          lines: [
            [
              1,
              'Mr Brązik reports that the tap is silent, and that there are nine rowing magazines in your bathroom. He rows himself and would be glad to hear from you. I merely pass it on.',
            ],
            [0, 'tell him I’m more of a reader'],
          ],
        },
        {
          day: 24,
          time: '18:10',
          lines: [
            [
              0,
              'could I pay for april in the first week again? there’s something coming in at the end of the month, quite a lot actually. you’ll be pleased',
            ],
            [1, 'I am always pleased by rent. The first week will do.'],
          ],
        },
        {
          day: 30,
          time: '16:30',
          lines: [
            [0, 'about april. it might be the second week'],
            [1, 'I had thought that it might.'],
          ],
        },
      ],
    },
    {
      between: ['rook', 'kaya'],
      verified: false,
      scenes: [
        {
          day: 3,
          time: '07:10',
          lines: [
            [0, 'I’ll be ten minutes late, there’s a goose on the tram line. not an excuse, there really is'],
            [1, 'I can see the goose from here. Take your time. She is.'],
          ],
        },
        {
          day: 9,
          time: '16:40',
          lines: [
            [1, 'The blue tandem is collected at five. Did you true the rear wheel, or did you only look at it?'],
            [0, 'I looked at it very hard and then I trued it'],
          ],
        },
        {
          day: 13,
          time: '12:30',
          lines: [
            [
              1,
              'I have done the accounts. If April is like last year, I have to let one of you go, and I have not told the others. I am telling you because you asked me straight out, and because you make me laugh.',
            ],
            [0, 'Thanks for saying it. I won’t tell anyone. Wait for the tandem money before you decide'],
          ],
        },
        {
          day: 18,
          time: '08:20',
          lines: [
            [0, 'could I borrow the long ladder over the last weekend? it’s for my mum’s gutters'],
            [1, 'Of course. Put it back before Tuesday, or I cannot reach the sign.'],
          ],
        },
        {
          day: 25,
          time: '17:15',
          lines: [
            [
              1,
              'A policeman came in with a puncture. He asked how long you have been here and what you are like. I said: late, and good with wheels. Is there something I should know?',
            ],
            [0, 'no idea. maybe he’s seen me ride'],
          ],
        },
        {
          day: 30,
          time: '08:00',
          lines: [
            [1, 'The sign hangs crooked, and the ladder is not here.'],
            [0, 'it’s a long story. I’ll bring it at lunch, and I’ll bring lunch'],
            [1, 'Long ladder, long story. All right.'],
          ],
        },
      ],
    },
    {
      between: ['rook', 'bank'],
      verified: false,
      scenes: [
        {
          day: 4,
          time: '11:30',
          lines: [
            [0, 'hi, why is there a fee for the fee'],
            [
              1,
              'Good morning, this is Agnieszka. You went over your limit on Sunday, that is the first fee. The second one is our mistake, and I have taken it back.',
            ],
            [0, 'thanks! could you make the first one a mistake too'],
            [1, 'I am afraid that one was yours.'],
          ],
        },
        {
          day: 11,
          time: '09:50',
          lines: [
            [0, 'what do I need for a loan, a small one, to tide me over'],
            [
              1,
              'Three pay slips and a reason. With the overdraft as it is I cannot promise anything. But there is a plan for paying it off in small steps, and it costs nothing. Shall we look at it together?',
            ],
            [0, 'how small'],
            [1, 'A cup of coffee a day. Many people do it, and nobody hears of it.'],
          ],
        },
        {
          day: 19,
          time: '15:05',
          lines: [
            [0, 'ok I’d like the small steps. please don’t send letters though, my mum opens everything'],
            [1, 'No letters. It is noted.'],
          ],
        },
        {
          day: 26,
          time: '10:20',
          lines: [
            [0, 'theoretically, if somebody came in with something made of silver, would the bank buy it'],
            [1, 'Theoretically no. And theoretically we would ask where it came from.'],
            [0, 'just theoretically though'],
          ],
        },
        {
          day: 30,
          time: '11:45',
          lines: [
            [1, 'The first step has been paid, and in full. Well done.'],
            [0, 'slowly does it. thanks Agnieszka'],
          ],
        },
      ],
    },
  ],
}
