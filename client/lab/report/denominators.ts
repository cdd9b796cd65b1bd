import { grouped } from '../../words/counted.ts'
import type { LabResult } from '../runs/result.ts'
import { sum } from './words.ts'

export const denominatorColumns = ['messages', 'how many'] as const

/** Of what each “of so many” is: all messages by time, and those of the time of the mode by who complies. */
export function denominators({ modes, world }: LabResult): readonly (readonly [string, string])[] {
  const cell = modes.flatMap(({ cells }) => cells).find(({ adversary }) => adversary === 'wire')
  if (!cell) return []
  const { before, during, after, again } = cell.messages
  const complying = cell.complying.messages.of
  const parts: readonly (readonly [string, number])[] = [
    ['sent before a mode was on', before.of],
    ['sent while it was on', during.of],
    ['of these, by pairs who comply', complying],
    ['of these, by pairs who evade', during.of - complying],
    ['sent after it was off', after.of],
    ['sent after another state had it switched on again', again.of],
    ['all of them', sum([before.of, during.of, after.of, again.of])],
  ]
  return [...parts, ...envelopes({ modes, world })].map(([what, count]) => [what, grouped(count)])
}

/** With no access mode one envelope carries one message; the rest went by a client that does not use this server. */
function envelopes({ modes, world }: Pick<LabResult, 'modes' | 'world'>): readonly (readonly [string, number])[] {
  const none = modes.find(({ id }) => id === 'none')
  const foreign = new Set(world.evading.filter(({ by }) => by === 'foreign client').map(({ pair }) => pair))
  const elsewhere = sum(world.conversations.filter(({ pair }) => foreign.has(pair)).map(({ messages }) => messages))
  return none && elsewhere > 0 && none.envelopes + elsewhere === world.messages
    ? [
        ['of all, sent by a client that does not use this server', elsewhere],
        ['of all, in envelopes at this server (with no access mode)', none.envelopes],
      ]
    : []
}

/** The same of conversations. */
export const pairsWords = ({ world: { conversations, evading, compared } }: LabResult): string =>
  `Of ${grouped(conversations.length)} conversations ${grouped(conversations.length - evading.length)} are between pairs who comply (the first tables). ${grouped(conversations.length - compared)} are between pairs who had not compared safety numbers (the experiment with a dishonest server): another selection, in which evaders are counted.`
