import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { counted } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'
import { accessArguments, type Cast, pass } from '../cast.ts'
import { finish } from '../running.ts'
import { countRead, linesOf, openAll, type Read, readAll } from './looking.ts'
import { conversations } from './people.ts'
import { expect, type Stage } from './stage.ts'

/** How many messages the key opens, by when they were sent. */
export interface Stolen {
  readonly after: number
  readonly opened: { readonly before: number; readonly sent: number; readonly after: number }
}

export async function thief(
  stage: Stage,
  cast: Cast,
  { before, sent }: { readonly before: readonly string[]; readonly sent: readonly string[] },
  readings: readonly Read[],
): Promise<Stolen> {
  const { folder, narrator } = stage
  narrator.screen('5 of 6. All delete everything, and a thief has two files')
  const after = await withoutKey(stage, cast)
  const last = await readAll(folder)
  const opened = { before: countRead(last, before), sent: countRead(last, sent), after: countRead(last, after) }
  expect(opened.before + opened.after === 0, 'the key opens what was sent while it did not lie under the mat')
  narrator.say(
    `The operator takes the key away, and the three conversations go on with ${counted(after.length, 'message')}. The key opens ${opened.after} of them, as it opens ${opened.before} of the ${before.length} from before.`,
  )
  for (const [name, device] of cast) {
    narrator.starting(`${name} deletes history and keys`)
    await device.stop()
    rmSync(join(folder, name), { recursive: true })
  }
  narrator.say(`Then ${listed([...cast.keys()])} delete their history and all their keys.`)
  narrator.space()
  narrator.say('A thief has copied two files, escrow.key and passed.archive, to a laptop without a network:')
  const den = join(folder, 'den')
  mkdirSync(den)
  for (const name of ['escrow.key', 'passed.archive']) copyFileSync(join(folder, name), join(den, name))
  const { printed, readings: stolen } = await openAll({ ...stage, folder: den }, 'thief')
  const same = (list: readonly Read[]) => list.map(({ line }) => line).join('\n')
  expect(same(stolen) === same(readings), 'the thief did not read the same')
  for (const { people } of conversations)
    for (const line of linesOf(printed, stolen, people)) await narrator.reads('thief', line)
  narrator.say(
    `${stolen.length} of ${counted(sent.length, 'message')} from under the mat, byte for byte what the authority read.`,
  )
  return { after: after.length, opened }
}

/** @returns what is said once the key has been taken away */
async function withoutKey({ folder, relayUrl, narrator }: Stage, cast: Cast): Promise<readonly string[]> {
  narrator.starting('the operator takes the key away, and everybody goes on talking')
  await finish('operator', accessArguments(relayUrl, 'off'), folder)
  for (const device of cast.values()) await device.line('(epoch 3)')
  const said: string[] = []
  for (const { people, after } of conversations)
    for (const [who, text] of after) {
      await pass(cast, people[who], people[1 - who] as string, text)
      said.push(text)
    }
  return said
}
