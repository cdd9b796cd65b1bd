import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ghostDevice } from '../../../crypto/access/ghost-device.ts'
import { hex } from '../../../crypto/bytes.ts'
import type { Exercise } from './model.ts'
import { between, recordsIn, shuffled } from './play.ts'
import { onStage, type Person, type Stage } from './stage.ts'

const names = ['ines', 'joao', 'kim', 'lars', 'maud', 'nadir']
const sentences = [
  'Have you read it?',
  'Only the first page.',
  'Burn it.',
  'It is cold here.',
  'Call me when you are in.',
]
const screensFile = 'screens.jsonl'

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

/** As much of a device's id as tells it from others here. */
const short = (id: Uint8Array) => hex(id).slice(0, 8)

interface Surplus {
  readonly user: string
  /** from 1: the first envelope to one device more than any screen shows */
  readonly first: number
}

/** Everybody who got mail at more devices than their friends' programs show. */
function surplusIn(folder: string): readonly Surplus[] {
  const shown = readFileSync(join(folder, screensFile), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Shown)
  const most = (name: string) => Math.max(...shown.filter(({ user }) => user === name).map(({ devices }) => devices))
  const records = recordsIn(folder)
  return [...new Set(records.map(({ toUser }) => toUser))].flatMap((user) => {
    const seen = new Set<string>()
    const first = records.findIndex(
      ({ toUser, toDevice }) => toUser === user && seen.add(hex(toDevice)).size > most(user),
    )
    return first === -1 ? [] : [{ user, first: first + 1 }]
  })
}

async function talk({ tell }: Stage, pairs: readonly (readonly Person[])[], random: Parameters<typeof shuffled>[1]) {
  for (const pair of shuffled([...pairs, ...pairs], random)) {
    const [from, to] = shuffled(pair, random) as [Person, Person]
    await tell(from, to, sentences[between(0, sentences.length - 1, random)] ?? '')
  }
}

export const ghost: Exercise = {
  id: 'ghost',
  title: 'Catch the ghost beside one of them',

  async start(folder, random) {
    const [target = '', household = '', ...others] = shuffled(names, random)
    const setup = ghostDevice.setup(random)
    const screens = await onStage(folder, random, async (stage) => {
      const [one, two, three, four] = (await Promise.all([target, household, ...others].map(stage.join))) as [
        Person,
        Person,
        Person,
        Person,
      ]
      await stage.link(two)
      const pairs = shuffled([[one, three] as const, [two, four] as const, [one, two] as const], random)
      await stage.access(ghostDevice, setup)
      // everybody has been written to before, each at the devices they have
      for (const [from, to] of pairs) {
        await stage.tell(from, to, 'Are you there?')
        await stage.tell(to, from, 'Yes.')
      }
      await stage.tap(ghostDevice, setup, target)
      await stage.restart()
      await talk(stage, pairs, random)
      await stage.tell(three, one, 'Who else knows?')
      await stage.tell(four, two, 'Good night.')
      return [one, two, three, four].flatMap(shownBy)
    })
    const wire = recordsIn(folder).map(({ fromUser: from, fromDevice, toUser: to, toDevice, bytes }, i) =>
      JSON.stringify({
        number: i + 1,
        from,
        fromDevice: short(fromDevice),
        to,
        toDevice: short(toDevice),
        bytes: bytes.length,
      }),
    )
    writeFileSync(join(folder, 'wire.jsonl'), `${wire.join('\n')}\n`)
    const lines = shuffled(screens, random).map((one) => JSON.stringify(one))
    writeFileSync(join(folder, screensFile), `${lines.join('\n')}\n`)
    return [
      'Four people talked, and from some moment on a silent device stood beside one of them. wire.jsonl is everything that passed the relay, with the devices; screens.jsonl is how many devices each program shows to its person.',
      'One of them has two devices of their own, and that is no secret.',
      'Beside whom does the ghost stand, and which is the first envelope that it got?',
      'Answer: NAME NUMBER, for example: doormat exercise check ghost "ada 12"',
    ]
  },

  check(folder, answer) {
    const [, name = '', number = ''] = /^([a-z]+)\s+(\d+)$/.exec(answer) ?? []
    if (number === '') return 'Give a name and the number of an envelope, with a space between them.'
    const caught = surplusIn(folder).find(({ user }) => user === name)
    if (!caught)
      return `Every device that got mail for ${name} is one that the screens show, if there is any such person.`
    if (Number(number) !== caught.first)
      return 'That is whom it stands beside. The envelope is another: which device of theirs came last, and never sent anything?'
    return null
  },
}
