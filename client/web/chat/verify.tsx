import { useEffect, useState } from 'preact/hooks'
import { encode } from 'uqr'
import type { NumberView } from '../device/protocol.ts'
import { Qr } from '../shared/qr.tsx'
import { ask, view } from './device.ts'
import { Devices } from './devices.tsx'
import { Dialog } from './dialog.tsx'
import { isComparing, tellCompared, ToldToTheRoom } from './exercise.tsx'

/** Whether an access mode opens what is sent between two who have each other’s true keys. */
const isKeyThere = () => !['none', 'ghost-device', 'key-substitution', undefined].includes(view.value?.mode.id)

/** Two people, side by side: the same number on both phones means that no false key is in between. */
export function Verify({ user, onClose }: { readonly user: string; readonly onClose: () => void }) {
  const [number, setNumber] = useState<NumberView | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  useEffect(() => void ask('number', { user }).then(setNumber, (error: Error) => setSaid(error.message)), [user])

  const decide = (what: 'confirm' | 'refuse' | 'differ', words: string) => () =>
    void ask(what, { user })
      .then(() => setSaid(words))
      .then(() => (what === 'refuse' ? undefined : tellCompared(user, what === 'confirm' ? 'same' : 'different')))
      .catch((error: Error) => setSaid(error.message))
  const same = `✓ ${user} is verified. You have said that the numbers match: no false key is between you.${
    isKeyThere() ? ' The key under the mat opens what is sent all the same.' : ''
  }${isComparing() ? ` For the exercise it counts when ${user} has said it, too.` : ''}`
  const different = number?.isChanged
    ? decide('refuse', `The new key is turned away. Ask ${user}, in person, whether they joined again.`)
    : decide('differ', `Then somebody may be between you and ${user}: do not trust this conversation. Tell the host.`)
  return (
    <Dialog title={`Safety number with ${user}`} onClose={onClose}>
      {number && (
        <>
          {number.isChanged && <p class="fault">This is the number of {user}’s new key.</p>}
          <p>
            Hold your phone beside {user}’s, or read it aloud. {user} opens the same page under your name.
          </p>
          <ol class="digits" aria-label="The safety number, in groups of five digits">
            {number.digits.map((group, i) => (
              <li key={i}>{group}</li>
            ))}
          </ol>
          <Qr rows={encode(number.digits.join(''), { border: 2 }).data} label={`The same number as a QR code`} />
          {said === null && <ToldToTheRoom />}
          {said === null && (
            <div class="buttons">
              <button type="button" class="main" onClick={decide('confirm', same)}>
                All digits are the same
              </button>
              <button type="button" onClick={different}>
                They differ
              </button>
            </div>
          )}
          {said !== null && <p role="status">{said}</p>}
          <details>
            <summary>More to compare: the number in words, and the access policy</summary>
            <p>{number.words.join(' ')}</p>
            {number.policy !== null && <p class="breakable">{number.policy}</p>}
          </details>
          <Devices {...{ user, number }} />
        </>
      )}
      {!number && said !== null && <p role="status">{said}</p>}
    </Dialog>
  )
}
