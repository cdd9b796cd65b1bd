import { join } from 'node:path'
import { messageKeyEscrow } from '../../../crypto/access/message-key-escrow.ts'
import { type ModeSetup, none, type RecordedEnvelope } from '../../../crypto/access/mode.ts'
import type { Random } from '../../../crypto/random.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import { writeKeyFiles } from '../../authority/key-file.ts'
import { archiveName, onStage, type Person } from './stage.ts'

/** What happens in a run, in order: somebody says something, or the operator uses the switch. */
export type Step =
  | { readonly from: string; readonly to: string; readonly text: string }
  | { readonly access: 'on' | 'off' }

/**
 * Plays the steps, some hours apart, and leaves in the folder what passed the relay.
 * @returns the key that was put under the mat
 */
export async function play(
  folder: string,
  pairs: readonly (readonly [string, string])[],
  steps: readonly Step[],
  random: Random,
): Promise<ModeSetup> {
  const setup = messageKeyEscrow.setup(random)
  await onStage(folder, random, async ({ access, join, tell, wait }) => {
    const cast = new Map<string, Person>()
    for (const name of pairs.flat()) cast.set(name, await join(name))
    const called = (name: string) => cast.get(name) as Person
    for (const step of steps) {
      wait(someTime(random))
      if ('text' in step) await tell(called(step.from), called(step.to), step.text)
      else if (step.access === 'on') await access(messageKeyEscrow, setup)
      else await access(none, none.setup(random))
    }
  })
  return setup
}

/** In minutes, between one message and the next. */
export const someTime = (random: Random): number => between(15, 220, random)

/** As the authority keeps it. */
export const writeEscrowKey = (folder: string, { parameters, secrets }: ModeSetup): void =>
  void writeKeyFiles(
    join(folder, 'escrow.key'),
    messageKeyEscrow.id,
    secrets.map(({ bytes }) => bytes),
    parameters,
  )

export const recordsIn = (folder: string): RecordedEnvelope[] => [...archiveEvidence(join(folder, archiveName))]

/** A whole number from `least` to `most`. */
export const between = (least: number, most: number, random: Random): number =>
  least + (new DataView(random(4).buffer).getUint32(0) % (most - least + 1))

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  return items.map(() => left.splice(between(0, left.length - 1, random), 1)[0] as T)
}

export const code = (random: Random): string =>
  Array.from(random(3), (byte) => byte.toString(16).padStart(2, '0')).join('')
