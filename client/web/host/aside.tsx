import { useState } from 'preact/hooks'
import type { HostView } from '../../workshop/api.ts'
import { press } from './press.ts'

const sceneNames: Readonly<Record<HostView['wall']['scene'], string>> = {
  door: 'The door',
  room: 'The room',
  walk: 'One message',
  order: 'Order and clerk',
  time: 'The line of time',
}
const scenes = Object.keys(sceneNames) as HostView['wall']['scene'][]

/** What the wall shows, and a seat for somebody with a terminal: at any time. */
export function Aside({ now: { addresses, certificate, wall } }: { readonly now: HostView }) {
  const [name, setName] = useState('')
  const room = URL.canParse(addresses[0] ?? '') ? new URL(addresses[0] ?? '').origin : ''
  const trust = certificate ? `--tls-ca ${certificate.file}` : '--trusted-network'
  const change = (part: Partial<HostView['wall']>) => press('/host/wall', part, 'Done.')
  return (
    <section aria-labelledby="aside" class="aside">
      <h2 id="aside">At any time</h2>
      <fieldset class="buttons">
        <legend>The wall shows</legend>
        {scenes.map((scene) => (
          <button key={scene} type="button" aria-pressed={wall.scene === scene} onClick={change({ scene })}>
            {sceneNames[scene]}
          </button>
        ))}
      </fieldset>
      <div class="buttons">
        <button type="button" aria-pressed={wall.isBlank} onClick={change({ isBlank: !wall.isBlank })}>
          {wall.isBlank ? 'Show the wall again' : 'Blank the wall'}
        </button>
        <button type="button" aria-pressed={wall.isFrozen} onClick={change({ isFrozen: !wall.isFrozen })}>
          {wall.isFrozen ? 'Let the wall go on' : 'Freeze the wall'}
        </button>
        <button type="button" aria-pressed={wall.hidesNames} onClick={change({ hidesNames: !wall.hidesNames })}>
          {wall.hidesNames ? 'Show names' : 'Hide names'}
        </button>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          press('/host/seat', { name }, `${name} has a seat: doormat register ${name} --relay ${room} ${trust}`)()
        }}
      >
        <label>
          A seat for somebody with a terminal
          <input
            type="text"
            value={name}
            pattern="[a-z][a-z0-9._\-]*"
            required
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Give the seat</button>
      </form>
    </section>
  )
}
