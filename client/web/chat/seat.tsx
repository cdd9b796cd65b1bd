import { useState } from 'preact/hooks'
import { choice, choose, leave } from './state.ts'

/** What somebody can still change who has joined: what the wall may show of them, and whether they stay. */
export function Seat() {
  const [mayShow, setMayShow] = useState(choice)
  const [fault, setFault] = useState<string | null>(null)
  const said = (error: Error) => setFault(error.message)
  async function change(next: boolean): Promise<void> {
    await choose(next)
    setMayShow(next)
    setFault(null)
  }
  return (
    <details class="seat">
      <summary>You in this room</summary>
      {mayShow !== null && (
        <label>
          <input
            type="checkbox"
            checked={mayShow}
            onChange={(event) => {
              void change(event.currentTarget.checked).catch(said)
              // it is ticked when the room has it
              event.currentTarget.checked = mayShow
            }}
          />{' '}
          When a key has opened what I wrote, the wall may show it, with my name.
        </label>
      )}
      <p>Leaving deletes your keys and messages from this phone. Your name stays taken, and on the wall.</p>
      <button type="button" onClick={() => void leave().catch(said)}>
        Leave the room
      </button>
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </details>
  )
}
