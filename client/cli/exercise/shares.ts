import { join } from 'node:path'
import { splitEscrow, setupShares } from '../../../crypto/access/split-escrow.ts'
import { decodeShare, type Share } from '../../../crypto/access/split-key.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { readSecretKey, writeKeyFiles } from '../../authority/key-file.ts'
import type { Exercise } from './model.ts'
import { between, code, shuffled } from './play.ts'
import { onStage } from './stage.ts'

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

export const shares: Exercise = {
  id: 'shares',
  title: 'Compel k of n custodians, two of whom do not want to',

  async start(folder, random) {
    const needed = between(2, 4, random)
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
    const [one = '', two = ''] = shuffled(names, random)
    await onStage(folder, random, async ({ access, join, tell }) => {
      await access(splitEscrow, setup)
      const [first, second] = [await join(one), await join(two)]
      await tell(first, second, `The second key lies under ${code(random)}.`)
      await tell(second, first, 'And who has the third?')
      await tell(first, second, 'Nobody that you know.')
    })
    writeKeyFiles(join(folder, 'escrow.key'), splitEscrow.id, secrets, setup.parameters)
    return [
      `A court compels six custodians to hand over their shares of one key: escrow.1.key to escrow.6.key. passed.archive is what ${one} and ${two} said.`,
      'Two custodians gave something else: one has altered its share, one has handed over a share of another key. The program names the first, if you ask it; the second you find out.',
      'How many shares are needed, whose was altered, and whose is of another key?',
      'Answer: three numbers, for example: doormat exercise check shares "3 1 2"',
    ]
  },

  check(folder, answer) {
    const { needed, altered, foreign } = truthIn(folder)
    const given = /^(\d+)\D+(\d+)\D+(\d+)$/.exec(answer)?.slice(1).map(Number)
    if (!given) return 'Give three numbers: how many are needed, whose share was altered, whose is of another key.'
    const right = [needed, altered, foreign].map((truth, i) => given[i] === truth)
    if (right.every(Boolean)) return null
    if (given[1] === foreign && given[2] === altered) return 'You have the two custodians, the other way round.'
    const whats = ['how many are needed', 'whose share was altered', 'whose is of another key']
    const wrong = whats.filter((_, i) => !right[i])
    return `Look again at ${wrong.join(', and at ')}. doormat authority open --key takes several files, and says which are no good together.`
  },
}
