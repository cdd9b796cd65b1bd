import { decodeEnvelope } from '../../../crypto/envelope.ts'
import { grouped } from '../../words/counted.ts'
import type { Exercise } from './model.ts'
import { between, play, recordsIn, shuffled, type Step } from './play.ts'
import { archiveName } from './stage.ts'

const names = ['ilse', 'jamal', 'kaja', 'leo', 'mina', 'nils']
const short = ['Are you there?', 'Yes.', 'Good.', 'See you at nine.', 'I have the tickets.']
const long =
  'I wrote it all down, from the first day to the last, and I will tell it once more so that you have it too. '

/** Numbers of the envelopes that were made while the key lay under the mat, and how large the stanza of one is. */
function sealedIn(folder: string): { readonly numbers: readonly number[]; readonly stanzaBytes: number } {
  let stanzaBytes = 0
  const numbers = recordsIn(folder).flatMap(({ bytes }, i) => {
    const [stanza] = decodeEnvelope(bytes).stanzas
    if (stanza) stanzaBytes = stanza.payload.length
    return stanza ? [i + 1] : []
  })
  return { numbers, stanzaBytes }
}

export const toggle: Exercise = {
  id: 'toggle',
  title: 'Find the moment the key went under the mat',
  minutes: 15,

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
    return {
      story: [
        'Four people wrote to each other for some days. For part of that time the operator had message key escrow switched on: a key lay under the mat, and every envelope carried something that only the authority can open. Nobody tells you when. You have what passed the relay: passed.archive.',
      ],
      steps: [
        {
          text: 'Sort the envelopes by size. The largest ones mislead: a long message is long, and the first envelopes of a conversation carry a handshake.',
          commands: [['doormat', 'wire', archiveName, '--sort', 'size']],
        },
        {
          text: 'Look at them in the order in which they passed. The epoch counts how often the operator has used the switch; a stanza is what an access mode adds to an envelope. Which columns change in the middle?',
          commands: [['doormat', 'wire', archiveName]],
        },
      ],
      question: 'What are the numbers of the first and of the last envelope that the key opens?',
      form: 'two numbers with a hyphen between them',
      example: ['2-4'],
    }
  },

  check(folder, answer) {
    const { numbers } = sealedIn(folder)
    const given = /^(\d+)(?:\s*-\s*|\s*,\s*|\s+(?:to\s+|and\s+)?)(\d+)$/.exec(answer)
    if (!given) return 'Give two numbers with a hyphen between them.'
    if (Number(given[1]) > Number(given[2])) return 'Give the first envelope first: its number is the smaller one.'
    const first = Number(given[1]) === numbers[0]
    const last = Number(given[2]) === numbers.at(-1)
    if (first && last) return null
    if (first || last) return 'One of the two is right. Which envelope is the first with a stanza, and which the last?'
    return 'Neither is right. Which envelopes carry a stanza, and what does their epoch say?'
  },

  why(folder) {
    const { numbers, stanzaBytes } = sealedIn(folder)
    return `Envelopes ${numbers[0]} to ${numbers.at(-1)} carry a stanza of ${grouped(stanzaBytes)} bytes and the policy's second epoch; those before and after carry no stanza. The stanza is the message's own key, sealed to the authority, so it has to travel with every message for as long as the mode is on.`
  },

  discuss:
    'This mode is announced in every envelope and on every screen. What would a mode look like that is not, and what would have to lie?',
}
