import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ghostDevice } from '../../../crypto/access/ghost-device.ts'
import { hex } from '../../../crypto/bytes.ts'
import type { Random } from '../../../crypto/random.ts'
import { counted } from '../../words/counted.ts'
import type { Exercise } from './model.ts'
import { between, recordsIn, shuffled, someTime } from './play.ts'
import { archiveName, onStage, type Person, type Stage } from './stage.ts'

const names = ['ines', 'joao', 'kim', 'lars', 'maud', 'nadir']
const sentences = [
  'Have you read it?',
  'Only the first page.',
  'Burn it.',
  'It is cold here.',
  'Call me when you are in.',
]
const screensFile = 'screens.txt'

/** What a program shows of the devices of somebody: of those its person talks with, and of its own person. */
interface Shown {
  readonly screen: string
  readonly user: string
  readonly devices: number
}

const shownBy = ({ name, device }: Person): readonly Shown[] => [
  { screen: name, user: name, devices: device.self.list.devices.length },
  ...device.contacts.all().map(({ user, list }) => ({ screen: name, user, devices: list.devices.length })),
]

const asLine = ({ screen, user, devices }: Shown) =>
  `${screen}'s program shows: ${user} has ${counted(devices, 'device')}\n`

/** Most devices that any program shows of each person. */
function shownIn(folder: string): ReadonlyMap<string, number> {
  const shown = new Map<string, number>()
  for (const [, user = '', devices] of readFileSync(join(folder, screensFile), 'utf8').matchAll(
    /shows: ([a-z]+) has (\d+) /g,
  ))
    shown.set(user, Math.max(shown.get(user) ?? 0, Number(devices)))
  return shown
}

interface Surplus {
  readonly user: string
  /** from 1: the first envelope to one device more than any screen shows */
  readonly first: number
  /** the id of that device, in hex */
  readonly device: string
  readonly shown: number
  readonly devices: number
}

/** Everybody who got mail at more devices than their friends' programs show. */
function surplusIn(folder: string): readonly Surplus[] {
  const records = recordsIn(folder)
  return [...shownIn(folder)].flatMap(([user, shown]) => {
    const seen = new Set<string>()
    let [first, device] = [0, '']
    for (const [i, { toUser, toDevice }] of records.entries())
      if (toUser === user && seen.add(hex(toDevice)).size > shown && first === 0)
        [first, device] = [i + 1, hex(toDevice)]
    return first === 0 ? [] : [{ user, first, device, shown, devices: seen.size }]
  })
}

async function talk({ tell, wait }: Stage, pairs: readonly (readonly Person[])[], random: Random) {
  for (const pair of shuffled([...pairs, ...pairs], random)) {
    const [from, to] = shuffled(pair, random) as [Person, Person]
    wait(someTime(random))
    await tell(from, to, sentences[between(0, sentences.length - 1, random)] ?? '')
  }
}

export const ghost: Exercise = {
  id: 'ghost',
  title: 'Catch the ghost device beside one of four people',
  minutes: 20,

  async start(folder, random) {
    const [target = '', household = '', third = '', fourth = ''] = shuffled(names, random)
    const setup = ghostDevice.setup(random)
    const screens = await onStage(folder, random, async (stage) => {
      const { wait, tell, join } = stage
      const [one, two] = [await join(target), await join(household)]
      const [three, four] = [await join(third), await join(fourth)]
      await stage.link(two)
      const pairs = shuffled([[one, three] as const, [two, four] as const, [one, two] as const], random)
      await stage.access(ghostDevice, setup)
      // everybody has been written to before, each at the devices they have
      for (const [from, to] of pairs) {
        wait(someTime(random))
        await tell(from, to, 'Are you there?')
        await tell(to, from, 'Yes.')
      }
      await stage.tap(ghostDevice, setup, target)
      stage.nextDay()
      await stage.restart()
      await talk(stage, pairs, random)
      wait(someTime(random))
      await tell(three, one, 'Who else knows?')
      // so that in every run the ghost also gets what its target sends
      wait(someTime(random))
      await tell(one, three, 'Nobody.')
      wait(someTime(random))
      await tell(four, two, 'Good night.')
      return [one, two, three, four].flatMap(shownBy)
    })
    writeFileSync(join(folder, screensFile), screens.map(asLine).sort().join(''))
    const [somebody = ''] = shuffled([target, household, third, fourth], random)
    return {
      story: [
        'Four people wrote to each other, and from some moment on a silent device stood beside one of them: whatever is sent to that person is encrypted to the ghost device too. Their programs do not show it. passed.archive is everything that passed the relay; screens.txt is how many devices each program shows.',
        'One of the four has two devices of their own, and that is no secret.',
      ],
      steps: [
        { text: 'See how many devices everybody is shown.', commands: [['cat', screensFile]] },
        {
          text: 'Look at the envelopes. Where a person has several devices, four characters behind the name tell them apart, and the last lines say how many each person has. The epoch rose when the operator switched the mode on; the ghost device came later than that.',
          commands: [
            ['doormat', 'wire', archiveName],
            ['doormat', 'wire', archiveName, '--person', somebody],
          ],
        },
        {
          text: 'Whose device gets mail, never sends any and is on no screen? Look at that person alone: what do they send to themselves?',
          commands: [],
        },
      ],
      question: 'Beside whom does the ghost device stand, and what is the number of the first envelope that it got?',
      form: 'a name and a number',
      example: ['ada', '12'],
    }
  },

  check(folder, answer) {
    const [, name = '', device = '', number = ''] = /^([a-z]+)(?:\/([0-9a-f]+))?[\s,]+(\d+)$/.exec(answer) ?? []
    if (number === '') return 'Give a name and the number of an envelope.'
    if (!shownIn(folder).has(name)) return 'There is nobody of that name in this run.'
    const caught = surplusIn(folder).find(({ user }) => user === name)
    if (!caught) return `Every device that got mail for ${name} is one that the screens show.`
    if (!caught.device.startsWith(device)) return 'Right person, but that is their own device.'
    if (Number(number) !== caught.first)
      return 'Right person, wrong envelope. Which of their devices came last and never sent anything?'
    return null
  },

  why(folder) {
    const [caught] = surplusIn(folder)
    return `Envelopes for ${caught?.user} went to ${counted(caught?.devices ?? 0, 'device')}, and every screen shows ${caught?.shown}. A ghost device reads because messages are encrypted to it, by the friends' programs and by the target's own, so each message has to be sent once more and whoever counts envelopes sees that.`
  },

  discuss:
    'You were the relay, or its cable. Could one of the four have found out, and would they get the same program as the target if they looked?',
}
