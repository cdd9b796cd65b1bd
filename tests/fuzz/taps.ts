import { ghostDevice, hideGhost } from '../../crypto/access/ghost-device.ts'
import { keySubstitution } from '../../crypto/access/key-substitution.ts'
import type { AccessMode } from '../../crypto/access/mode.ts'
import type { TapLine, Tapping } from '../../crypto/access/tap.ts'
import { concat, field, u8, utf8 } from '../../crypto/bytes.ts'
import { encodePrekey } from '../../crypto/prekeys.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { type Decoder, refusing } from './decoders.ts'
import { accounts } from './samples.ts'

/*
 * What an authority hands to an operator, and what a relay with a ghost in it answers to clients.
 */

const seed = seededRandom('taps')(32)
const { signedList } = at(accounts, 1)

function tappingOf({ id, tapping }: AccessMode): Tapping {
  if (!tapping) throw new Error(`${id} without its tap`)
  return tapping
}
const [ghosts, impostors] = [tappingOf(ghostDevice), tappingOf(keySubstitution)]

/** Nothing is asked of it before somebody has written. */
const line: TapLine = {
  signedList: async () => null,
  areAcquainted: async () => false,
  bundle: async () => null,
  policy() {
    throw new Error('nobody has written')
  },
  submit: async () => undefined,
  now: () => 0,
}

const instrument = ghosts.instrument([seed], ['carol', 'dave'])

function answerAbout(user: string, bytes: Uint8Array) {
  const answer = ghosts.tap(bytes, line).answer('somebody', user, signedList)
  if (!answer || answer instanceof Promise) throw new Error(`no ghost beside ${user}`)
  return answer
}

const answer = answerAbout('carol', instrument).list
/** the line that an encoding begins with */
const first = (bytes: Uint8Array) => bytes.subarray(0, bytes.indexOf(10) + 1)
const beforeTheGhost = first(answer).length + field(signedList).length

/** An instrument once more, out of all that a relay does by it. */
const instrumentAgain = (bytes: Uint8Array): Uint8Array =>
  concat(
    first(instrument),
    ...ghosts.targets(bytes).map((user) => {
      const { list, puppets } = answerAbout(user, bytes)
      const prekeys = at(puppets, 0).prekeys.map((prekey) => field(encodePrekey(prekey)))
      return concat(field(utf8(user)), list.subarray(beforeTheGhost), u8(prekeys.length), ...prekeys)
    }),
  )

const ofLists = refusing('malformed', 'bad-key', 'bad-signature')

export const taps: readonly Decoder[] = [
  {
    name: 'hideGhost',
    samples: [signedList, answer],
    again(bytes) {
      const { signedList, hidden } = hideGhost(bytes)
      // only accounts can make other lists than these
      return hidden.length > 0 ? answer : signedList
    },
    refuses: ofLists,
    cost: 10,
  },
  {
    name: 'tap of ghost-device',
    samples: [instrument],
    again: instrumentAgain,
    refuses: ofLists,
    cost: 30,
  },
  {
    name: 'tap of key-substitution',
    samples: [[], ['carol'], ['carol', 'dave']].map((targets) => impostors.instrument([seed], targets)),
    again(bytes) {
      impostors.tap(bytes, line)
      const given = bytes.slice(first(bytes).length).subarray(0, seed.length)
      return impostors.instrument([given], impostors.targets(bytes))
    },
    refuses: refusing('malformed'),
    cost: 1,
  },
]
