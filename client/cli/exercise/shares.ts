import { join } from 'node:path'
import { splitEscrow, setupShares } from '../../../crypto/access/split-escrow.ts'
import { decodeShare, type Share } from '../../../crypto/access/split-key.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { readSecretKey, writeKeyFiles } from '../../authority/key-file.ts'
import type { Exercise } from './model.ts'
import { between, code, shuffled, someTime } from './play.ts'
import { archiveName, onStage } from './stage.ts'

const names = ['yara', 'zeno', 'wim', 'vera']
const custodians = ['the ministry', 'a court', 'the police', 'an auditor', 'a university', 'a notary'].map(
  (holder) => ({
    holder,
    jurisdiction: 'one state',
  }),
)

/** Custodians' shares as they lie in the folder; null for one that is none. */
const sharesIn = (folder: string): readonly (Share | null)[] =>
  custodians.map((_, i) => {
    try {
      return decodeShare(readSecretKey(join(folder, `escrow.${i + 1}.key`)).secret)
    } catch (error) {
      if (error instanceof CryptoError) return null
      throw error
    }
  })

/** How many are needed, whose share was altered, and whose is of another key: from 1. */
function truthIn(folder: string): { readonly needed: number; readonly altered: number; readonly foreign: number } {
  const shares = sharesIn(folder)
  const keyOf = (share: Share) => share.splitKey.key.join()
  const sound = shares.filter((share) => share !== null)
  const common = sound.find((one) => sound.filter((other) => keyOf(other) === keyOf(one)).length > 1)
  return {
    needed: common?.splitKey.needed ?? 0,
    altered: shares.indexOf(null) + 1,
    foreign: shares.findIndex((share) => share && common && keyOf(share) !== keyOf(common)) + 1,
  }
}

const opening = (...keys: number[]) => [
  'doormat',
  'authority',
  'open',
  '--archive',
  archiveName,
  '--key',
  ...keys.map((key) => `escrow.${key}.key`),
]

export const shares: Exercise = {
  id: 'shares',
  title: 'Compel six custodians, two of whom cheat',
  minutes: 20,

  async start(folder, random) {
    // fewer than are sound, so that one has to try how few will do
    const needed = between(2, 3, random)
    const [setup, other] = [setupShares(needed, custodians, random), setupShares(needed, custodians, random)]
    const [altered, foreign] = shuffled([0, 1, 2, 3, 4, 5], random) as [number, number]
    const secrets = setup.secrets.map(({ bytes }, i) =>
      // the last bytes of a share are its secret, and those before are public
      i === altered
        ? bytes.map((byte, at) => (at === bytes.length - 20 ? byte ^ 1 : byte))
        : i === foreign
          ? (other.secrets[i]?.bytes ?? bytes)
          : bytes,
    )
    const unaltered = [0, 1, 2, 3, 4, 5].filter((i) => i !== altered)
    const pair = shuffled(unaltered, random)
      .slice(0, 2)
      .sort((a, b) => a - b)
    const [one = '', two = ''] = shuffled(names, random)
    await onStage(folder, random, async ({ access, join, tell, wait }) => {
      await access(splitEscrow, setup)
      const [first, second] = [await join(one), await join(two)]
      wait(someTime(random))
      await tell(first, second, `The second key lies under ${code(random)}.`)
      wait(someTime(random))
      await tell(second, first, 'And who has the third?')
      wait(someTime(random))
      await tell(first, second, 'Nobody that you know.')
    })
    writeKeyFiles(join(folder, 'escrow.key'), splitEscrow.id, secrets, setup.parameters)
    return {
      story: [
        `A key is split among six custodians, so that no office opens anything alone. A court compels them to hand over their shares: escrow.1.key to escrow.6.key. passed.archive is what ${one} and ${two} wrote to each other.`,
        'Two custodians cheated: one has altered its share, and one has handed over a share of another key.',
      ],
      steps: [
        {
          text: 'Give the program one share after the other. It tells an altered share from others by that share alone. It also says how many are needed: take that for a claim until you have tried it.',
          commands: [opening(1), opening(2)],
        },
        {
          text: 'Give it two at a time, without the altered one, with which no pair shows anything new. Two shares of different keys do not go together: try more pairs until you know which of the two is the odd one out.',
          commands: [opening(...pair.map((i) => i + 1))],
        },
        {
          text: 'Open the archive with as few of the four sound shares as you can, and look at what you get with one fewer. Was the claim right?',
          commands: [],
        },
      ],
      question: "How many shares are needed, which custodian's was altered, and whose is of another key?",
      form: 'three numbers in this order',
      example: ['6', '1', '2'],
    }
  },

  check(folder, answer) {
    const { needed, altered, foreign } = truthIn(folder)
    const given = /^(\d+)\D+(\d+)\D+(\d+)$/.exec(answer)?.slice(1).map(Number)
    if (!given) return 'Give three numbers: how many are needed, whose share was altered, whose is of another key.'
    if (given.some((number) => number < 1 || number > custodians.length))
      return `There are ${custodians.length} custodians: every number is from 1 to ${custodians.length}.`
    if (given[1] === given[2]) return 'Two custodians cheated, each in another way: the last two numbers are different.'
    const right = [needed, altered, foreign].map((truth, i) => given[i] === truth)
    if (right.every(Boolean)) return null
    const whats = ['how many are needed', 'whose share was altered', 'whose is of another key']
    const wrong = whats.filter((_, i) => !right[i])
    return `Look again at ${wrong.join(', and at ')}. \`doormat authority open --key\` takes several files and says which do not go together.`
  },

  why(folder) {
    const { needed, altered, foreign } = truthIn(folder)
    return `Any ${needed} of the sound shares open everything, and ${needed - 1} open nothing. Each share carries public values that its secret must fit: custodian ${altered}'s does not fit its own, and custodian ${foreign}'s fits, but belongs to another key.`
  },

  discuss:
    'With these shares together, how many custodians do you need for the next message, and for everybody else? They could answer for one message at a time and keep their shares: who sees to it that they do?',
}
