import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { emptyTally, openEvidence } from '../../authority/reading.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import { readSecretKey } from '../../authority/key-file.ts'
import { createDesk, trustIssuer } from '../../authority/order/desk-setup.ts'
import { contentWithin } from '../../authority/order/execute.ts'
import { createIssuer, writeIssuer } from '../../authority/order/issuer.ts'
import type { Scope } from '../../authority/order/within.ts'
import type { Exercise } from './model.ts'
import { between, code, shuffled, someTime, writeEscrowKey } from './play.ts'
import { archiveName, onStage, type Person } from './stage.ts'

const names = ['ulla', 'viktor', 'wanda', 'xaver', 'yusuf', 'zora']
const caseFile = 'case.json'
const orderLivesMs = 90 * 86_400_000

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
    stranger,
  }
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

export const order: Exercise = {
  id: 'order',
  title: 'Carry out an order, and then do without one',
  minutes: 25,

  async start(folder, random) {
    const [person = '', partner = '', stranger = '', friend = ''] = shuffled(names, random)
    const setup = messageKeyEscrow.setup(random)
    const window = await onStage(folder, random, async ({ access, join, tell, wait, nextDay }) => {
      const [one, two] = [await join(person), await join(partner)]
      const [three, four] = [await join(stranger), await join(friend)]
      await access(messageKeyEscrow, setup)
      const say = async (from: Person, to: Person, text: string) => {
        wait(someTime(random))
        await tell(from, to, text)
      }
      const some = async (least: number, most: number) => {
        for (let left = between(least, most, random); left > 0; left--) {
          const [from, to] = left % 2 === 0 ? [one, two] : [two, one]
          await say(from, to, `Lorry ${code(random)} is through.`)
        }
      }
      await some(1, 2)
      await say(four, three, `For the clinic on Friday the word is ${code(random)}. Tell nobody.`)
      const from = nextDay()
      await some(3, 7)
      await say(two, one, `At the gate the word is ${code(random)}.`)
      const to = nextDay()
      await say(three, four, `It was ${code(random)} last time.`)
      await some(2, 4)
      return { from, to }
    })
    writeEscrowKey(folder, setup)
    const minister = createIssuer('Home Secretary', 'uk', random)
    writeIssuer(join(folder, 'home-secretary.key'), minister)
    await createDesk(join(folder, 'desk'), 'us', random, window.to)
    await trustIssuer(join(folder, 'desk'), minister, window.to)
    const matter: Matter = { scope: { person, window }, stranger }
    writeFileSync(join(folder, caseFile), `${JSON.stringify(matter)}\n`)
    const command = (words: string) => `doormat authority order ${words}`.split(' ')
    return {
      story: [
        `A company in the United States has an order desk, which trusts the Home Secretary of the United Kingdom. The key that opens messages, escrow.key, is in this folder too, and so is everything that passed the relay: passed.archive. The police suspect ${person}. Nobody suspects ${stranger}.`,
      ],
      steps: [
        {
          text: `Be the Home Secretary, who signs interception warrants in the United Kingdom. Sign one for what ${person} sent and got from ${dayOf(window.from)} until the beginning of ${dayOf(window.to)}.`,
          commands: [
            command(
              `draft --issuer home-secretary.key --serial 1 --standard uk-interception --person ${person} --from ${dayOf(window.from)} --to ${dayOf(window.to)} --expires ${dayOf(Date.now() + orderLivesMs)}`,
            ),
          ],
        },
        {
          text: "Be the company's order desk: take the order in, check it, carry it out. Read what `review` says of each check. How many messages does the order give?",
          commands: [command('submit order.json'), command('review 1'), command(`execute 1 --archive ${archiveName}`)],
        },
        {
          text: `Be the clerk who keeps the key. The others have gone home, and you are curious about ${stranger}. Look at the audit log, read, and look at the log again.`,
          commands: [
            command('audit'),
            ['doormat', 'authority', 'open', '--archive', archiveName, '--person', stranger],
            command('audit'),
          ],
        },
      ],
      question: `How many messages does the order give, and which word was ${stranger} told for Friday?`,
      form: 'the number of messages and the six characters of the word',
      example: ['12', '0a1b2c'],
    }
  },

  check(folder, answer) {
    const { given, possible, word, person } = truthIn(folder)
    const [, count = '', said = ''] = /^(\d+)[\s,]+([0-9a-f]{6})$/.exec(answer) ?? []
    if (said === '') return 'Give a number and six characters, 0 to 9 and a to f.'
    if (Number(count) === given)
      return said === word ? null : 'Right count, wrong word: that word was told to somebody else, or is another one.'
    if (Number(count) === possible)
      return `The key opens that many messages of ${person}. The order gives only those in its window.`
    return `The order gives another number of messages${said === word ? ', and the word is right' : ''}. \`doormat authority order audit\` says how many.`
  },

  why(folder) {
    const { given, possible, person, stranger } = truthIn(folder)
    return `The order gave ${given} of the ${possible} messages of ${person} that the key opens, and the audit log has an entry for it. The same key, used beside the desk, opened ${stranger}'s messages, and the log ends with the same line as before.`
  },

  discuss:
    'Go through the list that `review` prints. Which of these checks did the clerk get past, and which did the clerk never meet? Would a better log have shown it?',
}
