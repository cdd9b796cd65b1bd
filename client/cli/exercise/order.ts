import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { emptyTally, openEvidence } from '../../authority/reading.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import { readSecretKey } from '../../authority/key-file.ts'
import { createDesk, trustIssuer } from '../../authority/order/desk-setup.ts'
import { contentWithin } from '../../authority/order/execute.ts'
import { createIssuer, writeIssuer } from '../../authority/order/issuer.ts'
import { instant } from '../../authority/order/order-file.ts'
import type { Scope } from '../../authority/order/within.ts'
import type { Exercise } from './model.ts'
import { between, code, shuffled, writeEscrowKey } from './play.ts'
import { archiveName, onStage } from './stage.ts'

const names = ['ulla', 'viktor', 'wanda', 'xaver', 'yusuf', 'zora']
const caseFile = 'case.json'

/** Whom the order is about and when, and whose mail is nobody's business. */
interface Matter {
  readonly scope: Scope
  readonly stranger: string
}

const matterIn = (folder: string): Matter => JSON.parse(readFileSync(join(folder, caseFile), 'utf8')) as Matter

function truthIn(folder: string) {
  const { scope, stranger } = matterIn(folder)
  const keys = [readSecretKey(join(folder, 'escrow.key'))]
  const evidence = () => archiveEvidence(join(folder, archiveName))
  const whole = { ...scope, window: { from: 0, to: Number.MAX_SAFE_INTEGER } }
  const words = new Map<string, string>()
  for (const { recorded, content } of openEvidence(evidence(), keys, emptyTally())) {
    const [, word] = /the word is ([0-9a-f]{6})/.exec(content.text) ?? []
    if (word !== undefined) words.set(recorded.toUser, word)
  }
  return {
    given: contentWithin(scope, evidence(), keys).lines.length,
    possible: contentWithin(whole, evidence(), keys).lines.length,
    word: words.get(stranger),
    person: scope.person,
  }
}

export const order: Exercise = {
  id: 'order',
  title: "The officer's order and the clerk's curiosity",

  async start(folder, random) {
    const [person = '', partner = '', stranger = '', friend = ''] = shuffled(names, random)
    const setup = messageKeyEscrow.setup(random)
    const window = await onStage(folder, random, async ({ access, join, tell }) => {
      const [one, two, three, four] = await Promise.all([join(person), join(partner), join(stranger), join(friend)])
      await access(messageKeyEscrow, setup)
      const lorry = () => `Lorry ${code(random)} is through.`
      const some = async (least: number, most: number) => {
        for (let left = between(least, most, random); left > 0; left--)
          await (left % 2 === 0 ? tell(one, two, lorry()) : tell(two, one, lorry()))
      }
      await some(1, 2)
      await tell(four, three, `For the clinic on Friday the word is ${code(random)}. Tell nobody.`)
      const from = Date.now() + 1
      while (Date.now() < from) await new Promise(setImmediate)
      await some(3, 7)
      await tell(two, one, `At the gate the word is ${code(random)}.`)
      const to = Date.now() + 1
      while (Date.now() < to) await new Promise(setImmediate)
      await tell(three, four, `It was ${code(random)} last time.`)
      await some(2, 4)
      return { from, to }
    })
    writeEscrowKey(folder, setup)
    const court = createIssuer('Crown Court', 'uk', random)
    writeIssuer(join(folder, 'court.key'), court)
    await createDesk(join(folder, 'desk'), 'us', random, Date.now())
    await trustIssuer(join(folder, 'desk'), court, Date.now())
    const matter: Matter = { scope: { person, window }, stranger }
    writeFileSync(join(folder, caseFile), `${JSON.stringify(matter)}\n`)
    return [
      `The officer: Crown Court grants an order for ${person}, from ${instant(window.from)} to ${instant(window.to)}. Draft and sign it with court.key, hand it to the desk, review it, execute it with escrow.key on passed.archive. How many messages does it give?`,
      `The clerk: the others have gone home, and escrow.key is still here. About ${stranger} there is no order. Which word was ${stranger} told for Friday?`,
      'Then read the log once more: doormat authority order audit.',
      'Answer: COUNT WORD, for example: doormat exercise check order "5 0a1b2c"',
    ]
  },

  check(folder, answer) {
    const { given, possible, word, person } = truthIn(folder)
    const [, count = '', said = ''] = /^(\d+)\s+([0-9a-f]{6})$/.exec(answer) ?? []
    if (said === '') return 'Give a number and six characters, 0 to 9 and a to f, with a space between them.'
    if (Number(count) === given)
      return said === word ? null : 'The order gave so many. The word was told to somebody else.'
    if (Number(count) === possible)
      return `So many messages of ${person} the key opens. The order gives those in its window.`
    return `The order gives another number of messages${said === word ? ', and the word is right' : ''}. doormat authority order execute says how many.`
  },
}
