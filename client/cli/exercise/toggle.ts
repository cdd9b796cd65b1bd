import { decodeEnvelope } from '../../../crypto/envelope.ts'
import type { Exercise } from './model.ts'
import { between, play, recordsIn, shuffled, type Step, writeWire } from './play.ts'

const names = ['ilse', 'jamal', 'kaja', 'leo', 'mina', 'nils']
const short = ['Are you there?', 'Yes.', 'Good.', 'See you at nine.', 'I have the tickets.']
const long =
  'I wrote it all down, from the first day to the last, and I will tell it once more so that you have it too. '

/** Numbers of the envelopes that were made while the key lay under the mat. */
const sealedIn = (folder: string): number[] =>
  recordsIn(folder).flatMap(({ bytes }, i) => (decodeEnvelope(bytes).stanzas.length > 0 ? [i + 1] : []))

export const toggle: Exercise = {
  id: 'toggle',
  title: 'Find the moment the key went under the mat',

  async start(folder, random) {
    const people = shuffled(names, random)
    const pairs = [0, 1].map((i) => [people[2 * i], people[2 * i + 1]] as [string, string])
    const total = between(18, 24, random)
    const on = between(6, 9, random)
    const off = on + between(5, 7, random)
    const steps = Array.from({ length: total }, (_, n): Step[] => {
      const [one, other] = pairs[between(0, 1, random)] as [string, string]
      const [from, to] = between(0, 1, random) === 0 ? [one, other] : [other, one]
      const body =
        between(0, 3, random) === 0
          ? long.repeat(between(2, 16, random))
          : `${short[between(0, short.length - 1, random)]}`
      const say: Step = { from, to, text: `${body} (${n + 1})` }
      return n === on ? [{ access: 'on' }, say] : n === off ? [{ access: 'off' }, say] : [say]
    }).flat()
    await play(folder, pairs, steps, random)
    writeWire(folder)
    return [
      'Four people talked, and for a while a key lay under the mat. wire.jsonl is everything that passed the relay, one numbered line an envelope.',
      'Nobody tells you when. Sizes help and mislead: long messages are longer, and the first ones of a conversation carry a handshake.',
      'Which is the first envelope that the key opens, and which is the last? docs/protocol.md, section 9, says what stands where.',
      'Answer: FIRST-LAST, for example: doormat exercise check toggle 3-7',
    ]
  },

  check(folder, answer) {
    const sealed = sealedIn(folder)
    const given = /^(\d+)\s*-\s*(\d+)$/.exec(answer)
    if (!given) return 'Give two numbers with a hyphen between them.'
    const first = Number(given[1]) === sealed[0]
    const last = Number(given[2]) === sealed.at(-1)
    if (first && last) return null
    if (first || last) return `The ${first ? 'first' : 'last'} is right, the other is not.`
    return 'Neither. Look at the policy epoch: bytes 2 to 5 of every envelope.'
  },
}
