import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { base64url } from '../../../crypto/bytes.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import type { Random } from '../../../crypto/random.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import { accessArguments, openConversations, pass, startRelayProcess } from '../cast.ts'
import { finish, killAll } from '../running.ts'
import { archiveName, emptied } from './stage.ts'

/** What happens in a run, in order: somebody says something, or the operator uses the switch. */
export type Step =
  | { readonly from: string; readonly to: string; readonly text: string }
  | { readonly access: 'on' | 'off' }

const switches = {
  on: ['on', 'message-key-escrow', '--authority-key', join('..', 'escrow.key.pub')],
  off: ['off'],
} as const

/**
 * Plays the steps with real processes in a folder, and leaves there what passed the relay.
 * @param keeps files of the run that its player gets to see
 */
export async function play(
  folder: string,
  pairs: readonly (readonly [string, string])[],
  steps: readonly Step[],
  keeps: readonly string[],
): Promise<void> {
  const stage = emptied(folder)
  try {
    const { url } = await startRelayProcess(stage, join('..', archiveName))
    await finish('authority', ['authority', 'init', '--out', join('..', 'escrow.key')], stage)
    const cast = await openConversations(pairs, url, stage)
    let epoch = 1
    for (const step of steps) {
      if ('text' in step) {
        await pass(cast, step.from, step.to, step.text)
        continue
      }
      epoch += 1
      await finish('operator', accessArguments(url, ...switches[step.access]), stage)
      for (const device of cast.values()) await device.line(`(epoch ${epoch}). `)
    }
  } finally {
    await killAll()
  }
  rmSync(stage, { recursive: true })
  for (const name of [archiveName, 'escrow.key', 'escrow.key.pub'].filter((one) => !keeps.includes(one)))
    rmSync(join(folder, name))
}

export const recordsIn = (folder: string): RecordedEnvelope[] => [...archiveEvidence(join(folder, archiveName))]

/** The wire as lines of JSON, for whoever looks at it with ordinary tools. */
export function writeWire(folder: string): void {
  const lines = recordsIn(folder).map(({ time, fromUser, toUser, bytes }, i) =>
    JSON.stringify({
      number: i + 1,
      time: new Date(time).toISOString(),
      from: fromUser,
      to: toUser,
      bytes: bytes.length,
      envelope: base64url(bytes),
    }),
  )
  writeFileSync(join(folder, 'wire.jsonl'), `${lines.join('\n')}\n`)
}

/** A whole number from `least` to `most`. */
export const between = (least: number, most: number, random: Random): number =>
  least + (new DataView(random(4).buffer).getUint32(0) % (most - least + 1))

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  return items.map(() => left.splice(between(0, left.length - 1, random), 1)[0] as T)
}

export const code = (random: Random): string =>
  Array.from(random(3), (byte) => byte.toString(16).padStart(2, '0')).join('')
