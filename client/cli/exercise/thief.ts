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

/** The code that the stranger was told, read out of the archive with the stolen key, as a thief does. */
function codes(folder: string): { readonly wanted: string | null; readonly others: readonly string[] } {
  const stranger = readFileSync(join(folder, strangerFile), 'utf8').trim()
  const found = new Map<string, string>()
  for (const { recorded, content } of openEvidence(
    archiveEvidence(join(folder, archiveName)),
    [readSecretKey(join(folder, 'escrow.key'))],
    emptyTally(),
  )) {
    const said = /the new code is ([0-9a-f]{6})/.exec(content.text)
    if (said?.[1]) found.set(recorded.toUser, said[1])
  }
  return {
    wanted: found.get(stranger) ?? null,
    others: [...found].filter(([who]) => who !== stranger).map(([, value]) => value),
  }
}

export const thief: Exercise = {
  id: 'thief',
  title: "Open a stranger's conversation with a stolen key",

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
    return [
      `Somebody left escrow.key on a train, and a backup disk with passed.archive stood beside it. You know nobody in it. What new code was ${stranger} told?`,
      'There is no relay any more, and no device. Two files are enough.',
      'Answer: the six characters, for example: doormat exercise check thief 0a1b2c',
    ]
  },

  check(folder, answer) {
    const { wanted, others } = codes(folder)
    if (answer === wanted) return null
    if (others.includes(answer))
      return 'That code was told to somebody else: the key opened more than you were looking for.'
    if (!/^[0-9a-f]{6}$/.test(answer)) return 'A code is six characters, 0 to 9 and a to f.'
    return 'Not that one. doormat authority open, with --key, --archive and --person, reads for you.'
  },
}
