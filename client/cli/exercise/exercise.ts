import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom } from '../../../crypto/random.ts'
import { writeWhole } from '../../../server/disk/whole-file.ts'
import { folded } from '../../words/folded.ts'
import { Stop } from '../exit.ts'
import { print } from '../output.ts'
import { paint } from '../terminal.ts'
import { visible } from '../../words/visible.ts'
import { ghost } from './ghost.ts'
import type { Exercise } from './model.ts'
import { order } from './order.ts'
import { safety } from './safety.ts'
import { shares } from './shares.ts'
import { taskFile } from './stage.ts'
import { thief } from './thief.ts'
import { toggle } from './toggle.ts'
import { wire } from './wire.ts'

export const exercises: readonly Exercise[] = [wire, toggle, thief, order, ghost, safety, shares]

export interface ExerciseFlags {
  readonly dir: string
}

function find(id: string): Exercise {
  const exercise = exercises.find((one) => one.id === id)
  if (!exercise)
    throw new Stop(
      'user',
      `there is no exercise ${visible(id)}; there is ${exercises.map((one) => one.id).join(', ')}`,
      'doormat exercise list',
    )
  return exercise
}

export function list({ dir }: ExerciseFlags): void {
  for (const { id, title } of exercises)
    print(`${paint('bold', id.padEnd(8))}${title}${existsSync(join(dir, id, taskFile)) ? '  (started)' : ''}`)
  print('\nten minutes each; docs/workshop has a page for every one. Begin: doormat exercise start wire')
}

export async function start(id: string, { dir }: ExerciseFlags): Promise<void> {
  const folder = join(dir, id)
  print(`playing your own run of ${id}: a relay and its people, a few seconds …`)
  const task = await find(id).start(folder, systemRandom)
  writeWhole(join(folder, taskFile), `${task.join('\n')}\n`, 0o666)
  print(`\n${task.join('\n')}\n\nyour files: ${folder}\nanswer with: doormat exercise check ${id} ANSWER`)
}

export function check(id: string, answer: string, { dir }: ExerciseFlags): void {
  const folder = join(dir, id)
  const exercise = find(id)
  if (!existsSync(join(folder, taskFile)))
    throw new Stop('user', `you have not started ${id}`, `doormat exercise start ${id}`)
  const hint = exercise.check(folder, folded(answer).toLowerCase())
  if (hint !== null)
    throw new Stop(
      'user',
      `not yet. ${hint}`,
      `read your task again: ${readFileSync(join(folder, taskFile), 'utf8').split('\n')[0]}`,
    )
  print('right.')
}
