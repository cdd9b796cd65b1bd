import { modes } from '../../crypto/access/index.ts'
import type { HostView } from './api.ts'

/** Who holds what under each mode, in a line for a room of people. */
const holders: Readonly<Record<string, string>> = {
  'none': 'Nobody but the two who talk has a key.',
  'message-key-escrow': 'The authority gets a sealed copy of every message’s key.',
  'session-key-escrow':
    'The authority gets a sealed copy of the key of each run of messages, and can write in your name.',
  'split-escrow': 'The copy is sealed for several custodians, and opens only when enough of them help.',
}

/** The modes that a workshop can switch on: those in which every phone seals a copy, and the server does nothing but carry it. */
export const switches: HostView['modes'] = modes
  .filter(({ tapping }) => !tapping)
  .map(({ id, title }) => ({ id, title, who: holders[id] ?? '' }))
