import type { HostView } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { press } from './press.ts'

/** Addresses from which many have come in: one phone that takes seats, or phones that share an address. The host can tell. */
export const AtTheDoor = ({ asking }: Pick<HostView, 'asking'>) =>
  asking.map(({ address, seats }) => (
    <section key={address} class="fault" aria-label={`Somebody asks from ${address}`}>
      <p>
        {counted(seats, 'person has', 'people have')} come in from {address}, and one more wants to. Do phones in this
        Wi-Fi share an address, or does one phone take seats?
      </p>
      <button
        type="button"
        onClick={press('/host/let-in', { address }, `Whoever comes from ${address} can join: they press Join again.`)}
      >
        Let all in from {address}
      </button>
    </section>
  ))
