import type { Group } from '../conversation.ts'

/** A teenager and a friend, with things to say that are nobody else's business. */
export const teenagers: Group = {
  people: [
    { name: 'mio', role: 'teenager' },
    { name: 'juno', role: "teenager's friend" },
  ],
  sociable: ['mio', 'juno'],
  conversations: [
    {
      between: ['mio', 'juno'],
      verified: false,
      scenes: [
        {
          day: 1,
          time: '16:02',
          lines: [
            [0, 'are you alive'],
            [1, 'barely. maths'],
            [0, 'same. I wrote “see above” as an answer. there was nothing above'],
            [1, '😂😂'],
          ],
        },
        {
          day: 4,
          time: '21:10',
          lines: [
            [0, 'can I tell you something and you don’t say anything'],
            [1, 'ok'],
            [
              0,
              'the poem in the school magazine that everyone thinks is by a teacher. the one about the bus stop. that was me',
            ],
            [1, '...'],
            [1, 'you said don’t say anything so I’m just sitting here screaming quietly'],
            [0, 'is it bad'],
            [1, 'Mio. my SISTER copied it into her diary'],
          ],
        },
        {
          day: 9,
          time: '07:45',
          lines: [
            [1, 'Mr Ferro read it out in class and said the author has clearly loved and lost'],
            [0, 'I have clearly missed the bus'],
          ],
        },
        {
          day: 13,
          time: '14:30',
          lines: [
            [0, 'they’re whispering again. they think if they turn the tap on I can’t hear it'],
            [1, 'want to come over? we have the big sofa and my brother’s out till six'],
            [0, 'yes please. don’t ask me about it though'],
            [1, 'deal. we will discuss only penguins 🐧'],
          ],
        },
        {
          day: 18,
          time: '20:20',
          lines: [
            [1, 'so. Noor asked me who writes the poems. I said I know nothing, like a professional'],
            [0, 'she WHAT'],
            [1, 'she likes the bus stop one best'],
            [0, 'it’s about her bus stop'],
            [1, 'I KNOW it’s about her bus stop'],
          ],
        },
        {
          day: 22,
          time: '17:05',
          lines: [
            [0, 'they told me. dad is moving into the flat over the bakery. it’s not far. I get a key'],
            [1, 'are you ok? you don’t have to be'],
            [0, 'sad, but it’s quieter now. nobody runs the tap'],
            [1, 'I’m bringing the penguin film and two spoons'],
          ],
        },
        {
          day: 26,
          time: '21:50',
          lines: [
            [
              0,
              'new poem. it has a bakery in it. be honest, but kind, but honest:\n\nthere is a light above the bread\nthat someone left for me.\nI count the stairs, I turn my head,\nI still have got the key.',
            ],
            [1, 'ok I’m crying in the bathroom and my brother is knocking'],
          ],
        },
        {
          day: 30,
          time: '15:55',
          lines: [
            [0, 'I told Noor'],
            [1, 'AND'],
            [0, 'she’s known since the second line. we’re missing the bus on purpose'],
          ],
        },
      ],
    },
  ],
}
