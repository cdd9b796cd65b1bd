import { useEffect, useState } from 'preact/hooks'
import { encode } from 'uqr'
import type { NumberView } from '../device/protocol.ts'
import { Qr } from '../shared/qr.tsx'
import { ask } from './device.ts'
import { Devices } from './devices.tsx'
import { Dialog } from './dialog.tsx'
import { tellCompared, ToldToTheRoom } from './exercise.tsx'

/** Two people, side by side: the same number on both phones means that nobody is in between. */
export function Verify({ user, onClose }: { readonly user: string; readonly onClose: () => void }) {
  const [number, setNumber] = useState<NumberView | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  useEffect(() => void ask('number', { user }).then(setNumber, (error: Error) => setSaid(error.message)), [user])

  const decide = (what: 'confirm' | 'refuse', words: string) => () =>
    void ask(what, { user })
      .then(() => setSaid(words))
      .then(() => (what === 'confirm' ? tellCompared(user, 'same') : undefined))
      .catch((error: Error) => setSaid(error.message))
  const different = number?.isChanged
    ? decide('refuse', `The new key is turned away. Ask ${user}, in person, whether they joined again.`)
    : () => {
        setSaid(
          `Then somebody may be between you and ${user}: do not trust this conversation. Tell the host, and compare the lines below, too.`,
        )
        void tellCompared(user, 'different').catch((error: Error) => setSaid(error.message))
      }
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
              <button
                type="button"
                class="main"
                onClick={decide('confirm', `✓ ${user} is verified: nobody is between you.`)}
              >
                All digits are the same
              </button>
              <button type="button" onClick={different}>
                They differ
              </button>
            </div>
          )}
          {said !== null && <p role="status">{said}</p>}
          <details>
            <summary>As words, and the policy that the server shows</summary>
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
