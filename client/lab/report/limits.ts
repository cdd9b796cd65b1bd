import type { LabResult } from '../runs/result.ts'
import { counted } from '../../words/counted.ts'
import { numeral } from './experiments.ts'

/** What page and findings say before anything else: these people do not exist. */
export const invented = ({ world }: Pick<LabResult, 'world'>): string =>
  `The people are invented: ${counted(world.people.length, 'person', 'people')} with ${counted(world.conversations.length, 'conversation')} and ${counted(world.messages, 'message')} in ${counted(world.days, 'simulated day')}. The cryptography is real: “read” means decrypted, and the same as what was sent.`

/** When the switch was used, and when something was stolen. */
export function timetableWords({ moments: { on, off, breach, again } }: Pick<LabResult, 'moments'>): string {
  const further =
    again === null
      ? ''
      : ` After ${numeral(again)} days another state compels the operator to switch it on again, with keys of its own.`
  return `Each mode is switched on after ${numeral(on)} days and off after ${numeral(off)}. After ${numeral(breach)} days somebody breaks in and steals.${further}`
}

/** What nobody should take from a run. */
export const limits = [
  'The people are invented, and most of them know each other by chance. Shares belong to this world and its timetable; another world has to be measured again. For the headline that was done: see what it depends on.',
  'Every server sees who writes to whom, when and how much, under every mode and without one. That is not counted as reading here.',
  'Where only software and people hold to an order, everything that the same keys can open is counted, whether or not anybody would do it.',
  'The people of the matrix talk in pairs and send no files. Groups and files are tried by themselves, in experiments with worlds of their own.',
  'Custodians of a split key who answer message by message, so that nobody ever has the whole key, are built (crypto/access/split-custodians.ts) and not tried in the lab. Here the shares are put together.',
  'Nobody outside the project has reviewed the messenger or the modes.',
]
