import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Exercise } from './model.ts'
import { between, code, play, recordsIn, shuffled, type Step, writeWire } from './play.ts'

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
  readonly bytes: number
}

/** What the wire does give away: how often each two people wrote to each other, most often first. */
function pairsOn(folder: string): Pair[] {
  const pairs = new Map<string, Pair>()
  for (const { fromUser, toUser, bytes } of recordsIn(folder)) {
    const people = [fromUser, toUser].sort().join(' ')
    const known = pairs.get(people) ?? { people, count: 0, bytes: 0 }
    pairs.set(people, { people, count: known.count + 1, bytes: known.bytes + bytes.length })
  }
  return [...pairs.values()].sort((a, b) => b.count - a.count)
}

export const wire: Exercise = {
  id: 'wire',
  title: 'Read the wire: what it hides, and what it does not',

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
    writeWire(folder)
    writeFileSync(
      join(folder, 'said.txt'),
      shuffled(said, random)
        .map((step) => ('text' in step ? `${step.text}\n` : ''))
        .join(''),
    )
    return [
      'Six people talked. wire.jsonl is everything that passed the relay; said.txt is what they said, in no useful order.',
      '1. Look for any sentence of said.txt in wire.jsonl: raw, in base64, in hex, as you like.',
      '2. The wire hides what was said. Which two people wrote to each other most often, and how many envelopes was that, both ways together?',
      'Answer: NAME NAME COUNT, for example: doormat exercise check wire "ada bob 12"',
    ]
  },

  check(folder, answer) {
    const [first] = pairsOn(folder)
    if (!first) return 'The wire is empty: start again.'
    const parts = answer.split(/[\s,]+/)
    const counted = parts.filter((part) => /^\d+$/.test(part))
    const named = parts
      .filter((part) => !/^\d+$/.test(part))
      .sort()
      .join(' ')
    if (counted.length !== 1 || named.split(' ').length !== 2) return 'Give two names and one number.'
    if (named !== first.people) return 'Not those two. Count envelopes, one a line, and not their bytes.'
    return Number(counted[0]) === first.count
      ? null
      : 'Those two it is; the count is another. Both directions belong to it.'
  },
}
