import { Stop } from '../exit.ts'
import { startRelayProcess } from '../cast.ts'
import { temporaryFolder } from '../../node/temporary.ts'
import { tell } from '../output.ts'
import { killAll } from '../running.ts'
import { createNarrator } from './narrator.ts'
import { inOneLine, sentenceMaximum } from './people.ts'
import { tour } from './tour.ts'

export interface DemoFlags {
  readonly yes?: boolean
  readonly say?: string
  readonly pace?: string
}

/** The guided tour: two relays and eight devices, each a process of its own but for the relay that lies. */
export async function demo(flags: DemoFlags): Promise<void> {
  const { pace = 'usual' } = flags
  const sentence = flags.say === undefined ? null : inOneLine(flags.say)
  if (pace !== 'usual' && pace !== 'slow')
    throw new Stop('user', `there is no pace ${pace}`, 'doormat demo --pace slow')
  if (sentence === '' || (sentence !== null && sentence.length > sentenceMaximum))
    throw new Stop('user', `a sentence has 1 to ${sentenceMaximum} characters`, "doormat demo --say 'a short one'")
  const asks = process.stdin.isTTY && process.stdout.isTTY && !flags.yes
  const narrator = createNarrator({ asks, slow: pace === 'slow' })
  const { path: folder, remove } = temporaryFolder()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.prependOnceListener(signal, () => tell('interrupted; nothing is left behind'))
  try {
    narrator.starting('starting a relay')
    const { url } = await startRelayProcess(folder, 'passed.archive')
    await tour({ folder, relayUrl: url, narrator, sentence })
  } finally {
    await killAll()
    remove()
  }
}
