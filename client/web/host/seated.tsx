import { useState } from 'preact/hooks'
import type { HostView } from '../../workshop/api.ts'
import { press } from './press.ts'

/** Who has a seat; and how to take one away from a phone that misbehaves, or from somebody who has left. */
export function Seated({ seated }: Pick<HostView, 'seated'>) {
  const [asked, setAsked] = useState<string | null>(null)
  return (
    <section class="aside" aria-labelledby="seated">
      <h2 id="seated">Who has a seat</h2>
      {seated.length === 0 && <p class="faint">Nobody yet.</p>}
      <ul class="seated">
        {seated.map(({ name, isHere }) => (
          <li key={name}>
            <span>
              {name}
              {!isHere && <span class="faint"> (has not come in)</span>}
            </span>
            {asked === name ? (
              <SendOut name={name} done={() => setAsked(null)} />
            ) : (
              <button type="button" onClick={() => setAsked(name)}>
                Send {name} out …
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A second press, so that nobody is sent out by mistake. */
function SendOut({ name, done }: { readonly name: string; readonly done: () => void }) {
  return (
    <div class="buttons">
      <p>
        {name}’s phone is told, and gets and sends nothing more. The wall shows none of its texts. The seat is free, but
        the name stays taken.
      </p>
      <button
        type="button"
        class="danger"
        onClick={() => {
          done()
          press('/host/send-out', { person: name }, `${name} is out.`)()
        }}
      >
        Send {name} out
      </button>
      <button type="button" onClick={done}>
        Keep {name}
      </button>
    </div>
  )
}
