import type { Desk, HostView } from '../../workshop/api.ts'
import { visible } from '../../words/visible.ts'

const titles: Readonly<Record<Desk['who'], string>> = {
  sender: 'Sender',
  network: 'Network',
  server: 'Server',
  authority: 'Authority',
  thief: 'Thief',
  receiver: 'Receiver',
}
const isMeant = ({ who }: Desk) => who === 'sender' || who === 'receiver'

/** One message on its way: each desk shows what that party has of it, and those it has not reached yet show nothing. */
export function Desks({ now: { walk, wall } }: { readonly now: HostView }) {
  if (!walk) return <p class="pad">No message is being followed yet.</p>
  const { from, to, at, desks } = walk
  return (
    <section class="desks" aria-label="One message">
      <h2>{wall.hidesNames ? 'One message' : `One message, from ${from} to ${to}`}</h2>
      <ol>
        {desks.map((desk, i) => (
          <li key={desk.who} class={deskClass(desk, i, at)}>
            <h3>{titles[desk.who]}</h3>
            {i <= at && <What desk={desk} />}
          </li>
        ))}
      </ol>
    </section>
  )
}

function deskClass(desk: Desk, i: number, at: number): string {
  if (i > at) return 'desk ahead'
  const isRead = desk.text !== null && !isMeant(desk)
  return `desk${isRead ? ' read' : ''}${i === at ? ' here' : ''}`
}

const What = ({ desk: { text, bytes, note, who } }: { readonly desk: Desk }) => (
  <>
    {text !== null && (
      <p class={who === 'sender' || who === 'receiver' ? 'says' : 'says exposed'}>
        {visible(text.replaceAll(/\s+/g, ' '))}
      </p>
    )}
    {bytes && (
      <p class="hex">
        {(bytes.hex.match(/.{1,4}/g) ?? []).slice(0, 6).join(' ')} … <span class="size">{bytes.size} bytes</span>
      </p>
    )}
    <p class="note">{visible(note)}</p>
  </>
)
