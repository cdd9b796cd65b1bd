import { useState } from 'preact/hooks'
import type { HostView } from '../../workshop/api.ts'
import { Person } from './person.tsx'
import { press } from './press.ts'

/** One person, by a court's order and without one: the same key, and the same hands. */
export function Order({ now }: { readonly now: HostView }) {
  const [named, setNamed] = useState('')
  const [other, setOther] = useState('')
  const people = now.mayShow.toSorted()
  const hasKey = now.mode.id !== 'none'
  return (
    <>
      <Person label="The court names" people={people} chosen={named} onChoose={setNamed} />
      <button
        type="button"
        disabled={named === '' || !hasKey}
        onClick={press('/host/order', { person: named }, 'The order is carried out, and stands on the wall.')}
      >
        Carry out the order
      </button>
      <Person label="The clerk is curious about" people={people} chosen={other} onChoose={setOther} />
      <button
        type="button"
        class="danger"
        disabled={other === ''}
        onClick={press('/host/look-up', { person: other }, 'The clerk’s window is on the wall.')}
      >
        Look up without an order
      </button>
    </>
  )
}

/** The key in other hands: a stick, or another state. */
export function Stealing({ now }: { readonly now: HostView }) {
  const inForce = now.modes.find(({ id }) => id === now.mode.id)
  const states = [...new Set(inForce?.holders.map(({ jurisdiction }) => jurisdiction) ?? [])]
  const compel = (names: readonly string[]) =>
    press('/host/take', { by: 'states', states: names }, 'What that state can open is on the wall.')
  const [first = '', second = ''] = states
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          class="danger"
          onClick={press('/host/take', { by: 'thief', all: false }, 'The stick is on the wall.')}
        >
          Steal one key file
        </button>
        <button
          type="button"
          class="danger"
          onClick={press('/host/take', { by: 'thief', all: true }, 'The stick is on the wall.')}
        >
          Steal all key files of the mode
        </button>
      </div>
      {states.length > 0 && (
        <>
          <p class="faint">
            Or no burglar, but a law: assume that a state can make whoever sits there hand over a key, and has a copy of
            what the server keeps.
          </p>
          <div class="buttons">
            {states.map((state) => (
              <button key={state} type="button" onClick={compel([state])}>
                Compel in {state}
              </button>
            ))}
            {states.length > 1 && (
              <button type="button" onClick={compel([first, second])}>
                Compel in {first} and {second}
              </button>
            )}
          </div>
        </>
      )}
      {now.theft && (
        <p>
          In <code>{now.theft.folder}</code>: <code>{now.theft.command}</code>
        </p>
      )}
    </>
  )
}
