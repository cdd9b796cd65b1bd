import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Exercise } from './model.ts'
import { between, code, play, recordsIn, shuffled, type Step } from './play.ts'
import { archiveName } from './stage.ts'

const names = ['anouk', 'bela', 'chidi', 'dora', 'emre', 'fay', 'goran', 'hana']
const sentences = [
  'The meeting is moved to the boathouse.',
  'Bring the green folder.',
  'I have told nobody yet.',
  'They count the crates at night.',
  'Wait for the second bell.',
  'Yes.',
  'No, not before Sunday.',
  'My sister knows the guard.',
  'Ask again tomorrow.',
  'It is colder than last year, and nobody at the depot has asked where the second lorry went or who signed for it.',
]

interface Pair {
  readonly people: string
  readonly count: number
}

/** What the wire does give away: how often each two people wrote to each other, most often first. */
function pairsOn(folder: string): Pair[] {
  const pairs = new Map<string, number>()
  for (const { fromUser, toUser } of recordsIn(folder)) {
    const people = [fromUser, toUser].sort().join(' ')
    pairs.set(people, (pairs.get(people) ?? 0) + 1)
  }
  return [...pairs].map(([people, count]) => ({ people, count })).sort((a, b) => b.count - a.count)
}

export const wire: Exercise = {
  id: 'wire',
  title: 'Read the wire: what it hides, and what it shows',
  minutes: 15,

  async start(folder, random) {
    const people = shuffled(names, random)
    const pairs = [0, 1, 2].map((i) => [people[2 * i], people[2 * i + 1]] as [string, string])
    const most = between(6, 9, random)
    const counts = shuffled([most, most - 1, most - 3], random)
    const said: Step[] = shuffled(
      pairs.flatMap(([one, other], i) =>
        Array.from({ length: counts[i] ?? 0 }, (): Step => {
          const [from, to] = between(0, 1, random) === 0 ? [one, other] : [other, one]
          return { from, to, text: `${sentences[between(0, sentences.length - 1, random)]} (${code(random)})` }
        }),
      ),
      random,
    )
    await play(folder, pairs, said, random)
    writeFileSync(
      join(folder, 'said.txt'),
      shuffled(said, random)
        .map((step) => ('text' in step ? `${step.text}\n` : ''))
        .join(''),
    )
    const [somebody = ''] = people
    const [first] = said
    const words = first && 'text' in first ? first.text.split(' ').slice(0, 4).join(' ') : ''
    return {
      story: [
        'Six people wrote to each other for a few days. You sit on the cable and have recorded everything that passed their messenger: passed.archive. You also have said.txt, all that they said, in no useful order, so that you can check what the recording gives away. The six characters in brackets mean nothing: they make every sentence one that is said only once.',
      ],
      steps: [
        {
          text: 'Look at the recording, one envelope a line. Then look for something that was really said: the second command counts the lines of both files that have it.',
          commands: [
            ['doormat', 'wire', archiveName],
            ['grep', '-a', '-c', words, archiveName, 'said.txt'],
          ],
        },
        {
          text: 'The recording hides what was said. See what it says of one person; do the same for others.',
          commands: [['doormat', 'wire', archiveName, '--person', somebody]],
        },
      ],
      question:
        'Which two people wrote to each other most often, and how many envelopes was that, counting both directions?',
      form: 'two names and a number',
      example: ['ada', 'bob', '12'],
    }
  },

  check(folder, answer) {
    const [first] = pairsOn(folder)
    if (!first) return 'The recording is empty: make another run.'
    const parts = answer.split(/[\s,]+/).filter((part) => part !== 'and')
    const counted = parts.filter((part) => /^\d+$/.test(part))
    const named = parts
      .filter((part) => !/^\d+$/.test(part))
      .sort()
      .join(' ')
    const names = named.split(' ')
    if (counted.length !== 1 || names.length !== 2) return 'Give two names and one number.'
    if (names[0] === names[1]) return 'Give the names of two different people.'
    const known = new Set(pairsOn(folder).flatMap(({ people }) => people.split(' ')))
    if (!names.every((name) => known.has(name)))
      return 'Not both of these people are in this recording. Look at the names in its table.'
    if (named !== first.people) return 'Another pair wrote more often. Count envelopes, not bytes.'
    const count = Number(counted[0])
    if (count > first.count)
      return 'Right pair, but that is more than they wrote to each other. Count each envelope once.'
    return count === first.count ? null : 'Right pair, wrong count. Count both directions.'
  },

  why(folder) {
    const [first] = pairsOn(folder)
    return `${first?.people.replace(' ', ' and ')} exchanged ${first?.count} envelopes, more than any other pair. A relay needs the names to deliver and sees time and size as it does so, and encryption changes none of the three.`
  },

  discuss:
    'Encryption hides what was said. It does not hide that it was said, to whom and when: for whom in `doormat demo` is that already too much?',
}
