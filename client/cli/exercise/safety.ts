import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keySubstitution } from '../../../crypto/access/key-substitution.ts'
import { digitLines, numberWith, wordLines } from '../../words/trust.ts'
import type { Exercise } from './model.ts'
import { between, shuffled, someTime } from './play.ts'
import { onStage, type Person } from './stage.ts'

const names = ['abel', 'bea', 'cleo', 'dirk', 'elif', 'finn', 'greta', 'hugo']
const sentences = [
  'Is this really you?',
  'Who else should it be?',
  'Then come to the bridge at ten.',
  'I will be there.',
]
const pairsFile = 'pairs.txt'
const columns = 80

/** What somebody sees who types `doormat verify NAME`. */
function screenOf({ name, device }: Person, other: string): string {
  const { number } = numberWith(device, other)
  const lines = [...digitLines(number, columns), '', ...wordLines(number, columns)]
  return [`${name} types: doormat verify ${other}`, '', ...lines.map((line) => `  ${line}`), ''].join('\n')
}

const pairsIn = (folder: string): readonly (readonly [string, string])[] =>
  readFileSync(join(folder, pairsFile), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string])

/** The sixty digits on somebody's screen. */
const digitsOf = (folder: string, name: string): string =>
  (readFileSync(join(folder, `${name}.txt`), 'utf8').match(/\b\d{5}\b/g) ?? []).join(' ')

export const safety: Exercise = {
  id: 'safety',
  title: 'Compare safety numbers: who has somebody between them?',
  minutes: 15,

  async start(folder, random) {
    const drawn = shuffled(names, random)
    const pairs = [0, 1, 2, 3].map((i) => [drawn[2 * i], drawn[2 * i + 1]] as [string, string])
    const target = pairs[between(0, 3, random)]?.[between(0, 1, random)] ?? ''
    const setup = keySubstitution.setup(random)
    const screens = await onStage(folder, random, async ({ access, tap, join, tell, wait }) => {
      const cast: Person[] = []
      for (const name of drawn) cast.push(await join(name))
      await access(keySubstitution, setup)
      await tap(keySubstitution, setup, target)
      const called = (name: string) => cast.find((one) => one.name === name) as Person
      for (const [one, other] of pairs)
        for (const [i, text] of sentences.entries()) {
          wait(someTime(random))
          const [from, to] = i % 2 === 0 ? [one, other] : [other, one]
          await tell(called(from), called(to), text)
        }
      return pairs.flatMap(([one, other]) => [
        [one, screenOf(called(one), other)],
        [other, screenOf(called(other), one)],
      ])
    })
    for (const [name = '', screen = ''] of screens) writeFileSync(join(folder, `${name}.txt`), screen)
    writeFileSync(join(folder, pairsFile), pairs.map((pair) => `${pair.join(' ')}\n`).join(''))
    const [one = '', other = ''] = pairs.find((pair) => !pair.includes(target)) ?? []
    return {
      story: [
        "Four pairs met over this relay, and all their messages arrived. To the two of one pair the relay gave false keys, to each a key of its own in place of the other's: it stands between them, reads what they say and passes it on. pairs.txt says who talks with whom; NAME.txt is what that person's program shows as the safety number with their friend.",
      ],
      steps: [
        {
          text: 'Compare the two numbers of one pair as people do on the telephone: one reads the digits or the words aloud, the other follows.',
          commands: [
            ['cat', pairsFile],
            ['cat', `${one}.txt`, `${other}.txt`],
          ],
        },
        {
          text: 'Do the same for the other pairs. How much of a number do you have to compare before you know that it is different, and before you know that it is the same?',
          commands: [],
        },
      ],
      question:
        'Which two have somebody between them, and what are the first five digits that the first of the two sees?',
      form: 'two names and five digits',
      example: ['ada', 'bob', '12345'],
    }
  },

  check(folder, answer) {
    const [, one = '', other = '', digits = ''] = /^([a-z]+)[\s,]+(?:and\s+)?([a-z]+)[\s,]+(\d{5})$/.exec(answer) ?? []
    if (digits === '') return 'Give two names and five digits.'
    const isPair = pairsIn(folder).some((pair) => pair.includes(one) && pair.includes(other) && one !== other)
    if (!isPair) return 'These two do not talk with each other: see pairs.txt.'
    if (digitsOf(folder, one) === digitsOf(folder, other))
      return 'These two see the same number, all sixty digits of it. Nobody stands between them.'
    if (!digitsOf(folder, one).startsWith(digits))
      return 'Right pair, but these are not the digits that the first of your two names sees.'
    return null
  },

  why(folder) {
    const [one, other] = pairsIn(folder).find(
      ([one, other]) => digitsOf(folder, one) !== digitsOf(folder, other),
    ) as readonly [string, string]
    return `${one} and ${other} see two different numbers, because each was given a key of the relay's in place of the other's. The number is made of both account keys, so nobody can stand between two people and show both the same one.`
  },

  discuss:
    'With whom have you ever compared such a number? If one pair in a hundred does, who finds out about a dishonest server, and when?',
}
