import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyTally, openEvidence } from '../../authority/reading.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import { readSecretKey } from '../../authority/key-file.ts'
import type { Exercise } from './model.ts'
import { between, code, play, shuffled, type Step, writeEscrowKey } from './play.ts'
import { archiveName } from './stage.ts'

const names = ['oda', 'piet', 'quinn', 'rosa', 'sami', 'tilda']
const matters = ['the garden gate', 'the archive room', 'the boat shed']
const strangerFile = 'stranger.txt'

/** What the stolen key opens, read out of the archive as a thief does. */
function loot(folder: string) {
  const stranger = readFileSync(join(folder, strangerFile), 'utf8').trim()
  const found = new Map<string, string>()
  let messages = 0
  const people = new Set<string>()
  for (const { recorded, content } of openEvidence(
    archiveEvidence(join(folder, archiveName)),
    [readSecretKey(join(folder, 'escrow.key'))],
    emptyTally(),
  )) {
    messages += 1
    people.add(recorded.fromUser).add(recorded.toUser)
    const said = /the new code is ([0-9a-f]{6})/.exec(content.text)
    if (said?.[1]) found.set(recorded.toUser, said[1])
  }
  return {
    wanted: found.get(stranger) ?? null,
    others: [...found].filter(([who]) => who !== stranger).map(([, value]) => value),
    messages,
    people: people.size,
  }
}

export const thief: Exercise = {
  id: 'thief',
  title: "Open a stranger's conversation with a stolen key",
  minutes: 15,

  async start(folder, random) {
    const people = shuffled(names, random)
    const pairs = [0, 1, 2].map((i) => [people[2 * i], people[2 * i + 1]] as [string, string])
    const places = shuffled(matters, random)
    const told = pairs.flatMap(([one, other], i): Step[] => [
      { from: one, to: other, text: `Nobody but you shall know: for ${places[i]} the new code is ${code(random)}.` },
      { from: other, to: one, text: `Understood. The old one, ${code(random)}, I forget.` },
    ])
    const early = pairs.flatMap(([one, other]): Step[] => [
      { from: other, to: one, text: `Is there a new code already? The last was ${code(random)}.` },
    ])
    const steps: Step[] = [...shuffled(early, random), { access: 'on' }, ...told, { access: 'off' }]
    writeEscrowKey(folder, await play(folder, pairs, steps, random))
    const stranger = pairs[between(0, 2, random)]?.[1] ?? ''
    writeFileSync(join(folder, strangerFile), `${stranger}\n`)
    return {
      story: [
        "Somebody left the authority's key on a train: escrow.key. A backup disk with everything that passed the relay was stolen elsewhere: passed.archive. There is no relay any more and no device, and you know nobody in it.",
      ],
      steps: [
        {
          text: 'Read everything that the key opens, then only what one stranger sent and got.',
          commands: [
            ['doormat', 'authority', 'open', '--key', 'escrow.key', '--archive', archiveName],
            ['doormat', 'authority', 'open', '--key', 'escrow.key', '--archive', archiveName, '--person', stranger],
          ],
        },
        {
          text: 'Compare it with the list of all envelopes. Some do not open: which, and why?',
          commands: [['doormat', 'wire', archiveName]],
        },
      ],
      question: `Which new code was ${stranger} told?`,
      form: 'the six characters of the code',
      example: ['0a1b2c'],
    }
  },

  check(folder, answer) {
    const { wanted, others } = loot(folder)
    if (answer === wanted) return null
    if (others.includes(answer))
      return 'Somebody else was told that code: the key opened more than you were looking for.'
    if (!/^[0-9a-f]{6}$/.test(answer)) return 'A code is six characters, 0 to 9 and a to f.'
    return 'Not that one. Look for "the new code is" in a message to the person in your task.'
  },

  why(folder) {
    const { messages, people } = loot(folder)
    return `One key file opened all ${messages} messages that ${people} people sent while it lay under the mat, and you were looking for one. The key does not know whose messages it may open, and nothing that you did left a trace with anybody.`
  },

  discuss:
    'What did the theft leave behind that an auditor could find? What would have helped: splitting the key, changing it every month, an order on paper? Which of these does cryptography enforce, and which is a promise?',
}
