import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keySubstitution } from '../../../crypto/access/key-substitution.ts'
import type { Exercise } from './model.ts'
import { between, shuffled } from './play.ts'
import { onStage, type Person } from './stage.ts'
import { digitLines, numberWith, wordLines } from '../../words/trust.ts'

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
  title: 'Compare safety numbers, and find who has somebody between them',

  async start(folder, random) {
    const drawn = shuffled(names, random)
    const pairs = [0, 1, 2, 3].map((i) => [drawn[2 * i], drawn[2 * i + 1]] as [string, string])
    const target = pairs[between(0, 3, random)]?.[between(0, 1, random)] ?? ''
    const setup = keySubstitution.setup(random)
    const screens = await onStage(folder, random, async ({ access, tap, join, tell }) => {
      const cast = await Promise.all(drawn.map(join))
      await access(keySubstitution, setup)
      await tap(keySubstitution, setup, target)
      const called = (name: string) => cast.find((one) => one.name === name) as Person
      for (const [one, other] of pairs)
        for (const [i, text] of sentences.entries()) {
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
    return [
      'Four pairs met over this relay, and all their messages came. pairs.txt says who talks with whom; NAME.txt is what each of them sees who types doormat verify.',
      'The relay gave one of them other keys than those of their friends, and reads what the two say.',
      'Which two are they, and which are the first five digits that the first of them sees?',
      'Answer: NAME NAME DIGITS, for example: doormat exercise check safety "ada bob 12345"',
    ]
  },

  check(folder, answer) {
    const [, one = '', other = '', digits = ''] = /^([a-z]+)\s+([a-z]+)\s+(\d{5})$/.exec(answer) ?? []
    if (digits === '') return 'Give two names and five digits, with spaces between them.'
    const isPair = pairsIn(folder).some((pair) => pair.includes(one) && pair.includes(other) && one !== other)
    if (!isPair) return 'Those two do not talk with each other: see pairs.txt.'
    if (digitsOf(folder, one) === digitsOf(folder, other))
      return 'Those two see the same number, all sixty digits of it. Nobody stands between them.'
    if (!digitsOf(folder, one).startsWith(digits))
      return 'Those two, but these are not the digits that the first of them sees.'
    return null
  },
}
