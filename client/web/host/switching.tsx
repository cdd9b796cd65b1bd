import { useState } from 'preact/hooks'
import type { HostView } from '../../workshop/api.ts'
import { listed } from '../../words/listed.ts'
import { Person } from './person.tsx'
import { press } from './press.ts'

/** The switch: which mode, and for whom where it is for some only. */
export function Switching({ now }: { readonly now: HostView }) {
  const keys = now.modes.filter(({ id }) => id !== 'none')
  const [mode, setMode] = useState(keys[0]?.id ?? '')
  const [person, setPerson] = useState('')
  const chosen = keys.find(({ id }) => id === mode)
  const groups = [...new Set(keys.map(({ group }) => group))]
  const people = chosen?.isForSome && person !== '' ? [person] : []
  const isInForce = now.mode.id === mode && now.tapped.join() === people.join()
  return (
    <>
      <label>
        Which access mode
        <select value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
          {groups.map((group) => (
            <optgroup key={group} label={group}>
              {keys
                .filter((one) => one.group === group)
                .map(({ id, title }) => (
                  <option key={id} value={id}>
                    {title}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      {chosen && <p class="faint">{chosen.who}</p>}
      {chosen?.isForSome && (
        <Person label="For whom" people={now.mayShow.toSorted()} chosen={person} onChoose={setPerson} />
      )}
      <button
        type="button"
        class="danger"
        disabled={isInForce || (chosen?.isForSome === true && person === '')}
        onClick={press('/host/switch', { mode, people }, 'The key is under the mat: every phone says so.')}
      >
        Throw the switch
      </button>
      {now.tapped.length > 0 && <p>Tapped: {listed(now.tapped)}.</p>}
    </>
  )
}
