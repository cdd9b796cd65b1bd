import type { NumberView } from '../device/protocol.ts'

interface DevicesProps {
  readonly user: string
  readonly number: NumberView
}

/** Which devices get what is written here: under the same account keys that the number is of. */
export const Devices = ({ user, number: { devices } }: DevicesProps) => (
  <details>
    <summary>The devices that get what you two write</summary>
    <ul class="devices">
      {devices.map(({ name, whose }) => (
        <li key={name}>
          <code>{name}</code> {whose === 'this' ? 'this phone' : whose === 'ours' ? 'yours' : `${user}’s`}
        </li>
      ))}
    </ul>
    <p>
      {user}’s list is signed with {user}’s account key, which the number above is of: a server cannot add a device to
      it.
    </p>
    <p>
      But a program can be told to hide one. Under the access mode <em>ghost device</em> the phones of the people whom
      the authority names, and of those who write to them, seal what they send for one more device, and leave it out of
      this list. The number stays the same. You would have to trust whoever made the program, not the list.
    </p>
  </details>
)
