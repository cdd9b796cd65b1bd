import { useState } from 'preact/hooks'
import { listed } from '../../words/listed.ts'
import { press } from './press.ts'

/** Two presses, so that nobody purges a room by mistake. */
export function Reset({ people }: { readonly people: readonly string[] }) {
  const [isSure, setSure] = useState(false)
  if (!isSure)
    return (
      <button type="button" onClick={() => setSure(true)}>
        Purge everything …
      </button>
    )
  return (
    <div class="buttons">
      <p>
        This deletes all messages, keys and accounts
        {people.length > 0 && ` of ${listed(people.slice(0, 5))}${people.length > 5 ? ' and others' : ''}`}.
      </p>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setSure(false)
          press('/host/reset', {}, 'A new round has begun, with a new code.')()
        }}
      >
        Purge, and begin a new round
      </button>
      <button type="button" onClick={() => setSure(false)}>
        Keep everything
      </button>
    </div>
  )
}
