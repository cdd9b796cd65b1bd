import { counted, grouped } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'
import type { LabResult } from '../runs/result.ts'
import type { Sensitivity } from '../runs/sensitivity.ts'
import { inPercent, markOf } from './curve-figures.ts'
import { headsOf, measuredWhen, rowsOf } from './curve-page.ts'
import { barsWords, curveWords, pairsNotPeople, playedWords, toldBy, worldsWords } from './curve-words.ts'
import { item, plain, tableOf, wrapped } from './markdown.ts'

/**
 * docs/sensitivity.md: how far the headline of the findings depends on the world. Every figure is of the plays.
 * @param result the run of the findings
 */
export const sensitivityPage = (measured: Sensitivity, result: LabResult): string =>
  [
    '# What the headline depends on',
    wrapped(
      'The headline of the [findings](findings.md) is measured in one world. Here three properties of the world are turned, one at a time: how many pairs compare [safety numbers](glossary.md#safety-number), how many evade the mode, and for how many days the mode is on. “Read” means decrypted, and the same as what was sent.',
    ),
    ...curveWords.flatMap(({ id }) => {
      const { verdict } = toldBy(measured, id)
      return verdict === null ? [] : [`**${wrapped(plain(verdict))}**`]
    }),
    `![Three drawings of the tables below: share of messages read, by pairs who compare, by pairs who evade, and by days on](sensitivity.svg)`,
    wrapped(plain(barsWords(measured))),
    ...curveWords.flatMap((words) => [
      `## ${words.title}`,
      toldBy(measured, words.id)
        .awkward.map((one) => item(plain(one)))
        .join('\n'),
      tableOf(
        headsOf(words).map(plain),
        rowsOf(measured, words).map((row) => row.map(plain)),
      ),
      wrapped(plain(method[words.id])),
    ]),
    '## Which worlds, and what was played',
    ...[worldsWords(measured), ofFindings(result), playedWords(measured), pairsNotPeople].map((one) =>
      wrapped(plain(one)),
    ),
    '## What this does not show',
    limits.map((one) => item(plain(one))).join('\n'),
    '## Where these figures come from',
    wrapped(
      `${plain(measuredWhen(measured))} [sensitivity.json](sensitivity.json) has every play. \`npm run sensitivity\` measures all of it again, and \`npx vitest run tests/lab/sensitivity.test.ts\` plays one world again, a different one each day.`,
    ),
    '',
  ].join('\n\n')

/** How each curve was made, in the words of what it is about. */
const method = {
  'comparing':
    'The pairs who compare are drawn from all pairs. They compare before their first word, and do not write where the numbers differ. The server is dishonest from the first day. The figures are of the days on which a mode would be on in the findings, of the people who comply. One pair in eight evades, as in the findings. That the first line falls about as fast as the share grows is arithmetic. Measured is that the server reads nothing of pairs who compare, and everything of the others.',
  'evading':
    'The pairs who evade are drawn from all pairs but the target’s; a third each sends garbage stanzas, encrypts first, or uses another service. That the second line falls with their share is arithmetic. Measured is that evading hides all that they say, and nothing that anybody else says.',
  'days on':
    'The days lie around the middle of those in the findings, as far as the month reaches: nine days are the same nine. No other state comes. One pair in eight evades, as in the findings.',
} as const

const limits = [
  'These people are as invented as those of the findings. Other ways to know each other, or to talk, were not tried.',
  'One property is turned at a time. Where people who compare are also those who evade, the figures may be others.',
  'Everybody who compares does so before the first word, with the right digits, and stops where they differ. People do it later, or click it away: then a dishonest server reads more than is drawn here.',
  'Only message key escrow and the dishonest server were tried, since the headline is about those two.',
]

/** The one world of the findings beside these. */
function ofFindings(result: LabResult): string {
  const { world } = result
  const marks = curveWords.flatMap(({ id }) => {
    const mark = markOf(result, id)
    return mark
      ? [id === 'days on' ? `${counted(mark.value, 'day')} on` : `${inPercent(mark.value)} of pairs ${id}`]
      : []
  })
  const where = marks.length === 0 ? '' : ` In the drawings it is the diamond (${listed(marks)}).`
  return `The world of the findings has ${grouped(world.people.length)} people, those of the stories alone, with ${counted(world.messages, 'message')} in ${counted(world.conversations.length, 'conversation')} and ${counted(world.days, 'simulated day')}.${where} It is none of these worlds, so it may lie outside a bar.`
}
