import { hex } from '../../crypto/bytes.ts'
import { words } from '../../crypto/words.ts'
import { backup } from './backups.ts'
import { archive, encoding, keyed, numbers } from './basics.ts'
import { conversation } from './conversation.ts'
import { groups } from './groups.ts'
import { attachments, contents, linking } from './kinds.ts'
import { cast } from './people.ts'

export const vectorsFile = new URL('v2.json', import.meta.url)

const about =
  'Every step of docs/protocol.md, suite 2: inputs and outputs, byte strings in lower-case hex. The prekeys are of ' +
  'Bob, the first of the identities is Alice, who opens the session with handshakes.full. Each message tells where ' +
  'its sender and its recipient stand after it; before the first they stand where ratchet says.'

/** Everything that the specification makes of fixed inputs. */
export function vectors() {
  const { alice, bob, policy, entries } = cast()
  const { handshakes, start, messages, envelopes } = conversation(alice, bob, policy)
  return {
    about,
    encoding: encoding(),
    keyed: keyed(),
    ...entries,
    handshakes,
    ratchet: start,
    messages,
    safetyNumber: numbers(alice.list, bob.list),
    archive: archive(alice.device.record, bob.device.record, envelopes),
    words,
    contents: contents(),
    attachments: attachments(),
    groups: groups(),
    backup: backup(),
    linking: linking(),
  }
}

/** As it stands in a file: bytes in hex. */
export type Written<T> = T extends Uint8Array ? string : T extends object ? { [K in keyof T]: Written<T[K]> } : T
export type Vectors = Written<ReturnType<typeof vectors>>

export const vectorsText = (): string =>
  `${JSON.stringify(vectors(), (_, value: unknown) => (value instanceof Uint8Array ? hex(value) : value), 2)}\n`
