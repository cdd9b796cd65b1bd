import { modes } from '../../crypto/access/index.ts'
import { systemRandom } from '../../crypto/random.ts'
import type { HostView } from './api.ts'

type Switch = HostView['modes'][number]

/** Who holds what under each mode, in a line for a room of people. */
const holders: Readonly<Record<string, string>> = {
  'none': 'Nobody but the two who talk has a key.',
  'message-key-escrow': 'The authority gets a sealed copy of every message’s key.',
  'session-key-escrow':
    'The authority gets a sealed copy of the key of each run of messages, and can write in your name.',
  'split-escrow': 'The copy is sealed for several custodians, and opens only when enough of them help.',
  'ghost-device': 'The authority is a hidden extra device of the people it names, and gets what they send and receive.',
  'key-substitution': 'The server hands out false keys for the people the authority names, and reads in between.',
}

/** What a workshop can switch on. Keys that are made here only say whose they would be; the authority makes its own. */
export const switches: readonly Switch[] = modes.map((mode) => ({
  id: mode.id,
  title: mode.title,
  group: mode.id === 'none' ? 'No key' : mode.tapping ? 'Somebody is let in' : 'A key is kept by somebody',
  who: holders[mode.id] ?? '',
  isForSome: mode.tapping !== undefined,
  holders: mode.setup(systemRandom).secrets.map(({ holder, jurisdiction }) => ({ holder, jurisdiction })),
}))

export const switchCalled = (id: string): Switch | null => switches.find((one) => one.id === id) ?? null
